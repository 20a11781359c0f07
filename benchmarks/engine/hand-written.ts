import {
  type AggregateFunction,
  type Infer,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
} from 'millrace'
import { CountingSink } from '../measuring/counting-sink.ts'
import { measureJob } from '../measuring/measure-job.ts'
import { compare } from '../measuring/rounds.ts'
import { nexmarkEvents } from '../nexmark/job.ts'
import type { NexmarkSourceOptions } from '../nexmark/nexmark-source.ts'
import { bidsOf } from '../nexmark/queries/bids.ts'
import { type Finding, short } from './finding.ts'
import { runHandWrittenLoop } from './hand-written-loop.ts'

const EVENTS = 5_000_000

/** How much of the speed of a loop written by hand the engine keeps, on a job of every kind of step. */
export async function measureAgainstHandWritten(rounds: number): Promise<Finding> {
  const compared = await compare({
    rounds,
    // The loop's seconds over the engine's are the engine's speed over the loop's.
    subject: measureLoop,
    baseline: measureEngine,
  })
  return {
    name: 'hand-written',
    what: 'speed of filter, map, 10 s average by auction to a loop by hand',
    value: short(compared.ratio),
    unit: 'ratio',
    bar: { atLeast: 0.7 },
    rounds: compared.ratios.map(short),
    details: {
      engineEventsPerCoreSecond: Math.round(EVENTS / compared.baseline),
      loopEventsPerCoreSecond: Math.round(EVENTS / compared.subject),
    },
  }
}

/** Builds the job in the DataStream API. */
export function buildAverageJob(
  env: StreamExecutionEnvironment,
  options: NexmarkSourceOptions,
): void {
  bidsOf(nexmarkEvents(env, options))
    .filter(({ price }) => price % 10 !== 0)
    .map(({ auction, price }) => ({ auction, price: price * 0.908 }), { type: AuctionPrice })
    .keyBy(({ auction }) => auction, { type: Types.int })
    .window(TumblingEventTimeWindows.of('10 s'))
    .aggregate(averagePrice)
    .returns(Types.double)
    .uid('average-price')
    .sinkTo(new CountingSink<number>())
    .uid('averages')
}

const AuctionPrice = Types.record({ auction: Types.int, price: Types.double })
type AuctionPrice = Infer<typeof AuctionPrice>

const Average = Types.record({ count: Types.int, sum: Types.double })
type Average = Infer<typeof Average>

const averagePrice: AggregateFunction<AuctionPrice, Average, number> = {
  accumulatorType: Average,
  createAccumulator: () => ({ count: 0, sum: 0 }),
  add(average, { price }) {
    average.count++
    average.sum += price
    return average
  },
  merge(left, right) {
    left.count += right.count
    left.sum += right.sum
    return left
  },
  getResult: ({ count, sum }) => sum / count,
}

async function measureLoop(): Promise<number> {
  const start = process.cpuUsage()
  await runHandWrittenLoop({ events: EVENTS })
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

async function measureEngine(): Promise<number> {
  const { cpuSeconds } = await measureJob({
    build: (env) => buildAverageJob(env, { events: EVENTS }),
    threads: 1,
    module: import.meta.url,
    checkpointEveryMs: 1000,
  })
  return cpuSeconds
}
