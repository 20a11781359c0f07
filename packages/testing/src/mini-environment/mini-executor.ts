// Runs the jobs of a mini environment in one simulated process, and drives the simulation whenever somebody waits for
// the job. Between job master and tasks stands a tap, by which a test lets a task fail.

import {
  type ExecutorCommand,
  type ExecutorHandle,
  type ExecutorPool,
  type ExecutorReport,
  InThreadPool,
  JobMaster,
  type JobMasterInit,
  toWireError,
} from '@millrace/cluster'
import type { CheckpointMetadata } from '@millrace/checkpoint'
import type { MessageChannelPort } from '@millrace/core'
import type {
  CheckpointStatisticsEntry,
  JobClient,
  JobExecutionResult,
  JobExecutor,
  JobSubmission,
  SavepointOptions,
  StopWithSavepointOptions,
} from '@millrace/job-graph'
import type { SimulatedProcess } from '../simulator/simulated-process.ts'
import type { RunLimits, Simulation } from '../simulator/simulation.ts'

/** How long a job may take that runs to its end: a day of virtual time, some seconds of real time. */
export const MINI_LIMITS: RunLimits = { simulatedMsMax: 86_400_000 }

/** A job of a mini environment. */
export class MiniJob extends JobMaster {
  readonly submission: JobSubmission
  readonly #simulation: Simulation
  readonly #tap: FailureTap

  constructor(simulation: Simulation, init: Omit<JobMasterInit, 'pool'>) {
    const tap = new FailureTap(new InThreadPool(init.platform, init.submission))
    super({ ...init, pool: tap })
    this.submission = init.submission
    this.#simulation = simulation
    this.#tap = tap
  }

  /** Whether the job has ended, in whatever way. */
  get isOver(): boolean {
    return ['finished', 'failed', 'canceled'].includes(this.status())
  }

  override result(): Promise<JobExecutionResult> {
    return this.#simulation.resultOf(super.result(), MINI_LIMITS)
  }

  override cancel(): Promise<void> {
    return this.#simulation.resultOf(super.cancel())
  }

  override takeCheckpoint(): Promise<CheckpointMetadata> {
    return this.#simulation.resultOf(super.takeCheckpoint())
  }

  override triggerCheckpoint(): Promise<CheckpointStatisticsEntry> {
    return this.#simulation.resultOf(super.triggerCheckpoint())
  }

  override triggerSavepoint(options: SavepointOptions): Promise<string> {
    return this.#simulation.resultOf(super.triggerSavepoint(options))
  }

  override stopWithSavepoint(options: StopWithSavepointOptions): Promise<string> {
    return this.#simulation.resultOf(super.stopWithSavepoint(options))
  }

  /** Lets a task of the present attempt fail with `error`. */
  failTask(error: unknown): void {
    this.#tap.fail(error)
  }
}

/** The executor of a mini environment. */
export class MiniExecutor implements JobExecutor {
  readonly #simulation: Simulation
  readonly #process: SimulatedProcess
  #job: MiniJob | undefined

  constructor(simulation: Simulation, process: SimulatedProcess) {
    this.#simulation = simulation
    this.#process = process
  }

  /** The last job that was submitted. */
  get job(): MiniJob | undefined {
    return this.#job
  }

  async submit(submission: JobSubmission): Promise<JobClient> {
    const job = new MiniJob(this.#simulation, { platform: this.#process, submission })
    this.#job = job
    await this.#simulation.resultOf(job.run())
    return job
  }
}

/** A pool whose executors can be made to report a failure. */
class FailureTap implements ExecutorPool {
  readonly size: number
  readonly #pool: ExecutorPool
  #attempt = 0
  #report: ((message: unknown) => void) | undefined

  constructor(pool: ExecutorPool) {
    this.size = pool.size
    this.#pool = pool
  }

  async start(index: number): Promise<ExecutorHandle> {
    const handle = await this.#pool.start(index)
    return {
      index,
      control: this.#tapped(handle.control),
      onLost: (handler) => handle.onLost(handler),
    }
  }

  connect(from: ExecutorHandle, to: ExecutorHandle, name: string): void {
    this.#pool.connect(from, to, name)
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  fail(error: unknown): void {
    const report: ExecutorReport = {
      kind: 'failed',
      attempt: this.#attempt,
      error: toWireError(error),
    }
    this.#report?.(report)
  }

  #tapped(port: MessageChannelPort): MessageChannelPort {
    return {
      post: (message, transfer) => {
        const command = message as ExecutorCommand
        if (command.kind === 'deploy') this.#attempt = command.attempt
        port.post(message, transfer)
      },
      onMessage: (handler) => {
        this.#report = handler
        port.onMessage(handler)
      },
      close: () => port.close(),
    }
  }
}
