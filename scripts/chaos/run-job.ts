// The process that is killed: runs the job, from the newest checkpoint on, and tells its parent how the job is. It ends
// worker threads when the parent asks for it, and itself when the parent is gone.

import type { Worker } from 'node:worker_threads'
import { join } from 'node:path'
import { type JobClient, StreamExecutionEnvironment } from 'millrace'
import buildChaosJob, { parseChaosJob } from './job.ts'
import type { JobReport, WorkerOrder } from './running-job.ts'

const LOOK_EVERY_MS = 2
/** More than can be asked for. */
const RESTARTS_MAX = 1000

/** The worker threads that live. */
const workers: Worker[] = []
process.on('worker', (worker) => {
  if (workers.push(worker) === 1) tell({ status: 'restoring', attempt: 0, jobId: '' })
  worker.on('exit', () => workers.splice(workers.indexOf(worker), 1))
})
process.on('message', ({ endWorker }: WorkerOrder) => {
  void workers[endWorker % workers.length]?.terminate()
})
process.on('disconnect', () => process.exit())

const { folder, threads } = parseChaosJob(process.argv.slice(2))
const env = StreamExecutionEnvironment.getExecutionEnvironment({
  threads,
  module: new URL('./job.ts', import.meta.url).href,
  checkpointing: {
    interval: '200 ms',
    directory: join(folder, 'checkpoints'),
    restoreFrom: 'latest',
  },
  restart: { strategy: 'fixed-delay', attempts: RESTARTS_MAX, delay: '20 ms' },
  autoWatermarkInterval: '50 ms',
})
buildChaosJob(env)
const job = await env.executeAsync('chaos')
const stopTelling = tellOfChanges(job)
await job.result()
stopTelling()
process.removeAllListeners('disconnect')
process.disconnect()

function tellOfChanges(client: JobClient): () => void {
  let last = ''
  const timer = setInterval(() => {
    // Submitted, but its tasks are not running yet.
    const status = client.status() === 'created' ? 'restoring' : client.status()
    const attempt = client.metrics().restarts
    if (`${status} ${attempt}` === last) return
    last = `${status} ${attempt}`
    tell({ status, attempt, jobId: client.jobId })
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

function tell(report: JobReport): void {
  process.send?.(report)
}
