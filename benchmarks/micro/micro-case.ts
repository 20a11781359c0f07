/** One thing that is measured: how long a record, or an access of state, takes. */
export interface MicroCase {
  /** For example `operator map`, `codec string encode`, `state value update`. */
  readonly name: string
  /** Does it so many times. What is prepared beforehand does not count. */
  readonly prepare: () => MicroRun | Promise<MicroRun>
}

/** A prepared case. */
export interface MicroRun {
  /** How often the thing is done in each round. */
  readonly count: number
  /** One round. */
  readonly run: () => void | Promise<void>
}
