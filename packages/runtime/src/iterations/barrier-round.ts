// The way of a barrier round a loop (after Chandy and Lamport): the head sends it on when it has come from the inputs, and
// what comes back before the barrier does is part of the head's state. A channel whose barrier is back stands still until all
// are back, so that what is queued then is exactly the records of the loop at the cut.
//
//   idle ──begin n──> round n ──barrier n on every channel──> idle: the snapshot of n is complete
//                        │
//                        └──begin m (n was given up)──> round m; barriers of n that come later are passed over

/** What to do about a barrier that came back. */
export type ReturnDecision = 'ignore' | 'block' | 'complete'

/** The rounds of barriers at one head. */
export class BarrierRound {
  readonly #channelCount: number
  readonly #returned = new Set<number>()
  #checkpointId: number | undefined

  constructor(channelCount: number) {
    this.#channelCount = channelCount
  }

  /** Whether a barrier is on its way. What comes back meanwhile must wait in the queue. */
  get isUnderWay(): boolean {
    return this.#checkpointId !== undefined
  }

  /** The barrier goes out. */
  begin(checkpointId: number): void {
    this.#checkpointId = checkpointId
    this.#returned.clear()
  }

  onReturn(channelIndex: number, checkpointId: number): ReturnDecision {
    if (checkpointId !== this.#checkpointId) return 'ignore'
    this.#returned.add(channelIndex)
    if (this.#returned.size < this.#channelCount) return 'block'
    this.#checkpointId = undefined
    return 'complete'
  }
}
