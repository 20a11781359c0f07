// How a described job is handed to whoever runs it. The API builds a submission; the cluster package, the
// simulator or a worker thread that only wants the graph receives it.

import type { Accumulator, JsonValue } from '@millrace/core'
import type { JobGraph } from '../job-graph/job-graph.ts'
import type { FunctionTable } from '../stream-graph/function-table.ts'

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
  /** `'latest'` continues from the newest checkpoint in the directory. */
  readonly restoreFrom: 'latest' | null
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
