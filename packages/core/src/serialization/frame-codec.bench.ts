// Measures the frame codecs on Nexmark's bid, and then record by record on each further kind of type; 256 records a
// frame, strings from pools.
//
//   node --conditions=source packages/core/src/serialization/frame-codec.bench.ts

import { Decimal, type Infer, type TypeInfo, Types } from '../index.ts'
import { FrameBuffer } from './frame-buffer.ts'
import type { FrameCodec } from './frame-coding.ts'
import { generatedFrameCodec } from './generated-frame-codec.ts'
import { interpretedFrameCodec } from './interpreted-frame-codec.ts'
import { recordClass } from './record-class.ts'

const RECORDS_PER_FRAME = 256
const FRAMES_PER_ROUND = 2_000
const ROUNDS = 9

const Bid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.double,
  channel: Types.string,
  url: Types.string,
  dateTime: Types.long,
  extra: Types.string,
})

const frame = new FrameBuffer(new ArrayBuffer(64 * 1024))
const timestamps = Float64Array.from({ length: RECORDS_PER_FRAME }, (_, i) => 1e12 + i)

console.log('M records/s (median)   encode   decode     both')
report('generated', generatedFrameCodec(Bid), bids(''), FRAMES_PER_ROUND)
report('generated, 1 non-ASCII', generatedFrameCodec(Bid), bids('é'), FRAMES_PER_ROUND)
report('interpreted', interpretedFrameCodec(Bid), bids(''), FRAMES_PER_ROUND / 10)
report(
  'untyped',
  generatedFrameCodec(Types.any<Infer<typeof Bid>>()),
  bids(''),
  FRAMES_PER_ROUND / 10,
)

console.log('\nrecords of one field:')
const Label = Types.custom<string>({
  name: 'bench.Label',
  encode: (text) => Buffer.from(text, 'latin1'),
  decode: (bytes) => Buffer.from(bytes).toString('latin1'),
})
const Event = Types.union('kind', {
  click: Types.record({ x: Types.int, y: Types.int }),
  view: Types.record({ url: Types.string, seconds: Types.double }),
})
reportKind('decimal(12, 2)', Types.decimal(12, 2), (i) => Decimal.of(i * 7, 2))
reportKind('decimal(38, 2)', Types.decimal(38, 2), (i) => Decimal.of(i * 7, 2))
reportKind('bigint', Types.bigint, (i) => BigInt(i))
reportKind('enum', Types.enum('apple', 'google'), (i) => (i % 2 === 0 ? 'apple' : 'google'))
reportKind('string', Types.string, (i) => (i % 2 === 0 ? 'apple' : 'google'))
reportKind('float', Types.float, (i) => i / 4)
reportKind('byte', Types.byte, (i) => i % 100)
reportKind('nullable int', Types.nullable(Types.int), (i) => (i % 2 === 0 ? i : null))
reportKind('tuple', Types.tuple(Types.int, Types.double), (i) => [i, i / 2])
reportKind('set of 4 ints', Types.set(Types.int), (i) => new Set([i, i + 1, i + 2, i + 3]))
reportKind('array of 4 ints', Types.array(Types.int), (i) => [i, i + 1, i + 2, i + 3])
reportKind('Int32Array of 4', Types.int32Array, (i) => Int32Array.of(i, i + 1, i + 2, i + 3))
reportKind('union of two', Event, (i) =>
  i % 2 === 0
    ? { kind: 'click' as const, x: i, y: i }
    : { kind: 'view' as const, url: flat(`/${i % 50}`), seconds: i / 2 },
)
reportKind('custom', Label, (i) => flat(`label ${i}`))
reportKind('untyped', Types.any<string>(), (i) => flat(`label ${i}`))

function reportKind<T>(name: string, type: TypeInfo<T>, valueAt: (index: number) => T): void {
  const Holder = Types.record({ value: type }) as TypeInfo<{ value: T }>
  const { create } = recordClass(Holder)
  const records = Array.from({ length: RECORDS_PER_FRAME }, (_, i) => create(valueAt(i)))
  report(name, generatedFrameCodec(Holder), records, FRAMES_PER_ROUND / 4)
}

function report<T>(
  name: string,
  codec: FrameCodec<T>,
  records: readonly T[],
  frames: number,
): void {
  const decoded: T[] = []
  const decodedTimestamps = new Float64Array(RECORDS_PER_FRAME)
  const encode = (): unknown => codec.encode(frame, 0, records, timestamps, RECORDS_PER_FRAME)
  const decode = (): unknown => codec.decode(frame, 0, decoded, decodedTimestamps)
  const both = (): void => {
    encode()
    decode()
  }
  const rates = [encode, decode, both].map((run) => rate(run, frames))
  console.log(name.padEnd(22), ...rates.map((value) => value.toFixed(1).padStart(8)))
}

function rate(run: () => unknown, frames: number): number {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    for (let index = 0; index < frames; index++) run()
    const elapsedUs = Number(process.hrtime.bigint() - start) / 1e3
    rates.push((frames * RECORDS_PER_FRAME) / elapsedUs)
  }
  return rates.toSorted((a, b) => a - b)[ROUNDS >> 1] as number
}

function bids(lastExtra: string): Infer<typeof Bid>[] {
  const { create } = recordClass(Bid)
  const pool = Array.from({ length: 64 }, (_, i) => flat(`${'extra-'.repeat(1 + (i % 8))}${i}`))
  const records = Array.from({ length: RECORDS_PER_FRAME }, (_, i) =>
    create(
      1000 + (i % 100),
      i,
      i * 0.5,
      i % 2 === 0 ? 'channel-apple' : 'channel-google',
      flat(`https://auction.example/item?id=${i % 50}`),
      1e12 + i,
      pool[i % 64],
    ),
  )
  const last = records[RECORDS_PER_FRAME - 1] as Infer<typeof Bid>
  last.extra += lastExtra
  return records
}

/** A string as a decoder makes it. What `+` makes is a tree, which each frame would have to flatten again. */
function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}
