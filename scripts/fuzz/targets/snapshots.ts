// Snapshots of state, keyed and not, and what all of them lie in. What is sealed with a checksum is read as it was sealed or
// refused; behind a right checksum nothing is believed either.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { FrameBuffer, frameCodec, longWatermark, Types } from '@millrace/core'
import {
  decodeOperatorState,
  decodeTape,
  encodeTape,
  KeyedSnapshotReader,
  KeyedSnapshotWriter,
  OperatorStateBackend,
  outlineSnapshot,
} from '@millrace/state'
import type { SeededRandom } from '@millrace/testing'
import { ROOT } from '../../run-command.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutateJson } from '../mutate-json.ts'

/** As many as the kept snapshots have. */
const KEY_GROUPS = 128
const ALL = { start: 0, end: KEY_GROUPS - 1 }

/** Where the length of the JSON header is, and where the header begins. */
const HEADER_LENGTH_AT = 12
const HEADER_START = 16
const TRAILER_BYTES = 8

/** Keyed state and timers. */
export const keyedSnapshotTarget: FuzzTarget = {
  name: 'keyed-snapshot',
  seeds: () => [
    kept('keyed.snapshot'),
    kept('timers.snapshot'),
    writtenKeyed(),
    new KeyedSnapshotWriter({ keyType: Types.string, maxParallelism: KEY_GROUPS }).finish(),
  ],
  mutate: mutateHeader,
  repair: sealed,
  read: readKeyed,
  codes: ['CHECKPOINT_CORRUPT', 'STATE_INCOMPATIBLE', 'TYPE_INVALID'],
  weightPerByte: 128,
}

/** Lists and broadcast maps. */
export const operatorSnapshotTarget: FuzzTarget = {
  name: 'operator-snapshot',
  seeds: () => [
    kept('operator.snapshot'),
    new OperatorStateBackend({ subtaskIndex: 1, parallelism: 2 }).snapshot(),
  ],
  mutate: mutateHeader,
  repair: sealed,
  read: readOperator,
  codes: ['CHECKPOINT_CORRUPT', 'STATE_INCOMPATIBLE', 'TYPE_INVALID'],
  weightPerByte: 128,
}

/** What was in flight to an operator. */
export const tapeTarget: FuzzTarget = {
  name: 'tape',
  seeds: () => [writtenTape(), encodeTape({ start: [], edges: [], items: [] })],
  mutate: mutateHeader,
  repair: sealed,
  read: readTape,
  codes: ['CHECKPOINT_CORRUPT', 'STATE_INCOMPATIBLE', 'TYPE_INVALID', 'FRAME_CORRUPT'],
  weightPerByte: 128,
}

function writtenTape(): Uint8Array {
  const frame = new FrameBuffer(new ArrayBuffer(1024))
  const byteLength = frameCodec(Types.string).encode(frame, 0, ['a', 'é'], Float64Array.of(1, 2), 2)
  const watermark = { declaration: longWatermark('newest'), value: 7 }
  return encodeTape({
    start: [100],
    edges: [{ id: 'a-b', input: 0, type: Types.string }],
    items: [
      { kind: 'frame', edge: 0, bytes: new Uint8Array(frame.buffer.slice(0, byteLength)) },
      { kind: 'time', input: 0, watermark: 200 },
      { kind: 'generalized', edge: 0, writer: 1, writers: 2, watermark },
    ],
  })
}

/** The tape, and the records of its frames. */
function readTape(bytes: Uint8Array): unknown {
  const { edges, items, start } = decodeTape(bytes)
  const records = items.map((item) => {
    if (item.kind !== 'frame') return item
    const taken: unknown[] = []
    const source = new FrameBuffer(item.bytes.slice().buffer)
    const type = edges[item.edge]?.type ?? Types.any()
    return frameCodec(type).decode(source, 0, taken, new Float64Array(256)) && taken
  })
  return { edges, start, records }
}

function kept(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(ROOT, 'packages/state/test-data/v1', name)))
}

function writtenKeyed(): Uint8Array {
  const writer = new KeyedSnapshotWriter({ keyType: Types.string, maxParallelism: KEY_GROUPS })
  const counts = { name: 'counts', kind: 'value', valueType: Types.long, hasTimes: true } as const
  writer.writeTable(counts, (add) => ['a', 'b', 'é'].forEach((key, at) => add(key, 0, at)))
  const windows = { name: '$window', kind: 'window', valueType: Types.array(Types.any()) }
  writer.writeTable(windows, (add) => add('a', 60_000, [1, 'two', { three: 3 }]))
  return writer.finish()
}

/** Everything that a restored subtask reads, and that the inspector of checkpoints sees as many entries. */
async function readKeyed(bytes: Uint8Array): Promise<unknown> {
  const outlining = outlineOf(bytes)
  // A refusal by the reader comes first, and then the other one need not be looked at.
  outlining.catch(() => {})
  const entries = readEntries(bytes)
  const outline = await outlining
  if (outline?.kind !== 'keyed') throw new Error('the outline says that it is no keyed snapshot')
  const counted = outline.tables.reduce((sum, table) => sum + table.entries, 0)
  if (counted !== entries.length) throw new Error(`${entries.length} entries, outlined ${counted}`)
  return entries
}

async function readOperator(bytes: Uint8Array): Promise<unknown> {
  const outlining = outlineOf(bytes)
  outlining.catch(() => {})
  const { states } = decodeOperatorState(bytes)
  const outline = await outlining
  if (outline?.kind !== 'operator') throw new Error('the outline says that it is no operator state')
  const counts = outline.states.map((state) => state.entries).join()
  if (counts !== states.map((state) => state.entries.length).join()) {
    throw new Error(`the outline counts ${counts}`)
  }
  return states
}

function outlineOf(bytes: Uint8Array): ReturnType<typeof outlineSnapshot> {
  const read = async (position: number, byteLength: number): Promise<Uint8Array> => {
    if (position < 0 || position + byteLength > bytes.length) throw new Error('read outside')
    return bytes.subarray(position, position + byteLength)
  }
  return outlineSnapshot({ sizeBytes: bytes.length, read })
}

/** All keys, all tables, and those that nobody claims, which are copied. */
function readEntries(bytes: Uint8Array): readonly unknown[] {
  const reader = new KeyedSnapshotReader([bytes], ALL)
  const entries: unknown[] = []
  const tables = reader.unclaimedTables()
  for (const table of tables) {
    for (const { bytes: frame } of table.frames()) {
      if (frame.length === 0) throw new Error('an empty frame')
    }
    table.forEachEntry((key, namespace, value) => entries.push([key, namespace, value]))
  }
  reader.checkKeys({ keyType: tables[0]?.keyType ?? Types.string, maxParallelism: KEY_GROUPS })
  for (const { name, kind, valueType, hasTimes, keyType } of tables) {
    const wanted = { kind, keyType, valueType, hasTimes }
    new KeyedSnapshotReader([bytes], ALL).readTable(name, wanted, () => {})
  }
  return entries
}

/** Another header of JSON, or another header of the first table, with everything else right. */
function mutateHeader(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const headerBytes = Buffer.from(bytes).readUInt32LE(HEADER_LENGTH_AT)
  const bodyStart = HEADER_START + padded(headerBytes)
  const header = textIn(bytes, HEADER_START, headerBytes)
  const body = bytes.subarray(bodyStart, bytes.length - TRAILER_BYTES)
  if (header === undefined) return bytes
  const inTable = random.chance(0.5) && bytes[2] === MAGIC_OF_KEYED
  const parts = inTable
    ? [jsonPart(header), mutatedTable(body, random)]
    : [jsonPart(mutateJson(header, random)), body]
  const [json, rest] = parts as [Buffer, Uint8Array]
  const head = Buffer.from(bytes.subarray(0, HEADER_START))
  head.writeUInt32LE(inTable ? headerBytes : trimmedLength(json), HEADER_LENGTH_AT)
  return sealed(Buffer.concat([head, json, rest, Buffer.alloc(TRAILER_BYTES)]))
}

/** `K` of `MRKS`: its snapshots hold tables. */
const MAGIC_OF_KEYED = 0x4b

const TABLE_PREFIX_BYTES = 8

function mutatedTable(body: Uint8Array, random: SeededRandom): Uint8Array {
  if (body.length < TABLE_PREFIX_BYTES) return body
  const prefix = Buffer.from(body.subarray(0, TABLE_PREFIX_BYTES))
  const headerBytes = prefix.readUInt32LE(4)
  const header = textIn(body, TABLE_PREFIX_BYTES, headerBytes)
  if (header === undefined) return body
  const json = jsonPart(mutateJson(header, random))
  const grown = json.length - padded(headerBytes)
  prefix.writeInt32LE((prefix.readInt32LE(0) + grown) | 0, 0)
  prefix.writeUInt32LE(trimmedLength(json), 4)
  return Buffer.concat([prefix, json, body.subarray(TABLE_PREFIX_BYTES + padded(headerBytes))])
}

/** JSON at a place, or nothing if an earlier mutation has left none there. */
function textIn(bytes: Uint8Array, start: number, byteLength: number): string | undefined {
  const text = Buffer.from(bytes).toString('utf8', start, start + byteLength)
  try {
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

function jsonPart(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)])
}

/** Without the zeros at the end; JSON has none. */
function trimmedLength(json: Buffer): number {
  let length = json.length
  while (length > 0 && json[length - 1] === 0) length--
  return length
}

function padded(byteLength: number): number {
  return Math.ceil(byteLength / 8) * 8
}

/** The bytes with a right length and checksum. */
function sealed(bytes: Uint8Array): Uint8Array {
  const size = Math.floor(bytes.length / 8) * 8
  const copy = Buffer.from(bytes.subarray(0, size))
  if (size < HEADER_START + TRAILER_BYTES) return copy
  copy.writeUInt32LE(size, 8)
  copy.writeUInt32LE(crc32(copy.subarray(0, size - TRAILER_BYTES)), size - TRAILER_BYTES)
  copy.writeUInt32LE(0, size - 4)
  return copy
}
