// When a task takes its snapshot: a barrier has come on every channel, or it overtakes what is queued. A channel whose barrier has
// been taken in its place waits, its input untouched, until the cut; so the state at the cut holds exactly what came before the
// barriers, and with it what they have overtaken.
//
//   idle ──barrier n──> waiting n ──taken on every channel────────────────────────────> cut n, back to idle
//                        │  │  ▲  └─overtaking, and taken on every channel in place────> cut n, back to idle
//                        │  └──┘ one comes as `unaligned`, or the time is over: overtaking
//                        └──barrier m > n (n was given up upstream)──> waiting m
//
// The one rule: channels in place are those that no barrier may overtake (see job-graph `canBeOvertaken`). A barrier counts there when
// it is taken from its place among the records; elsewhere it may count when it comes into the queue. An `at-least-once` barrier is
// counted only: no channel waits.
//
// The decision is pure: the task blocks the channels that `blocked` names, and snapshots as it is told.

import { assert } from '@millrace/core'
import type { Barrier } from '@millrace/exchange'

/** What to do about a barrier that came, or about the time that is over. */
export type BarrierDecision =
  /** Go on with the channels that are not blocked. */
  | { readonly kind: 'wait' }
  /** Snapshot, and send `barrier` on. What lies before the barrier on the channels `overtaken` is part of the snapshot. */
  | { readonly kind: 'cut'; readonly barrier: Barrier; readonly overtaken: readonly number[] }

const WAIT: BarrierDecision = { kind: 'wait' }

/** Aligns the barriers of one task. */
export class BarrierAligner {
  readonly #canBeOvertaken: readonly boolean[]
  /** The channels whose barrier was taken in its place. */
  readonly #taken = new Set<number>()
  /** Of checkpoints that are only counted: on how many channels the barrier was taken. */
  readonly #counts = new Map<number, number>()
  /** The newest barrier that has come; `unaligned` once it overtakes. */
  #barrier: Barrier | undefined
  #isCut = true

  /** By channel: whether a barrier may overtake what is queued there. */
  constructor(canBeOvertaken: readonly boolean[]) {
    this.#canBeOvertaken = canBeOvertaken
  }

  /** The channels that wait for others. */
  get blocked(): ReadonlySet<number> {
    return this.#taken
  }

  /** The checkpoint whose barrier has come on some channels and that is not cut yet. */
  get awaited(): Barrier | undefined {
    return this.#isCut ? undefined : this.#barrier
  }

  /** A barrier was taken from its place among the records. */
  onBarrier(channelIndex: number, barrier: Barrier): BarrierDecision {
    if (barrier.alignment === 'at-least-once') return this.#count(barrier)
    if (!this.#isAwaited(barrier)) return WAIT
    assert(!this.#taken.has(channelIndex), 'one barrier of a checkpoint on each channel')
    this.#taken.add(channelIndex)
    return this.#decide()
  }

  /** A barrier has come into the queue of a channel that it may overtake. */
  onArrival(barrier: Barrier): BarrierDecision {
    return this.#isAwaited(barrier) ? this.#decide() : WAIT
  }

  /** The aligned barrier of a checkpoint has waited for as long as it may. */
  onTimeout(checkpointId: number): BarrierDecision {
    const barrier = this.awaited
    if (barrier?.checkpointId !== checkpointId) return WAIT
    this.#barrier = { ...barrier, alignment: 'unaligned' }
    return this.#decide()
  }

  /** As no channel waits, barriers of several checkpoints may be on their way. */
  #count(barrier: Barrier): BarrierDecision {
    const { checkpointId } = barrier
    const count = (this.#counts.get(checkpointId) ?? 0) + 1
    this.#counts.set(checkpointId, count)
    if (count < this.#canBeOvertaken.length) return WAIT
    // Those before were given up by who sends to this task: their barriers would have come before this one.
    for (const id of this.#counts.keys()) if (id <= checkpointId) this.#counts.delete(id)
    return { kind: 'cut', barrier, overtaken: [] }
  }

  /** Whether the barrier is of the checkpoint that is waited for, which it begins if it is the first. */
  #isAwaited(barrier: Barrier): boolean {
    const current = this.#barrier
    if (current !== undefined && barrier.checkpointId < current.checkpointId) return false
    if (barrier.checkpointId !== current?.checkpointId) {
      this.#barrier = barrier
      this.#isCut = false
      this.#taken.clear()
    } else if (barrier.alignment === 'unaligned') this.#barrier = barrier
    return !this.#isCut
  }

  #decide(): BarrierDecision {
    const barrier = this.#barrier as Barrier
    const isOvertaking = barrier.alignment === 'unaligned'
    const overtaken: number[] = []
    for (const [index, canBeOvertaken] of this.#canBeOvertaken.entries()) {
      if (this.#taken.has(index)) continue
      if (!isOvertaking || !canBeOvertaken) return WAIT
      overtaken.push(index)
    }
    this.#taken.clear()
    this.#isCut = true
    return { kind: 'cut', barrier, overtaken }
  }
}
