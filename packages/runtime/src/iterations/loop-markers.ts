// Finds the end of a loop. When the inputs of the loop have ended, each head sends markers round, behind its records:
//
//        ┌── marker ──> body ──> body ──┐        a body sends a marker on when it has come on every channel of the loop,
//      head                             │        and all other channels have ended; so all records before it are through
//        └────────<── marker ──<────────┘
//
// A marker says for how many rounds nothing went through the head, nor through those whose records reach it: 0 if the head
// itself has sent records since its last marker, else one more than the least of what its last marker and the returned ones
// said. A record that is still to come has a chain of causes from head to head back to the inputs, and along it the round
// numbers fall by one at a time. So when a marker would say as many rounds as there are heads, and one more because a record
// from beside the loop enters a round later, the chain would have to pass a quiet head in a quiet round: there is no such
// record, and the loop has ended.

/** Aligns the markers of a loop over the channels of one task. Markers keep their order in a channel, so none is numbered. */
export class LoopMarkers {
  readonly #pending: number[][]
  readonly #hasEnded: boolean[]

  constructor(channelCount: number) {
    this.#pending = Array.from({ length: channelCount }, () => [])
    this.#hasEnded = this.#pending.map(() => false)
  }

  /** A marker has come on a channel. */
  add(channelIndex: number, quietRounds: number): void {
    this.#pending[channelIndex]?.push(quietRounds)
  }

  /** Nothing more comes on a channel. */
  end(channelIndex: number): void {
    this.#hasEnded[channelIndex] = true
  }

  /** The least of the next marker of every channel, once all have come; an ended channel says nothing. */
  take(): number | undefined {
    let least = Number.POSITIVE_INFINITY
    for (const [index, pending] of this.#pending.entries()) {
      const [next] = pending
      if (next !== undefined) least = Math.min(least, next)
      else if (this.#hasEnded[index] !== true) return undefined
    }
    if (least === Number.POSITIVE_INFINITY) return undefined
    for (const pending of this.#pending) pending.shift()
    return least
  }
}
