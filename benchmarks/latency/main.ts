// Measures one case, in a process of its own: `node --conditions=source benchmarks/latency/main.ts --case window`.
// Prints one JSON line. The tasks run on two worker threads; this thread does nothing meanwhile.

import { LatencyHistogram, type HistogramData } from '../measuring/latency-histogram.ts'
import { measureJob } from '../measuring/measure-job.ts'
import buildLatencyJob, { parseLatencyRun } from './job.ts'

/** What a user sets who wants results soon. */
const SETTINGS = { bufferTimeout: 0 } as const

/** What is known of a case after it was measured; times in milliseconds. */
export interface LatencyFigures {
  readonly name: string
  readonly eventsPerSecond: number
  /** Results, of which each has a latency. */
  readonly results: number
  readonly percentiles: Readonly<Record<string, number>>
  /** Processor seconds for each second. */
  readonly cores: number
  readonly checkpoints: number
}

const PERCENTS = [50, 90, 99, 99.9, 99.99, 100]

async function measure(args: readonly string[]): Promise<LatencyFigures> {
  const run = parseLatencyRun(args)
  const bySubtask = new Map<number, HistogramData>()
  const { seconds, cpuSeconds, checkpoints } = await measureJob({
    build: buildLatencyJob,
    threads: 2,
    module: new URL('./job.ts', import.meta.url).href,
    checkpointEveryMs: 1000,
    options: SETTINGS,
    onCollected: ({ subtaskIndex, payload }) =>
      bySubtask.set(subtaskIndex, payload as HistogramData),
  })
  const all = new LatencyHistogram()
  for (const data of bySubtask.values()) all.add(data)
  return {
    name: run.name,
    eventsPerSecond: run.eventsPerSecond,
    results: all.count,
    percentiles: Object.fromEntries(
      PERCENTS.map((percent) => [`p${percent}`, Number(all.percentile(percent).toPrecision(3))]),
    ),
    cores: Number((cpuSeconds / seconds).toFixed(2)),
    checkpoints,
  }
}

console.log(JSON.stringify(await measure(process.argv.slice(2))))
