// npm start: runs the job, shows how it goes, and prints what came out. The job itself is in job.ts.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type JobClient, type JobExecutionResult, StreamExecutionEnvironment } from 'millrace'
import buildFlightDelays from './job.ts'
import { type FlightDelayOptions, parseOptions, USAGE } from './options.ts'
import { busiestAirports, readResults } from './report.ts'

const FIRST_SIGHT_MS = 100

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  if (!options.fromLatest) await rm(options.output, { recursive: true, force: true })
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

/** One line that is written over again, on a terminal; nothing elsewhere. */
function showProgress(job: JobClient): () => void {
  if (!process.stdout.isTTY) return () => {}
  const timer = setInterval(() => process.stdout.write(`\r${progress(job)}\u001B[K`), FIRST_SIGHT_MS)
  return () => {
    clearInterval(timer)
    process.stdout.write('\r\u001B[K')
  }
}

function progress(job: JobClient): string {
  const { accumulators, checkpointsCompleted, restarts } = job.metrics()
  const read = accumulators['flights read'] ?? 0
  return `${job.status()}: ${read} flights read, ${checkpointsCompleted} checkpoints, ${restarts} restarts`
}

async function printReport(options: FlightDelayOptions, result: JobExecutionResult): Promise<void> {
  const { daily, sixHours, lateCount } = await readResults(options.output)
  const read = result.accumulators['flights read'] ?? 0
  const inDailyWindows = daily.reduce((sum, row) => sum + row.flights, 0)
  const seconds = result.runtimeMs / 1000
  const sourceRecords = result.sourceRecords['flights'] ?? 0
  console.log(busiestAirports(daily, 12))
  console.log(`
flights read      ${read}
in daily windows  ${inDailyWindows}
late              ${lateCount}
windows           ${daily.length} daily, ${sixHours.length} of 6 h / 1 h
checkpoints       ${result.checkpointsCompleted}, restarts ${result.restarts}
seconds           ${seconds.toFixed(2)}
flights/s         ${Math.round(sourceRecords / seconds)}
files             ${options.output}`)
}

main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error)
  process.exitCode = 1
})
