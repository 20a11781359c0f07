// Runs a job and takes its time. A job that counts its results in counting sinks, with checkpoints in a temporary
// directory that is removed afterwards.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExecutionOptions, type JobClient, StreamExecutionEnvironment } from 'millrace'
import { CountedResults } from './counting-sink.ts'

/** What is measured. */
export interface MeasuredJob {
  readonly build: (env: StreamExecutionEnvironment) => void
  /** Worker threads, each with one subtask of every operator; 1 runs all in the calling thread. */
  readonly threads: number
  /** The module that builds the same job in worker threads. */
  readonly module: string
  /** Milliseconds between checkpoints; `null` takes none. */
  readonly checkpointEveryMs: number | null
  /** Others than the defaults. */
  readonly options?: Pick<ExecutionOptions, 'bufferTimeout' | 'autoWatermarkInterval'>
  /** Gets what the sinks send, in place of the counts of counting sinks. */
  readonly onCollected?: Parameters<JobClient['onCollected']>[0]
}

/** What came out. */
export interface JobFigures {
  /** From the start of the tasks to the end of the job; starting worker threads does not count. */
  readonly seconds: number
  /** Processor time of the whole process, helpers such as the garbage collector included. */
  readonly cpuSeconds: number
  readonly checkpoints: number
  /** Records that came to the counting sinks. */
  readonly results: number
  /** The accumulators of the job, by name. */
  readonly accumulators: Readonly<Record<string, number>>
}

/** Runs a job once. */
export async function measureJob(job: MeasuredJob): Promise<JobFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  try {
    const env = StreamExecutionEnvironment.getExecutionEnvironment(options(job, directory))
    job.build(env)
    const client = await env.executeAsync('benchmark')
    const startMs = performance.now()
    const startCpu = process.cpuUsage()
    const counted = new CountedResults(client)
    if (job.onCollected !== undefined) client.onCollected(job.onCollected)
    const result = await client.result()
    const cpu = process.cpuUsage(startCpu)
    return {
      seconds: (performance.now() - startMs) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      checkpoints: result.checkpointsCompleted,
      results: counted.total,
      accumulators: result.accumulators,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function options(
  { threads, module, checkpointEveryMs, options: others = {} }: MeasuredJob,
  directory: string,
): ExecutionOptions {
  return {
    parallelism: threads,
    threads: threads === 1 ? 0 : threads,
    module,
    restart: { strategy: 'none' },
    ...others,
    ...(checkpointEveryMs === null
      ? {}
      : { checkpointing: { interval: checkpointEveryMs, directory } }),
  }
}
