// What users ask of a running job: checkpoints, savepoints, and to stop with one.
//
//   asked ──> waiting for the job to run ──> with the coordinator: queued ──> under way ──> complete
//                      ▲                              │ the attempt fails        │
//                      └──────────────────────────────┘                          └──> failed, and the job goes on
//
// Stopping: one savepoint, whose barrier ends the job (or, with `drain`, sources that end, and the savepoint as the final
// checkpoint). It is over when the job is finished, so also what belongs to the savepoint is committed.

import { join } from 'node:path'
import { checkOptions, MillraceError, type Platform, show } from '@millrace/core'
import type {
  CheckpointStatisticsEntry,
  SavepointOptions,
  StopWithSavepointOptions,
} from '@millrace/job-graph'
import { proveWritable } from '@millrace/runtime'
import type { CheckpointCoordinator, CheckpointRequest } from './checkpoint-coordinator.ts'
import type { CheckpointHistory } from './checkpoint-history.ts'

/** What they are made from. */
export interface RequestedCheckpointsInit {
  readonly platform: Platform
  readonly jobId: string
  readonly jobName: string
  /** Whether the job takes checkpoints by itself. */
  readonly hasCheckpoints: boolean
  readonly history: CheckpointHistory
  /** Ends the sources of the job, which runs. */
  readonly endInput: () => void
}

/** The one wish to stop. */
interface Stop {
  readonly directory: string
  readonly drain: boolean
  readonly resolve: (directory: string) => void
  readonly reject: (error: MillraceError) => void
  /** Of a job that is to be drained: its sources were told to end. */
  hasBegun: boolean
  /** The savepoint is complete; its commits may not be. */
  isWhole: boolean
}

/** The requests to one job, over all its attempts. */
export class RequestedCheckpoints {
  readonly #init: RequestedCheckpointsInit
  #coordinator: CheckpointCoordinator | undefined
  /** What waits for the job to run. */
  #waiting: readonly CheckpointRequest[] = []
  #stop: Stop | undefined
  /** Somebody waits for the job to stop. */
  #isStopAsked = false
  #isOver = false

  constructor(init: RequestedCheckpointsInit) {
    this.#init = init
  }

  async triggerCheckpoint(): Promise<CheckpointStatisticsEntry> {
    const { hasCheckpoints, history } = this.#init
    if (!hasCheckpoints) throw this.#withoutCheckpoints()
    this.#refuseIfOver()
    const checkpointId = await new Promise<number>((resolve, reject) =>
      this.#ask({ kind: 'checkpoint', completed: resolve, failed: reject }),
    )
    return history.entry(checkpointId) as CheckpointStatisticsEntry
  }

  async triggerSavepoint(options: SavepointOptions): Promise<string> {
    checkOptions('triggerSavepoint', options, ['directory'])
    const directory = await this.#newDirectory(options)
    await new Promise<number>((resolve, reject) =>
      this.#ask({
        kind: 'savepoint',
        directory,
        completed: resolve,
        failed: (cause) => reject(savepointFailed(directory, cause)),
      }),
    )
    return directory
  }

  async stopWithSavepoint(options: StopWithSavepointOptions): Promise<string> {
    checkOptions('stopWithSavepoint', options, ['directory', 'drain'])
    const { drain = false } = options
    if (typeof drain !== 'boolean') throw invalidOption('drain as true or false', drain)
    if (this.#isStopAsked) throw this.#notRunning('another stopWithSavepoint is under way')
    this.#isStopAsked = true
    try {
      const directory = await this.#newDirectory(options)
      return await new Promise<string>((resolve, reject) =>
        this.#beginStop({
          directory,
          drain,
          resolve,
          reject,
          hasBegun: false,
          isWhole: false,
        }),
      )
    } finally {
      this.#isStopAsked = false
    }
  }

  /** The job runs. */
  attach(coordinator: CheckpointCoordinator): void {
    this.#coordinator = coordinator
    const waiting = this.#waiting
    this.#waiting = []
    for (const request of waiting) coordinator.take(request)
    if (this.#stop?.drain === true) this.#drain(this.#stop)
  }

  /** The attempt is over; these requests were not triggered in it. */
  detach(untriggered: readonly CheckpointRequest[]): void {
    this.#coordinator = undefined
    this.#waiting = [...untriggered, ...this.#waiting]
  }

  /** The attempt has failed, or was canceled: who was to stop it cannot have what they asked for. */
  attemptFailed(reason: MillraceError): void {
    const stop = this.#stop
    if (stop === undefined || (!stop.hasBegun && !stop.isWhole)) return
    this.#stop = undefined
    stop.reject(
      stop.isWhole
        ? wholeButFailed(stop.directory, reason)
        : savepointFailed(stop.directory, reason),
    )
  }

  /** What to take when all input has ended: the savepoint of a job that is drained; `undefined` if nobody asked for one. */
  takeFinalRequest(): CheckpointRequest | undefined {
    const stop = this.#stop
    return stop?.drain === true && !stop.isWhole ? this.#requestOf(stop) : undefined
  }

  /** Whether the job is being stopped in the middle of its input. */
  get isStoppingMidway(): boolean {
    return this.#stop?.drain === false && this.#stop.isWhole
  }

  /** The job has ended. */
  jobEnded(how: string): void {
    this.#isOver = true
    this.#coordinator = undefined
    const stop = this.#stop
    this.#stop = undefined
    const failure = this.#notRunning(how)
    for (const request of this.#waiting) request.failed(failure)
    this.#waiting = []
    if (stop === undefined) return
    if (stop.isWhole) stop.resolve(stop.directory)
    else stop.reject(failure)
  }

  #ask(request: CheckpointRequest): void {
    if (this.#isOver) return request.failed(this.#notRunning('it has ended'))
    if (this.#coordinator === undefined) this.#waiting = [...this.#waiting, request]
    else this.#coordinator.take(request)
  }

  #beginStop(stop: Stop): void {
    if (this.#isOver) return stop.reject(this.#notRunning('it has ended'))
    this.#stop = stop
    if (!stop.drain) this.#ask({ ...this.#requestOf(stop), isStopping: true })
    else if (this.#coordinator !== undefined) this.#drain(stop)
  }

  #requestOf(stop: Stop): CheckpointRequest {
    return {
      kind: 'savepoint',
      directory: stop.directory,
      completed: () => {
        stop.isWhole = true
      },
      failed: (cause) => {
        if (this.#stop === stop) this.#stop = undefined
        const isOfJob = cause.code === 'JOB_NOT_RUNNING'
        stop.reject(isOfJob ? cause : savepointFailed(stop.directory, cause))
      },
    }
  }

  #drain(stop: Stop): void {
    stop.hasBegun = true
    this.#init.endInput()
  }

  /** A directory for a new savepoint, in one that can be written. */
  async #newDirectory({ directory }: SavepointOptions): Promise<string> {
    if (typeof directory !== 'string' || directory === '') {
      throw invalidOption('a directory for the savepoint, as text', directory)
    }
    this.#refuseIfOver()
    const { platform, jobId } = this.#init
    const name = `savepoint-${jobId.slice(0, 6)}-${platform.random.id().slice(0, 12)}`
    const path = join(directory, name)
    try {
      await proveWritable(platform.files, directory)
    } catch (cause) {
      throw savepointFailed(path, cause)
    }
    return path
  }

  #refuseIfOver(): void {
    if (this.#isOver) throw this.#notRunning('it has ended')
  }

  #notRunning(came: string): MillraceError {
    const { jobName, jobId } = this.#init
    return new MillraceError('JOB_NOT_RUNNING', {
      expected: `the job '${jobName}' to run until its checkpoint or savepoint is complete`,
      came,
      todo: 'Ask while it runs; status() says where it is in its life.',
      ids: { jobId },
    })
  }

  #withoutCheckpoints(): MillraceError {
    return new MillraceError('OPTION_INVALID', {
      expected: `that the job '${this.#init.jobName}' takes checkpoints`,
      came: 'triggerCheckpoint() for one that does not',
      todo: 'Set the option checkpointing, or take a savepoint: triggerSavepoint({ directory }).',
    })
  }
}

function invalidOption(expected: string, came: unknown): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected,
    came: show(came),
    todo: "Write for example { directory: 'savepoints' }.",
  })
}

function savepointFailed(directory: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError && cause.code === 'JOB_NOT_RUNNING') return cause
  return new MillraceError('SAVEPOINT_FAILED', {
    expected: `the savepoint ${directory} to be complete`,
    came: (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, ''),
    todo: 'The job does not need it, and goes on if it can. Look at the cause, and ask again.',
    ids: { path: directory },
    cause,
  })
}

function wholeButFailed(directory: string, cause: MillraceError): MillraceError {
  return new MillraceError('SAVEPOINT_FAILED', {
    expected: `the job to end after its savepoint ${directory}`,
    came: cause.message.replace(/\.$/, ''),
    todo:
      'The savepoint is whole, but not all that belongs to it may be committed. If the job restarts, it goes on from it; ' +
      'otherwise start one from it.',
    ids: { path: directory },
    cause,
  })
}
