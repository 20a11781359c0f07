// Writing and reading frames of 256 records with one field of each type.

import { Decimal, FrameBuffer, frameCodec, type TypeDescriptor, Types } from '@millrace/core'
import type { MicroCase } from './micro-case.ts'

const RECORDS = 256
const FRAMES = 400
const FRAME_BYTES = 256 * 1024

/** A type, and the value of a record by its number. */
interface FieldCase {
  readonly type: TypeDescriptor
  readonly valueOf: (n: number) => unknown
}

const Point = Types.custom({
  name: 'benchmark.point',
  version: 1,
  encode: ({ x, y }: { readonly x: number; readonly y: number }) =>
    new Uint8Array(Int32Array.of(x, y).buffer),
  decode: (bytes) => {
    const [x = 0, y = 0] = new Int32Array(new Uint8Array(bytes).buffer)
    return { x, y }
  },
})

/** A field of each kind of type; the compiler sees that none is missing. */
const FIELDS: Readonly<Record<TypeDescriptor['kind'], FieldCase>> = {
  boolean: { type: Types.boolean, valueOf: (n) => n % 3 === 0 },
  int: { type: Types.int, valueOf: (n) => n },
  long: { type: Types.long, valueOf: (n) => 1e12 + n },
  double: { type: Types.double, valueOf: (n) => n / 3 },
  string: { type: Types.string, valueOf: (n) => flat(`text number ${n}`) },
  bigint: { type: Types.bigint, valueOf: (n) => BigInt(n) << 40n },
  bytes: { type: Types.bytes, valueOf: (n) => new Uint8Array(16).fill(n) },
  date: { type: Types.date, valueOf: (n) => new Date(1e12 + n) },
  any: { type: Types.any(), valueOf: (n) => ({ n, text: flat(`text number ${n}`) }) },
  byte: { type: Types.byte, valueOf: (n) => n & 127 },
  short: { type: Types.short, valueOf: (n) => n },
  float: { type: Types.float, valueOf: (n) => n / 2 },
  decimal: { type: Types.decimal(12, 2), valueOf: (n) => Decimal.parse(`${n}.25`) },
  enum: { type: Types.enum('open', 'closed'), valueOf: (n) => (n % 2 === 0 ? 'open' : 'closed') },
  literal: { type: Types.literal('bid'), valueOf: () => 'bid' },
  numbers: { type: Types.float64Array, valueOf: (n) => Float64Array.of(n, n + 1, n + 2) },
  optional: { type: Types.optional(Types.int), valueOf: (n) => (n % 2 === 0 ? undefined : n) },
  set: { type: Types.set(Types.int), valueOf: (n) => new Set([n, n + 1]) },
  tuple: { type: Types.tuple(Types.int, Types.double), valueOf: (n) => [n, n / 2] },
  union: {
    type: Types.union('kind', {
      click: Types.record({ at: Types.long }),
      view: Types.record({ page: Types.int }),
    }),
    valueOf: (n) => (n % 2 === 0 ? { kind: 'click', at: n } : { kind: 'view', page: n }),
  },
  custom: { type: Point, valueOf: (n) => ({ x: n, y: -n }) },
  nullable: { type: Types.nullable(Types.int), valueOf: (n) => (n % 2 === 0 ? null : n) },
  array: { type: Types.array(Types.int), valueOf: (n) => [n, n + 1, n + 2] },
  map: {
    type: Types.map(Types.int, Types.int),
    valueOf: (n) =>
      new Map([
        [n, n + 1],
        [n + 1, n],
      ]),
  },
  record: {
    type: Types.record({ auction: Types.int, price: Types.double }),
    valueOf: (n) => ({ auction: n, price: n / 2 }),
  },
}

/** Two cases for each kind of type. */
export const CODEC_CASES: readonly MicroCase[] = Object.entries(FIELDS).flatMap(
  ([kind, { type, valueOf }]) => [
    {
      name: `codec ${kind} encode`,
      prepare: () => {
        const { codec, frame, records, timestamps } = preparedFrame(type, valueOf)
        return repeated(() => codec.encode(frame, 0, records, timestamps, RECORDS))
      },
    },
    {
      name: `codec ${kind} decode`,
      prepare: () => {
        const { codec, frame, records, timestamps } = preparedFrame(type, valueOf)
        codec.encode(frame, 0, records, timestamps, RECORDS)
        const decoded: unknown[] = []
        return repeated(() => codec.decode(frame, 0, decoded, timestamps))
      },
    },
  ],
)

function preparedFrame(type: TypeDescriptor, valueOf: (n: number) => unknown) {
  return {
    codec: frameCodec<unknown>({ kind: 'record', fields: [{ name: 'field', type }] }),
    frame: new FrameBuffer(new ArrayBuffer(FRAME_BYTES)),
    records: Array.from({ length: RECORDS }, (_, n): unknown => ({ field: valueOf(n) })),
    timestamps: Float64Array.from({ length: RECORDS }, (_, n) => 1e12 + n),
  }
}

function repeated(once: () => unknown): { readonly count: number; readonly run: () => void } {
  return {
    count: RECORDS * FRAMES,
    run: () => {
      for (let frame = 0; frame < FRAMES; frame++) once()
    },
  }
}

/** A string as a decoder makes it; what is joined is laid out only when it is first read. */
function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}
