// Measures one case, in a process of its own: `node --conditions=source benchmarks/skew/main.ts --case hot`. Prints one JSON
// line. The tasks run on two worker threads, which are new: compiling counts.

import { measureJob } from '../measuring/measure-job.ts'
import buildSkewJob, { LOAD_PREFIX, parseSkewRun, type SkewRun } from './job.ts'

/** What is known of a case after it was measured. */
export interface SkewFigures extends SkewRun {
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly eventsPerCoreSecond: number
  /** The part of all events that came to the subtask with the most, in percent; 50 is even. */
  readonly mostLoadedPercent: number
}

async function measure(args: readonly string[]): Promise<SkewFigures> {
  const run = parseSkewRun(args)
  const { seconds, cpuSeconds, accumulators } = await measureJob({
    build: buildSkewJob,
    threads: 2,
    module: new URL('./job.ts', import.meta.url).href,
    checkpointEveryMs: null,
  })
  const loads = Object.entries(accumulators)
    .filter(([name]) => name.startsWith(LOAD_PREFIX))
    .map(([, events]) => events)
  return {
    ...run,
    seconds: Number(seconds.toFixed(2)),
    eventsPerSecond: Math.round(run.events / seconds),
    eventsPerCoreSecond: Math.round(run.events / cpuSeconds),
    mostLoadedPercent: Number(((100 * Math.max(...loads)) / run.events).toFixed(1)),
  }
}

console.log(JSON.stringify(await measure(process.argv.slice(2))))
