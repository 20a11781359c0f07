// Alignment: a task snapshots when the barrier has come on every channel. A channel whose barrier has come waits,
// its input untouched, until the others are there; so the snapshot holds exactly what came before the barriers.
//
//   idle ──first barrier n──> aligning n ──last barrier n──> aligned, back to idle
//                                 │
//                                 └──barrier m > n (n was given up upstream)──> aligning m
//
// The decision is pure: the task blocks, unblocks and snapshots as it is told.

import { assert } from '@millrace/core'
import type { Barrier } from '@millrace/exchange'

/** What to do about a barrier that came on a channel. */
export type BarrierDecision =
  /** Block the channel and go on with the others. */
  | { readonly kind: 'block' }
  /** All are there: snapshot, then unblock all channels. */
  | { readonly kind: 'aligned'; readonly barrier: Barrier }
  /** A newer checkpoint began: unblock all channels, then block this one. */
  | { readonly kind: 'restart' }
  /** A barrier of a checkpoint that was given up: go on as if it had not come. */
  | { readonly kind: 'ignore' }

/** Aligns the barriers of one task. */
export class BarrierAligner {
  readonly #channelCount: number
  readonly #arrived = new Set<number>()
  #checkpointId = -1

  constructor(channelCount: number) {
    this.#channelCount = channelCount
  }

  /** Whether some channels wait for others. */
  get isAligning(): boolean {
    return this.#arrived.size > 0
  }

  onBarrier(channelIndex: number, barrier: Barrier): BarrierDecision {
    if (barrier.checkpointId < this.#checkpointId) return { kind: 'ignore' }
    const isNewer = barrier.checkpointId > this.#checkpointId
    const isRestart = isNewer && this.#arrived.size > 0
    if (isNewer) this.#arrived.clear()
    assert(!this.#arrived.has(channelIndex), 'one barrier of a checkpoint on each channel')
    this.#checkpointId = barrier.checkpointId
    this.#arrived.add(channelIndex)
    if (this.#arrived.size === this.#channelCount) {
      this.#arrived.clear()
      return { kind: 'aligned', barrier }
    }
    return { kind: isRestart ? 'restart' : 'block' }
  }
}
