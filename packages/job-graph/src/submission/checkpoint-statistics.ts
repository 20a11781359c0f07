// What a job says about its checkpoints.

/** Where a checkpoint stands. `subsumed`: a newer one was complete first, so this one was given up. */
export type CheckpointStatus = 'in-progress' | 'completed' | 'failed' | 'subsumed'

/** The checkpoints of a job since its start, over restarts. */
export interface CheckpointStatistics {
  readonly counts: CheckpointCounts
  /** Over all completed ones; `null` before the first. */
  readonly summary: CheckpointSummary | null
  /** The newest ten, savepoints and those under way included, newest first. */
  readonly history: readonly CheckpointStatisticsEntry[]
  /**
   * Milliseconds since the last checkpoint that survives the process was complete: so much would be done again. `null` if there is
   * none, as without a checkpoint directory.
   */
  readonly lastDurableAgeMs: number | null
}

/** How many there were. */
export interface CheckpointCounts {
  readonly inProgress: number
  readonly completed: number
  readonly failed: number
  readonly subsumed: number
  /** How often the job began at a checkpoint or savepoint. */
  readonly restored: number
}

/** What completed checkpoints took. Times are in milliseconds; those of tasks are of each checkpoint's slowest task. */
export interface CheckpointSummary {
  readonly durationMs: StatisticsRange
  readonly stateBytes: StatisticsRange
  readonly inFlightBytes: StatisticsRange
  readonly alignmentMs: StatisticsRange
  readonly syncMs: StatisticsRange
  readonly asyncMs: StatisticsRange
}

/** The least, the greatest and the average. */
export interface StatisticsRange {
  readonly min: number
  readonly max: number
  readonly avg: number
}

/** One checkpoint or savepoint. */
export interface CheckpointStatisticsEntry {
  readonly checkpointId: number
  /** `final` is taken at the end of all input. */
  readonly kind: 'checkpoint' | 'savepoint' | 'final'
  readonly status: CheckpointStatus
  /** Milliseconds since 1970. */
  readonly triggeredAtMs: number
  /** From the trigger to its end, or until now. */
  readonly durationMs: number
  /** All that it holds so far, what was in flight included. */
  readonly stateBytes: number
  /** What was in flight. */
  readonly inFlightBytes: number
  /** Where it lies once it is complete; `null` before, and for one in memory. */
  readonly path: string | null
  /** Why it failed; `null` if it did not. */
  readonly failure: string | null
  /** Of each task that has stored its part, in the order in which they did. */
  readonly tasks: readonly TaskCheckpointStatistics[]
}

/** What its part of a checkpoint took a task. */
export interface TaskCheckpointStatistics {
  /** The uid of its first operator and the index of the subtask, such as `count/0`. */
  readonly task: string
  /** From the first barrier on a channel until it was on all of them. */
  readonly alignmentMs: number
  /** How long the task stood still to take its state. */
  readonly syncMs: number
  /** From then until all of it was stored. */
  readonly asyncMs: number
  readonly stateBytes: number
  readonly inFlightBytes: number
}
