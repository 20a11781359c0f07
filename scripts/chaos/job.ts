// The job that is killed. Worker threads load this module and build the same job from the same command line.
//
//   files of readings ─> by sensor ─> 5 s windows every second ─> part files, exactly once

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type AggregateFunction,
  FileSink,
  FileSource,
  type Infer,
  jsonLines,
  jsonLinesEncoder,
  rateLimited,
  RateLimiterStrategy,
  SlidingEventTimeWindows,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { DISORDER_MS, Reading, WINDOW, WindowRow } from './readings.ts'

/** Where the job finds and leaves its files, and how it runs. */
export interface ChaosJobOptions {
  /** Has the folders `in`, `out` and `checkpoints`. */
  readonly folder: string
  readonly threads: number
  readonly parallelism: number
  /** Readings per second; 0 as fast as possible. */
  readonly rate: number
}

/** Reads the command line of the job. */
export function parseChaosJob(args: readonly string[]): ChaosJobOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      folder: { type: 'string', default: '' },
      threads: { type: 'string', default: '2' },
      parallelism: { type: 'string', default: '2' },
      rate: { type: 'string', default: '0' },
    },
  })
  return {
    folder: values.folder,
    threads: Number(values.threads),
    parallelism: Number(values.parallelism),
    rate: Number(values.rate),
  }
}

/** Builds the job. */
export default function buildChaosJob(env: StreamExecutionEnvironment): void {
  const { folder, parallelism, rate } = parseChaosJob(process.argv.slice(2))
  env.setParallelism(parallelism)
  const files = FileSource.of({
    path: join(folder, 'in'),
    format: jsonLines({ type: Reading }),
  })
  env
    .fromSource(
      rate === 0 ? files : rateLimited(files, RateLimiterStrategy.perSecond(rate)),
      WatermarkStrategy.forBoundedOutOfOrderness<Reading>(DISORDER_MS).withTimestampAssigner(
        ({ time }) => time,
      ),
      'readings',
    )
    .uid('readings')
    .keyBy(({ sensor }) => sensor, { type: Types.string })
    .window(SlidingEventTimeWindows.of(WINDOW.sizeMs, WINDOW.slideMs))
    .aggregate(summary, ({ key, window: { start, end } }, { count, sum, lastId }, out) =>
      out.collect({ sensor: key, start, end, count, sum, lastId }),
    )
    .returns(WindowRow)
    .uid('windows')
    .sinkTo(
      FileSink.of({
        path: join(folder, 'out'),
        encoder: jsonLinesEncoder<WindowRow>(),
        partSuffix: '.jsonl',
      }),
    )
    .uid('files')
}

const Summary = Types.record({ count: Types.int, sum: Types.int, lastId: Types.int })
type Summary = Infer<typeof Summary>

const summary: AggregateFunction<Reading, Summary, Summary> = {
  accumulatorType: Summary,
  createAccumulator: () => ({ count: 0, sum: 0, lastId: -1 }),
  add(into, { id, value }) {
    into.count++
    into.sum += value
    into.lastId = Math.max(into.lastId, id)
    return into
  },
  merge(left, right) {
    left.count += right.count
    left.sum += right.sum
    left.lastId = Math.max(left.lastId, right.lastId)
    return left
  },
  getResult: (row) => row,
}
