import type { BuiltInWindowAssigner } from '@millrace/core'
import {
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { CountingSink } from '../measuring/counting-sink.ts'
import { measureJob } from '../measuring/measure-job.ts'
import { compare } from '../measuring/rounds.ts'
import { bidCount } from '../nexmark/queries/bid-count.ts'
import { type Finding, short } from './finding.ts'
import { type PreparedBid, PreparedSource } from './prepared-source.ts'

const EVENTS = 12_000_000
const AUCTIONS = 1000
/** Two minutes of event time. */
const EVENTS_PER_SECOND = 100_000

/** What an event costs in sixty overlapping windows, compared with one. */
export async function measureWindowCost(rounds: number): Promise<Finding> {
  const compared = await compare({
    rounds,
    subject: () => measure(SlidingEventTimeWindows.of('60 s', '1 s')),
    baseline: () => measure(TumblingEventTimeWindows.of('60 s')),
  })
  return {
    name: 'window-cost',
    what: 'cost of an event: sliding 60 s / 1 s to tumbling 60 s',
    value: short(compared.ratio),
    unit: 'ratio',
    bar: { atMost: 1.3 },
    rounds: compared.ratios.map(short),
    details: {
      slidingNs: Math.round(compared.subject * 1e9),
      tumblingNs: Math.round(compared.baseline * 1e9),
      auctions: AUCTIONS,
    },
  }
}

/** Seconds of processor time for each event. */
async function measure(windows: BuiltInWindowAssigner<unknown>): Promise<number> {
  const { cpuSeconds } = await measureJob({
    build: (env) =>
      env
        .fromSource(
          new PreparedSource({
            events: EVENTS,
            auctions: AUCTIONS,
            eventsPerSecond: EVENTS_PER_SECOND,
          }),
          WatermarkStrategy.forMonotonousTimestamps<PreparedBid>(),
          'bids',
        )
        .keyBy(({ auction }) => auction, { type: Types.int })
        .window(windows)
        .aggregate(bidCount)
        .returns(Types.int)
        .sinkTo(new CountingSink<number>()),
    threads: 1,
    module: import.meta.url,
    checkpointEveryMs: 1000,
  })
  return cpuSeconds / EVENTS
}
