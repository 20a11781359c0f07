// What is looked at while a seed runs and after it, by name.

/** Who found something wrong. */
export type Checker =
  /** The sinks hold exactly the rows that they must. */
  | 'rows'
  /** Accumulators count every record once. */
  | 'accumulators'
  /** Nothing becomes visible before a complete checkpoint names it. */
  | 'commits'
  /** Time, as operators see it, does not go back. */
  | 'watermarks'
  /** Timers fire once, not before their time, and only those that were set. */
  | 'timers'
  /** State holds what was put there, once. */
  | 'state'
  /** What a complete checkpoint refers to is there, and nothing that no checkpoint refers to. */
  | 'checkpoint files'
  /** Sinks leave no hidden files. */
  | 'sink files'
  /** No file is open when the job has ended. */
  | 'open files'
  /** The job ends in time after the last fault, without an error, and its processes come to rest. */
  | 'liveness'

/** Something that is not as it must be. */
export interface Violation {
  readonly checker: Checker
  /** When in simulated time, and what. */
  readonly message: string
}

/** Whom jobs and watchers tell what must not be. */
export interface Observer {
  violation(checker: Checker, message: string): void
  /** This happens, and may not happen again in the same attempt, in whichever subtask. */
  once(checker: Checker, what: string): void
}
