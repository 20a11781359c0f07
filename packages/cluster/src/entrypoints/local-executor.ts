// Runs jobs in this process: in the calling thread, or on worker threads when the job asks for them.

import { MillraceError, type Platform } from '@millrace/core'
import type { JobClient, JobExecutor, JobSubmission } from '@millrace/job-graph'
import type { ExecutorPool } from '../gateways/executor-pool.ts'
import { JobMaster } from '../job-master/job-master.ts'
import { InThreadPool } from './in-thread-pool.ts'

/** What a local executor is made from. */
export interface LocalExecutorInit {
  readonly platform: Platform
  /** The URL of the module that exports the API; worker threads load it beside the job's module. */
  readonly apiModule: string
}

/** The executor of a program that runs its jobs itself. */
export class LocalExecutor implements JobExecutor {
  readonly #platform: Platform
  readonly #apiModule: string

  constructor({ platform, apiModule }: LocalExecutorInit) {
    this.#platform = platform
    this.#apiModule = apiModule
  }

  async submit(submission: JobSubmission): Promise<JobClient> {
    const pool = await this.#createPool(submission)
    const master = new JobMaster({ platform: this.#platform, submission, pool })
    await master.run()
    return master
  }

  async #createPool(submission: JobSubmission): Promise<ExecutorPool> {
    const { threads } = submission.settings
    const module = submission.settings.module ?? process.argv[1] ?? null
    if (threads === 0) return new InThreadPool(this.#platform, submission)
    if (module === null) {
      throw new MillraceError('JOB_MODULE_INVALID', {
        expected: 'a module to load in worker threads',
        came: 'a program without a main file',
        todo: 'Give it: getExecutionEnvironment({ threads, module: import.meta.url }).',
      })
    }
    // Loaded only when threads are asked for: bundling costs start-up time.
    const [{ bundleJob }, { WorkerThreadPool }] = await Promise.all([
      import('./bundle-job.ts'),
      import('./worker-thread-pool.ts'),
    ])
    const bundlePath = await bundleJob({ module, apiModule: this.#apiModule })
    return new WorkerThreadPool({
      size: threads,
      bundlePath,
      defaults: submission.settings.defaults,
    })
  }
}
