// How a described job is handed to whoever runs it. The API builds a submission; the cluster package, the
// simulator or a worker thread that only wants the graph receives it.

import type { Accumulator, JsonValue } from '@millrace/core'
import type { JobGraph } from '../job-graph/job-graph.ts'
import type { FunctionTable } from '../stream-graph/function-table.ts'
import type { CheckpointStatistics, CheckpointStatisticsEntry } from './checkpoint-statistics.ts'

/** A job, ready to run. */
export interface JobSubmission {
  readonly graph: JobGraph
  readonly functions: FunctionTable
  readonly settings: JobSettings
}

/** How a job is run, as data. Durations are milliseconds. */
export interface JobSettings {
  readonly checkpointing: CheckpointSettings | null
  readonly restart: RestartSettings
  /** How often periodic watermark generators are asked. Default 200. */
  readonly autoWatermarkIntervalMs: number
  /** How long a record may wait in a frame that is not full; 0 sends at the end of each slice, -1 only full ones. Default 10. */
  readonly bufferTimeoutMs: number
  /** Worker threads; 0 runs all in the calling thread. */
  readonly threads: number
  /** The module that builds the job, for worker threads: a path or a `file:` URL. */
  readonly module: string | null
  /** In force when the first operator was added. A module that exports a function is given an environment with the same. */
  readonly defaults: OperatorDefaults
  /** What `context.globalJobParameters` shows. Left out: nothing. */
  readonly globalJobParameters?: Readonly<Record<string, string>>
  /** Files that every task can ask for: their paths by name. Left out: none. */
  readonly cachedFiles?: Readonly<Record<string, string>>
}

/** What operators have that are not given a number of their own. */
export interface OperatorDefaults {
  readonly parallelism: number
  /** `null`: it follows from the parallelism. */
  readonly maxParallelism: number | null
  /** `false`: operators are not chained, even where they can be. */
  readonly chaining?: false
}

/** When and where checkpoints are taken. */
export interface CheckpointSettings {
  readonly intervalMs: number
  /** The interval while a source works off a backlog; 0 takes none meanwhile. Without an option of its own it is `intervalMs`. */
  readonly intervalDuringBacklogMs: number
  /** Where they are kept; `null` keeps the last one in memory, enough for a restart within the process. */
  readonly directory: string | null
  readonly timeoutMs: number
  readonly minPauseMs: number
  /** How many completed checkpoints are kept. */
  readonly retained: number
  /** Checkpoints in a row that may fail before the job does. */
  readonly tolerableFailures: number
  /** `at-least-once`: no channel waits for a barrier on another one. */
  readonly mode: 'exactly-once' | 'at-least-once'
  /** Whether barriers may overtake records. */
  readonly isUnaligned: boolean
  /** Before it overtakes, a barrier is aligned for so long in each task; 0 overtakes at once. */
  readonly alignedTimeoutMs: number
  /** How many checkpoints may be under way at a time. */
  readonly maxConcurrent: number
  /** What becomes of the checkpoints in the directory when the job is canceled. */
  readonly onCancel: 'retain' | 'delete'
  /** What the job begins with; `null`: fresh. */
  readonly restoreFrom: RestoreSettings | null
}

/** What a job is restored from. */
export interface RestoreSettings {
  /** A savepoint or checkpoint; `'latest'`: the newest one in the checkpoint directory, or a fresh start if there is none. */
  readonly path: string
  /** `claim`: it belongs to the job, which removes it as it does its own. */
  readonly claimMode: 'claim' | 'no-claim'
  /** State of operators that the job does not have is left behind. */
  readonly allowNonRestoredState: boolean
}

/** What happens when a task fails. */
export type RestartSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed-delay'; readonly attempts: number; readonly delayMs: number }
  | {
      readonly kind: 'failure-rate'
      readonly attempts: number
      readonly intervalMs: number
      readonly delayMs: number
    }
  | {
      readonly kind: 'exponential-delay'
      readonly initialMs: number
      readonly maxMs: number
      readonly multiplier: number
      readonly resetThresholdMs: number
      readonly jitter: number
      /** `null`: without end. */
      readonly attempts: number | null
    }

/** The states of a job. */
export type JobStatus =
  | 'created'
  | 'running'
  | 'failing'
  | 'restarting'
  | 'canceling'
  | 'finished'
  | 'canceled'
  | 'failed'

/** Options of {@link JobClient.triggerSavepoint}. */
export interface SavepointOptions {
  /** Where the savepoint gets a directory of its own. Made if it is missing. */
  readonly directory: string
}

/** Options of {@link JobClient.stopWithSavepoint}. */
export interface StopWithSavepointOptions extends SavepointOptions {
  /** Bring the job to its end instead of stopping it in the middle. Default false. */
  readonly drain?: boolean
}

/** A running job, as its submitter sees it. */
export interface JobClient {
  /** Differs between two starts of a job. */
  readonly jobId: string
  /** The name that `execute` was given. */
  readonly jobName: string
  /** Where the job is in its life. */
  status(): JobStatus
  /** Exactly-once counters and live figures; up to date within some 100 ms. */
  metrics(): JobMetrics
  /** The checkpoints of the job: counts, what they took, and the newest of them one by one. */
  checkpoints(): CheckpointStatistics
  /**
   * Takes a checkpoint now, or as soon as there is room for one, whatever the interval says. Waits while the job is being started or
   * restarted. The answer has its path, if there is a checkpoint directory.
   *
   * @throws MillraceError `OPTION_INVALID` if the job has no checkpoints, `CHECKPOINT_FAILED` if it fails, `JOB_NOT_RUNNING` if the
   * job ends before.
   */
  triggerCheckpoint(): Promise<CheckpointStatisticsEntry>
  /**
   * Takes a savepoint: a checkpoint that belongs to you. It is a new directory in `directory`, whole by itself: move it, copy it,
   * restore any number of jobs from it. The job goes on, never goes back to it, and never deletes it. Resolves with its path.
   *
   * Waits while the job is being started or restarted, and for a checkpoint that is under way.
   *
   * @throws MillraceError `SAVEPOINT_FAILED`, after which the job goes on as if nothing had been asked; `JOB_NOT_RUNNING` if the job
   * ends before; `OPTION_INVALID`, `OPTION_UNKNOWN`.
   */
  triggerSavepoint(options: SavepointOptions): Promise<string>
  /**
   * Stops the job with a savepoint, from which it can go on as if it had never stopped: behind the savepoint nothing is read, no
   * timer fires, and windows stay open in its state. Resolves with its path when the job has finished, all that belongs to the
   * savepoint committed.
   *
   * With `drain`, the job is brought to an end instead, as if its input had ended: the last watermark fires all windows and
   * timers, and the savepoint is what is left. A job restored from it ends at once.
   *
   * If the savepoint fails, the job goes on, after `drain` from its last checkpoint.
   *
   * @throws MillraceError as {@link triggerSavepoint}. If the job fails when the savepoint is whole already, the error says so, and
   * the job goes on from the savepoint.
   */
  stopWithSavepoint(options: StopWithSavepointOptions): Promise<string>
  /** Stops the job without a final checkpoint. Resolves when all its tasks have ended. */
  cancel(): Promise<void>
  /** Settles when the job has ended; rejects with the cause when it failed or was canceled. */
  result(): Promise<JobExecutionResult>
  /** Receives what `collect` sinks send; set it before the job produces anything. */
  onCollected(handler: (payload: CollectedPayload) => void): void
  /** Sends a message to one subtask of a sink. It is lost when the subtask does not run. */
  sendToSink(message: SinkMessage): void
}

/** Records on their way to the submitter. */
export interface CollectedPayload {
  readonly uid: string
  readonly subtaskIndex: number
  readonly payload: unknown
}

/** What the submitter says to one subtask of a sink. */
export interface SinkMessage {
  readonly uid: string
  readonly subtaskIndex: number
  readonly message: JsonValue
}

/** Live figures of a job. */
export interface JobMetrics {
  /** The accumulators whose result is a number, merged over all subtasks, by name. */
  readonly accumulators: Readonly<Record<string, number>>
  /**
   * The result of an accumulator of any kind, merged over all subtasks, or `undefined` if there is none of that name. One of a
   * class of your own is merged in what `create` makes: the class cannot come from the threads that ran the job.
   *
   * @throws MillraceError `OPTION_INVALID` without the `create` that such a class needs.
   */
  readonly getAccumulatorResult: <R = number>(
    name: string,
    create?: () => Accumulator<never, R>,
  ) => R | undefined
  /** Records emitted by each source operator since the start of this attempt, by uid. */
  readonly sourceRecords: Readonly<Record<string, number>>
  /** Completed checkpoints since the start of the job. */
  readonly checkpointsCompleted: number
  /** Checkpoints that were given up since the start of the job. */
  readonly checkpointsFailed: number
  /** The newest completed checkpoint; `null` before the first. */
  readonly lastCheckpoint: CheckpointFigures | null
  /** How often the job was restarted after a failure. */
  readonly restarts: number
}

/** Figures of one completed checkpoint. */
export interface CheckpointFigures {
  /** Counts from 1, over restarts too. */
  readonly checkpointId: number
  /** From its trigger until it was complete. */
  readonly durationMs: number
  /** All that it holds, in its metadata and in files. */
  readonly stateBytes: number
}

/** What a finished job answers. */
export interface JobExecutionResult extends JobMetrics {
  /** Differs between two starts of a job. */
  readonly jobId: string
  /** The name that `execute` was given. */
  readonly jobName: string
  /** From the submission to the end. */
  readonly runtimeMs: number
}

/** Runs jobs. */
export interface JobExecutor {
  submit(submission: JobSubmission): Promise<JobClient>
}
