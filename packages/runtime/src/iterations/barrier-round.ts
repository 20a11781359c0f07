// The way of a barrier round a loop (after Chandy and Lamport): the head sends it on when it has come from the inputs, and
// what comes back before the barrier does is part of the head's state. A channel whose barrier is back stands still until all
// are back, so that what is queued then is exactly the records of the loop at the cut.
//
//   idle ──begin n──> round n ──barrier n on every channel──> idle: the snapshot of n is complete
//                        │
//                        └──begin m (n was given up)──> round m; barriers of n that come later are passed over
//
// Where records of one head come back to another, the barrier can be back before the own one goes out. Its channel waits too.

/** What to do about a barrier that came back. */
export type ReturnDecision = 'ignore' | 'block' | 'complete'

/** The rounds of barriers at one head. */
export class BarrierRound {
  readonly #channelCount: number
  /** The channels that stand still, and the checkpoint of the barrier that is back on them. */
  readonly #returned = new Map<number, number>()
  #checkpointId = -1
  #isUnderWay = false
  /** Barriers of these checkpoints mean nothing any more. */
  #abortedUpTo = -1

  constructor(channelCount: number) {
    this.#channelCount = channelCount
  }

  /** Whether the own barrier is on its way. What comes back meanwhile must wait in the queue. */
  get isUnderWay(): boolean {
    return this.#isUnderWay
  }

  /** The channels that stand still. */
  get blocked(): Iterable<number> {
    return this.#returned.keys()
  }

  /** The own barrier goes out. True if it is back already, on every channel. */
  begin(checkpointId: number): boolean {
    this.#checkpointId = checkpointId
    this.#isUnderWay = true
    for (const [index, returned] of this.#returned) {
      if (returned < checkpointId) this.#returned.delete(index)
    }
    return this.#completeIfBack()
  }

  /** The checkpoint was given up, and all before it: nobody waits for their barriers. */
  abort(checkpointId: number): void {
    this.#abortedUpTo = Math.max(this.#abortedUpTo, checkpointId)
    if (this.#checkpointId <= checkpointId) this.#isUnderWay = false
    for (const [index, returned] of this.#returned) {
      if (returned <= checkpointId) this.#returned.delete(index)
    }
  }

  onReturn(channelIndex: number, checkpointId: number): ReturnDecision {
    const isOver = checkpointId === this.#checkpointId && !this.#isUnderWay
    if (checkpointId < this.#checkpointId || isOver) return 'ignore'
    if (checkpointId <= this.#abortedUpTo) return 'ignore'
    this.#returned.set(channelIndex, checkpointId)
    return this.#completeIfBack() ? 'complete' : 'block'
  }

  #completeIfBack(): boolean {
    if (!this.#isUnderWay || this.#returned.size < this.#channelCount) return false
    for (const returned of this.#returned.values()) {
      if (returned !== this.#checkpointId) return false
    }
    this.#isUnderWay = false
    this.#returned.clear()
    return true
  }
}
