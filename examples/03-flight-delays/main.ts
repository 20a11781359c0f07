// npm start: runs the job, shows how it goes, and prints what came out. The job itself is in job.ts.
//
//   npm start -- --help                                   the options
//   npm start -- --parallelism 4 --threads 2              on two worker threads
//   npm start -- --fail-after 8000                        fails once in mid-stream and recovers
//   npm start -- --rate 5000, kill it, then --from-latest continues where the last checkpoint was

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type JobClient,
  type JobExecutionResult,
  MillraceError,
  StreamExecutionEnvironment,
} from 'millrace'
import { readResults } from './committed-results.ts'
import buildFlightDelays from './job.ts'
import { type FlightDelayOptions, parseOptions, USAGE, UsageError } from './options.ts'
import { busiestAirports } from './report.ts'

const PROGRESS_MS = 100
const AIRPORTS_SHOWN = 12

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) return console.log(USAGE)
  if (!options.fromLatest && existsSync(options.input)) await removeEarlierResults(options.output)
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    threads: options.threads,
    module: new URL('./job.ts', import.meta.url).href,
    checkpointing: {
      interval: '100 ms',
      directory: join(options.output, 'checkpoints'),
      ...(options.fromLatest ? { restoreFrom: 'latest' } : {}),
    },
    restart: { strategy: 'fixed-delay', attempts: 3, delay: '100 ms' },
  })
  buildFlightDelays(env)
  const job = await env.executeAsync('flight delays')
  const stopProgress = showProgress(job)
  const result = await job.result().finally(stopProgress)
  await printReport(options, result)
}

/** Only what this program writes itself: the folder is the user's choice, and may hold other things. */
async function removeEarlierResults(output: string): Promise<void> {
  const own = ['daily', 'six-hours', 'late', 'checkpoints']
  await Promise.all(own.map((name) => rm(join(output, name), { recursive: true, force: true })))
}

/**
 * One line that is written over again, on a terminal; nothing elsewhere. The cursor waits at its beginning, so that a warning is
 * written over it too.
 */
function showProgress(job: JobClient): () => void {
  const { stdout } = process
  if (!stdout.isTTY) return () => {}
  const timer = setInterval(() => stdout.write(`${progress(job)}\u001B[K\r`), PROGRESS_MS)
  return () => {
    clearInterval(timer)
    stdout.write('\u001B[K')
  }
}

function progress(job: JobClient): string {
  const { accumulators, checkpointsCompleted, restarts } = job.metrics()
  const read = accumulators['flights read'] ?? 0
  return `${job.status()}: ${read} flights read, ${checkpointsCompleted} checkpoints, ${restarts} restarts`
}

async function printReport(options: FlightDelayOptions, result: JobExecutionResult): Promise<void> {
  const { daily, sixHours, late } = await readResults(options.output)
  const read = result.accumulators['flights read'] ?? 0
  const inDailyWindows = daily.reduce((sum, row) => sum + row.flights, 0)
  const seconds = result.runtimeMs / 1000
  const sourceRecords = result.sourceRecords['flights'] ?? 0
  console.log(busiestAirports(daily, AIRPORTS_SHOWN))
  console.log(`
flights read      ${read}
in daily windows  ${inDailyWindows}
late              ${late.length}
windows           ${daily.length} daily, ${sixHours.length} of 6 h / 1 h
checkpoints       ${result.checkpointsCompleted}, restarts ${result.restarts}
seconds           ${seconds.toFixed(2)}
flights/s         ${Math.round(sourceRecords / seconds)}
files             ${options.output}`)
}

/** What a reader can mend is said without a stack trace. */
function explain(error: unknown): unknown {
  if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`
  if (!(error instanceof MillraceError) || error.domain === 'internal') return error
  return error.code === 'FUNCTION_FAILED' ? error : error.message
}

main().catch((error: unknown) => {
  console.error(explain(error))
  process.exitCode = 1
})
