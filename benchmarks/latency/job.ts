// The jobs whose latency is measured. Worker threads load this module, and build the same job from the same command line.

import { parseArgs } from 'node:util'
import {
  type DataStream,
  SlidingEventTimeWindows,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { countOption, nameOption } from '../command-line.ts'
import { bidCount } from '../nexmark/queries/bid-count.ts'
import { LatencySink } from './latency-sink.ts'
import { type PacedEvent, PacedSource } from './paced-source.ts'

/**
 * What is measured.
 *
 *   window   events by key in windows of a second, ten a second: how long after the end of a window its results come
 *   through  events from each thread to both, mapped: how long after an event was due it comes to the sink
 */
export const LATENCY_CASES = ['window', 'through'] as const

/** One measurement. */
export interface LatencyRun {
  readonly name: string
  readonly eventsPerSecond: number
  readonly seconds: number
  readonly keys: number
}

const WARM_UP_SECONDS = 5
/** Windows that are fired by the end of the input do not count. */
const END_SECONDS = 1
const WINDOW = { size: '1 s', slide: '100 ms' } as const

/** Reads the command line of a measurement. */
export function parseLatencyRun(args: readonly string[]): LatencyRun {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', default: '' },
      rate: { type: 'string', default: '100000' },
      seconds: { type: 'string', default: '20' },
      keys: { type: 'string', default: '1000' },
    },
  })
  return {
    name: nameOption('case', values.case, LATENCY_CASES),
    eventsPerSecond: countOption('rate', values.rate),
    seconds: countOption('seconds', values.seconds),
    keys: countOption('keys', values.keys),
  }
}

/** What a worker thread calls, and the main thread too. */
export default function buildLatencyJob(env: StreamExecutionEnvironment): void {
  const run = parseLatencyRun(process.argv.slice(2))
  env.setParallelism(2)
  const events = pacedEvents(env, run)
  if (run.name === 'window') countInWindows(events, run)
  else passThrough(events, run)
}

function pacedEvents(env: StreamExecutionEnvironment, run: LatencyRun): DataStream<PacedEvent> {
  const seconds = WARM_UP_SECONDS + run.seconds + END_SECONDS
  return env
    .fromSource(
      new PacedSource({ ...run, seconds }),
      WatermarkStrategy.forMonotonousTimestamps<PacedEvent>({ emit: 'per-record' }),
      'events',
    )
    .uid('events')
}

function countInWindows(events: DataStream<PacedEvent>, { seconds }: LatencyRun): void {
  events
    .keyBy(({ key }) => key, { type: Types.int })
    .window(SlidingEventTimeWindows.of(WINDOW.size, WINDOW.slide))
    .aggregate(bidCount, ({ window }, _, out) => out.collect(window.end))
    .returns(Types.long)
    .uid('windows')
    .sinkTo(latencySink<number>((windowEnd) => windowEnd, seconds))
    .uid('latencies')
}

function passThrough(events: DataStream<PacedEvent>, { seconds }: LatencyRun): void {
  events
    .rebalance()
    .map(({ dueMs }) => dueMs, { type: Types.double })
    .uid('mapped')
    .sinkTo(latencySink<number>((dueMs) => dueMs, seconds))
    .uid('latencies')
}

function latencySink<T>(startOf: (record: T) => number, seconds: number): LatencySink<T> {
  return new LatencySink<T>({
    startOf,
    warmUpMs: WARM_UP_SECONDS * 1000,
    measuredMs: seconds * 1000,
  })
}
