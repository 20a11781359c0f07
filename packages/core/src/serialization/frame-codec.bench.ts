// Measures the frame codecs on Nexmark's bid, 256 records a frame, strings from pools.
//
//   node --conditions=source packages/core/src/serialization/frame-codec.bench.ts

import { Types, type Infer } from '../index.ts'
import { FrameBuffer } from './frame-buffer.ts'
import type { FrameCodec } from './frame-codec.ts'
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

function report(
  name: string,
  codec: FrameCodec<Infer<typeof Bid>>,
  records: readonly Infer<typeof Bid>[],
  frames: number,
): void {
  const decoded: Infer<typeof Bid>[] = []
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
