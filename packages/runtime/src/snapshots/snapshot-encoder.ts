// Turns the state that an operator has cut at a barrier into bytes, without a pause that can be felt.
//
//   barrier ─> encode for up to 4 ms ─┬─ done: bytes                       small state never leaves the barrier
//                                     └─ hold the rest, a promise ─> turn: records (1 ms), slice (1 ms), turn: …  ─> bytes
//                                                                          one slice in each turn of the loop
//
// What one operator has not finished when its next barrier comes is finished then, at once: state holds one cut at a time. That needs
// concurrent checkpoints, or one that was given up without a word.

import { type Clock, MillraceError } from '@millrace/core'
import type { CutState, Steps } from '@millrace/state'
import type { LoopTask } from '../task/task-loop.ts'

/** How much is encoded without a pause. */
export interface SnapshotPace {
  /** At the barrier, for each operator. */
  readonly atBarrier: EncodingBudget
  /** In each turn of the loop after it. */
  readonly inSlice: EncodingBudget
}

/** What is used up first ends it; one step is always made in a slice. */
export interface EncodingBudget {
  readonly ms: number
  /** Each of some hundred entries. */
  readonly steps: number
}

/**
 * 4 ms are about a hundred thousand numbers, or twenty thousand records with strings: most operators have less, and are done in the
 * fastest way. A slice is as long as the turn that the tasks had before it, so records and snapshot share the thread in halves.
 */
export const DEFAULT_SNAPSHOT_PACE: SnapshotPace = {
  atBarrier: { ms: 4, steps: Number.POSITIVE_INFINITY },
  inSlice: { ms: 1, steps: Number.POSITIVE_INFINITY },
}

/** What an encoder is made of. */
export interface SnapshotEncoderInit {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Default: {@link DEFAULT_SNAPSHOT_PACE}. */
  readonly pace?: SnapshotPace | undefined
  /** Has {@link SnapshotEncoder.runSlice} called, until it answers false. */
  readonly wake: (encoder: SnapshotEncoder) => void
}

/** A snapshot that goes on after its barrier. */
interface RunningEncoding {
  readonly checkpointId: number
  readonly cut: CutState
  readonly steps: Steps<Uint8Array>
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/** Encodes the snapshots of one operator. */
export class SnapshotEncoder implements LoopTask {
  readonly #init: SnapshotEncoderInit
  readonly #pace: SnapshotPace
  #running: RunningEncoding[] = []
  #checkpointId = -1
  /** What is left of the time and the steps at the barrier. */
  #barrierEndsMs = 0
  #barrierStepsLeft = 0

  constructor(init: SnapshotEncoderInit) {
    this.#init = init
    this.#pace = init.pace ?? DEFAULT_SNAPSHOT_PACE
  }

  /** A barrier has come: what is encoded next belongs to its checkpoint. What is left of an older one is encoded now. */
  begin(checkpointId: number): void {
    this.#finishAll()
    const { ms, steps } = this.#pace.atBarrier
    this.#checkpointId = checkpointId
    this.#barrierEndsMs = this.#init.clock.monotonicMs() + ms
    this.#barrierStepsLeft = steps
  }

  /**
   * The bytes of what was cut in this call of the operator. They may come later: then the state may change as soon as this returns.
   * The promise rejects if the checkpoint is given up, or if something cannot be encoded.
   */
  encode(cut: CutState): Uint8Array | Promise<Uint8Array> {
    const steps = cut.encode()
    const { clock } = this.#init
    while (this.#barrierStepsLeft > 0 && clock.monotonicMs() < this.#barrierEndsMs) {
      this.#barrierStepsLeft--
      const step = steps.next()
      if (step.done === true) return step.value
    }
    cut.hold()
    const bytes = new Promise<Uint8Array>((resolve, reject) => {
      this.#running.push({ checkpointId: this.#checkpointId, cut, steps, resolve, reject })
    })
    // Whoever cuts may fail before anybody waits for this.
    bytes.catch(() => {})
    this.#init.wake(this)
    return bytes
  }

  /** Encodes a little. False when nothing is left to do. */
  runSlice(): boolean {
    const { clock } = this.#init
    const { ms, steps } = this.#pace.inSlice
    const endMs = clock.monotonicMs() + ms
    for (let made = 0; made < steps; made++) {
      const [first] = this.#running
      if (first === undefined) return false
      if (this.#step(first)) this.#running.shift()
      if (clock.monotonicMs() >= endMs) break
    }
    return this.#running.length > 0
  }

  /** Checkpoints of this id and before that are not complete never will be. */
  abort(checkpointId: number): void {
    this.#giveUp((running) => running.checkpointId <= checkpointId)
  }

  /** Gives everything up: the operator is no more. */
  close(): void {
    this.#giveUp(() => true)
  }

  /** True when nothing is left to do. */
  #step({ steps, cut, resolve, reject }: RunningEncoding): boolean {
    try {
      const step = steps.next()
      if (step.done !== true) return false
      resolve(step.value)
    } catch (error) {
      cut.release()
      reject(error)
    }
    return true
  }

  #finishAll(): void {
    for (const running of this.#running) while (!this.#step(running));
    this.#running = []
  }

  #giveUp(isGivenUp: (running: RunningEncoding) => boolean): void {
    const givenUp = this.#running.filter(isGivenUp)
    this.#running = this.#running.filter((running) => !isGivenUp(running))
    for (const { cut, reject, checkpointId } of givenUp) {
      cut.release()
      reject(
        new MillraceError('CHECKPOINT_FAILED', {
          expected: `the state of checkpoint ${checkpointId} to be written to its end`,
          came: 'the end of the checkpoint or of the task before it',
          todo: 'Nothing: the next checkpoint is not affected. If it happens again and again, allow checkpoints more time.',
          ids: { checkpointId },
        }),
      )
    }
  }
}
