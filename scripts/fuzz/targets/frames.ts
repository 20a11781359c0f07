// Frames of every type kind. The first 8 bytes choose the type, so that a frame is also read as one of another type. The
// generated codec and the interpreted one must answer the same.

import { isDeepStrictEqual } from 'node:util'
import { Decimal, FrameBuffer, type FrameCodec, type TypeInfo } from '@millrace/core'
import fc from 'fast-check'
import { anyType, valueOf } from '../../../packages/core/src/serialization/any-type.fuzz.ts'
import { frameCorrupt } from '../../../packages/core/src/serialization/frame-envelope.ts'
import { generatedFrameCodec } from '../../../packages/core/src/serialization/generated-frame-codec.ts'
import { interpretedFrameCodec } from '../../../packages/core/src/serialization/interpreted-frame-codec.ts'
import {
  packValues,
  unpackValues,
} from '../../../packages/core/src/serialization/untyped-values.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const TYPES = 64
const CHOICE_BYTES = 8
const RECORDS_MAX = 64

/** The codec of frames, generated and interpreted. */
export const framesTarget: FuzzTarget = {
  name: 'frames',
  seeds: () => codecs().flatMap(({ generated, type }, index) => framesOf(generated, type, index)),
  repair: repairedFrame,
  read: readFrame,
  codes: ['FRAME_CORRUPT'],
  // A record of many literals or empty tuples takes no bytes but those of its timestamp.
  weightPerByte: 128,
}

/** The column of untyped values in a frame: what the library that reads it makes of hostile bytes. */
export const untypedTarget: FuzzTarget = {
  name: 'untyped',
  seeds: () => UNTYPED.map((values) => new Uint8Array(packValues(values))),
  read: (bytes) => {
    try {
      return unpackValues(bytes)
    } catch (error) {
      throw frameCorrupt(error)
    }
  },
  codes: ['FRAME_CORRUPT'],
}

const UNTYPED: readonly (readonly unknown[])[] = [
  [],
  [1, -1.5, 'text', 'é'.repeat(40), null, undefined, true],
  [
    { id: 1, tags: ['a'] },
    { id: 2, tags: [] },
    { id: 3, other: new Map([['k', 1]]) },
  ],
  [new Date(0), new Set([1, 2]), Uint8Array.of(1, 2, 3), 2n ** 70n, Float64Array.of(1, 2)],
  [Decimal.parse('12.50'), /a+/u, new Error('no')],
]

interface Codecs {
  readonly type: TypeInfo<unknown>
  readonly generated: FrameCodec<unknown>
  readonly interpreted: FrameCodec<unknown>
}

let made: readonly Codecs[] | undefined

/** Made at the first use: other targets do not need them. */
function codecs(): readonly Codecs[] {
  made ??= fc.sample(anyType(), { seed: 1, numRuns: TYPES }).map((type) => ({
    type: type as TypeInfo<unknown>,
    generated: generatedFrameCodec(type),
    interpreted: interpretedFrameCodec(type),
  }))
  return made
}

function framesOf(
  codec: FrameCodec<unknown>,
  type: TypeInfo<unknown>,
  index: number,
): readonly Uint8Array[] {
  const batches = fc.sample(fc.array(valueOf(type), { maxLength: 6 }), { seed: 2, numRuns: 1 })
  return batches.map((records) => {
    const frame = new FrameBuffer(new ArrayBuffer(1024))
    const timestamps = Float64Array.from(records, (_, at) => at)
    const byteLength = codec.encode(frame, 0, records, timestamps, records.length)
    const input = new Uint8Array(CHOICE_BYTES + byteLength)
    input[0] = index
    input.set(frame.bytes.subarray(0, byteLength), CHOICE_BYTES)
    return input
  })
}

/** The length in the header is that of the bytes. */
function repairedFrame(bytes: Uint8Array): Uint8Array {
  const byteLength = Math.max(0, Math.floor((bytes.length - CHOICE_BYTES) / 8) * 8)
  const repaired = Buffer.from(bytes.subarray(0, CHOICE_BYTES + byteLength))
  if (byteLength >= 4) repaired.writeInt32LE(byteLength, CHOICE_BYTES)
  return repaired
}

function readFrame(bytes: Uint8Array): unknown {
  const { generated, interpreted } = codecs()[(bytes[0] ?? 0) % TYPES] as Codecs
  const frame = bytes.subarray(CHOICE_BYTES)
  const outcome = decoded(generated, frame)
  const twin = decoded(interpreted, frame)
  if (!isDeepStrictEqual(outcome.value, twin.value)) {
    throw new Error(`the codecs differ: ${String(outcome.error)} and ${String(twin.error)}`)
  }
  if (outcome.error !== undefined) throw outcome.error
  return outcome.value
}

function decoded(
  codec: FrameCodec<unknown>,
  bytes: Uint8Array,
): { readonly value?: unknown; readonly error?: unknown } {
  const source = new FrameBuffer(new ArrayBuffer(Math.floor(bytes.length / 8) * 8))
  source.bytes.set(bytes.subarray(0, source.bytes.length))
  const records: unknown[] = []
  const timestamps = new Float64Array(RECORDS_MAX)
  try {
    const count = codec.decode(source, 0, records, timestamps)
    return { value: { records: records.slice(0, count), timestamps: timestamps.slice(0, count) } }
  } catch (error) {
    return { error }
  }
}
