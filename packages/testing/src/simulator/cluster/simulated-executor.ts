// Runs the jobs of a program in a simulation, as the local executor does on a machine: in the program's own process, or
// with `threads` in processes of their own, which run the program again to build the same graph.

import { type ExecutorPool, InThreadPool, JobMaster, type LoadedJob } from '@millrace/cluster'
import { MillraceError } from '@millrace/core'
import type { JobClient, JobExecutor, JobSubmission } from '@millrace/job-graph'
import type { SimulatedProcess } from '../simulated-process.ts'
import type { Simulation } from '../simulation.ts'
import { SimulatedPool } from './simulated-pool.ts'

/** A program that builds one job, gives it to the executor, and settles when the job has ended. */
export type SimulatedProgram<Result> = (executor: JobExecutor) => Promise<Result>

/** What a simulated executor is made from. */
export interface SimulatedExecutorInit {
  readonly simulation: Simulation
  /** The process that runs the program, and with it the job master. */
  readonly process: SimulatedProcess
  /** Run again in each executor process, where submitting a job only hands over its graph. */
  readonly program: SimulatedProgram<unknown>
  /** Puts something between the job master and its executors: a test that breaks what they say. Default: nothing. */
  readonly aroundPool?: (pool: ExecutorPool) => ExecutorPool
}

/**
 * Runs jobs in a simulation.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 * import { SimulatedExecutor, type SimulatedProgram, Simulation } from '@millrace/testing'
 *
 * const program: SimulatedProgram<number[]> = (executor) =>
 *   StreamExecutionEnvironment.getExecutionEnvironment({ executor, threads: 2, parallelism: 2 })
 *     .fromSequence(1, 4)
 *     .map((n) => n * n)
 *     .executeAndCollect()
 *
 * const simulation = new Simulation({ seed: 7 })
 * const process = simulation.process('program')
 * const executor = new SimulatedExecutor({ simulation, process, program })
 * const squares = await simulation.resultOf(program(executor))
 * console.log(squares.toSorted((a, b) => a - b)) // [ 1, 4, 9, 16 ]
 * ```
 */
export class SimulatedExecutor implements JobExecutor {
  readonly #init: SimulatedExecutorInit
  #pool: SimulatedPool | undefined
  #client: JobClient | undefined

  constructor(init: SimulatedExecutorInit) {
    this.#init = init
  }

  /** The job that runs or ran, once it was submitted. */
  get client(): JobClient | undefined {
    return this.#client
  }

  /** The executor processes; `undefined` if the job's tasks run in the process of the program. */
  get pool(): SimulatedPool | undefined {
    return this.#pool
  }

  async submit(submission: JobSubmission): Promise<JobClient> {
    const { process, aroundPool = (pool) => pool } = this.#init
    const pool = aroundPool(this.#createPool(submission))
    const master = new JobMaster({ platform: process, submission, pool })
    this.#client = master
    await master.run()
    return master
  }

  #createPool(submission: JobSubmission): ExecutorPool {
    const { simulation, process, program } = this.#init
    const { threads } = submission.settings
    if (threads === 0) return new InThreadPool(process, submission)
    this.#pool = new SimulatedPool({
      simulation,
      process,
      size: threads,
      loadJob: () => graphOf(program),
    })
    return this.#pool
  }
}

/** Runs a program up to where it submits its job, which never returns here. */
function graphOf(program: SimulatedProgram<unknown>): Promise<LoadedJob> {
  return new Promise((resolve, reject) => {
    const executor: JobExecutor = {
      submit: (submission) => {
        resolve(submission)
        return new Promise(() => {})
      },
    }
    const noJob = (): void =>
      reject(
        new MillraceError('JOB_MODULE_INVALID', {
          expected: 'a program that submits a job each time it runs',
          came: 'one that ended without, in a simulated executor',
          todo: 'Let the program build and execute its job without asking where it runs.',
        }),
      )
    program(executor).then(noJob, reject)
  })
}
