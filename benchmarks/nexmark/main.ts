// Measures one query, in a process of its own so that no query runs code that another one has shaped:
// `node --conditions=source benchmarks/nexmark/main.ts --query q0`. Prints one JSON line.
//
// First the generator runs alone, as the yardstick of what the machine can do now; then the query with fewer events, so that its
// code is compiled; then the query as asked. Worker threads are new for each job, so there the last includes compiling.

import { measureGenerator } from '../measuring/measure-generator.ts'
import { measureJob } from '../measuring/measure-job.ts'
import { buildQueryJob, parseQueryRun, type QueryRun } from './job.ts'

const WARM_UP_EVENTS = 1_500_000
const CHECKPOINT_EVERY_MS = 1000

/** What is known of a query after it was measured. */
export interface QueryFigures {
  readonly query: string
  readonly events: number
  readonly seconds: number
  readonly eventsPerSecond: number
  /** Processor seconds for each second. */
  readonly cores: number
  readonly checkpoints: number
  readonly results: number
  readonly threads: number
  readonly eventsPerCoreSecond: number
  /** What the generator alone does in a second of one core, in the same process a moment before. */
  readonly generatorEventsPerCoreSecond: number
}

async function measureQuery(run: QueryRun): Promise<QueryFigures> {
  const warmUpEvents = Math.min(WARM_UP_EVENTS, run.events)
  measureGenerator(warmUpEvents)
  const generatorEventsPerCoreSecond = measureGenerator(warmUpEvents)
  if (run.threads === 1) await measure({ ...run, events: warmUpEvents })
  const { seconds, cpuSeconds, checkpoints, results } = await measure(run)
  return {
    query: run.query,
    events: run.events,
    seconds: round(seconds, 3),
    eventsPerSecond: Math.round(run.events / seconds),
    cores: round(cpuSeconds / seconds, 3),
    checkpoints,
    results,
    threads: run.threads,
    eventsPerCoreSecond: Math.round(run.events / cpuSeconds),
    generatorEventsPerCoreSecond,
  }
}

function measure(run: QueryRun): ReturnType<typeof measureJob> {
  return measureJob({
    build: (env) => buildQueryJob(env, run),
    threads: run.threads,
    module: new URL('./job.ts', import.meta.url).href,
    checkpointEveryMs: CHECKPOINT_EVERY_MS,
  })
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

console.log(JSON.stringify(await measureQuery(parseQueryRun(process.argv.slice(2)))))
