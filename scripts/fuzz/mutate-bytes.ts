// Makes hostile bytes out of good ones: what a disk, a network or an attacker does to them. All chance comes from the seed.

import type { SeededRandom } from '@millrace/testing'

/** An input is not grown beyond this: what matters is found with few bytes. */
export const INPUT_BYTES_MAX = 64 * 1024

/** One to four changes to `bytes`; `other` is a second input to take pieces from. The arguments stay as they are. */
export function mutateBytes(
  bytes: Uint8Array,
  other: Uint8Array,
  random: SeededRandom,
): Uint8Array {
  let mutated = Buffer.from(bytes)
  const changes = random.integer({ min: 1, max: 4 })
  for (let change = 0; change < changes; change++) {
    mutated = pick(CHANGES, random)(mutated, other, random)
  }
  return mutated.subarray(0, INPUT_BYTES_MAX)
}

/** One of a list that is not empty. */
export function pick<T>(list: readonly T[], random: SeededRandom): T {
  return list[random.integer({ min: 0, max: list.length - 1 })] as T
}

type Change = (bytes: Buffer, other: Uint8Array, random: SeededRandom) => Buffer<ArrayBuffer>

const CHANGES: readonly Change[] = [
  flipBit,
  setByte,
  setNumber,
  setNumber,
  cut,
  remove,
  repeat,
  insert,
  splice,
  replaceToken,
  replaceToken,
]

function flipBit(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes)
  const at = placeIn(copy, random)
  if (copy.length > 0) copy[at] = (copy[at] as number) ^ (1 << random.integer({ min: 0, max: 7 }))
  return copy
}

function setByte(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[placeIn(copy, random)] = pick([0, 1, 0x7f, 0x80, 0xff], random)
  return copy
}

/** Lengths, counts and places are numbers of 1, 2, 4 or 8 bytes; these are where reading them goes wrong. */
function setNumber(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes)
  const width = pick([2, 4, 4, 8], random)
  if (copy.length < width) return copy
  const at = Math.floor(placeIn(copy, random) / width) * width
  if (at + width > copy.length) return copy
  if (width === 8) copy.writeDoubleLE(pick(EXTREME_DOUBLES, random), at)
  else if (width === 4) copy.writeUInt32LE(extremeWord(copy.readInt32LE(at), random) >>> 0, at)
  else copy.writeUInt16LE(extremeWord(copy.readUInt16LE(at), random) & 0xffff, at)
  return copy
}

const EXTREME_DOUBLES = [0, -0, 1, -1, 0.5, 2 ** 53, -(2 ** 63), 1e308, NaN, Infinity, -Infinity]

function extremeWord(was: number, random: SeededRandom): number {
  const words = [0, 1, -1, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0x1000_0000, 65_535]
  return pick([...words, was + 1, was - 1, was + 8, was - 8, -was, was * 2, was << 16], random)
}

function cut(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.subarray(0, placeIn(bytes, random)))
}

function remove(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const [start, end] = spanIn(bytes, random)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
}

function repeat(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const [start, end] = spanIn(bytes, random)
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
}

function insert(bytes: Buffer, _other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const at = placeIn(bytes, random)
  const more = Buffer.alloc(
    random.integer({ min: 1, max: 16 }),
    pick([0, 0xff, 0x5b, 0x91], random),
  )
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
}

/** The front of one input and the back of the other. */
function splice(bytes: Buffer, other: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  return Buffer.concat([
    bytes.subarray(0, placeIn(bytes, random)),
    other.subarray(placeIn(other, random)),
  ])
}

/** Text formats: one number, word or string becomes another one, which still parses. */
function replaceToken(
  bytes: Buffer,
  _other: Uint8Array,
  random: SeededRandom,
): Buffer<ArrayBuffer> {
  const text = bytes.toString('latin1')
  const tokens = [...text.matchAll(/-?\d+(?:\.\d+)?|"[^"\\]{0,60}"|true|false|null|[[\]{},:;=\n]/g)]
  if (tokens.length === 0) return Buffer.from(bytes)
  const { index, 0: token } = pick(tokens, random)
  const changed = text.slice(0, index) + pick(TOKENS, random) + text.slice(index + token.length)
  return Buffer.from(changed, 'latin1')
}

const TOKENS = [
  ...['0', '-1', '0.5', '1e999', '-9007199254740993', '4294967296', '', '"', '""', 'null', 'true'],
  ...['{}', '[]', '[', ']', '{', '}', ',', ':', '\n', '\r\n', '\\', '"\\ud800"', '"__proto__"'],
  ...['"constructor"', '"\\u0000"', '\u0000', '\u00ef\u00bb\u00bf', '[[[[[[[[', '{"a":{"a":'],
]

function placeIn(bytes: Uint8Array, random: SeededRandom): number {
  return random.integer({ min: 0, max: Math.max(0, bytes.length - 1) })
}

function spanIn(bytes: Uint8Array, random: SeededRandom): readonly [number, number] {
  const start = placeIn(bytes, random)
  return [start, Math.min(bytes.length, start + random.integer({ min: 1, max: 64 }))]
}
