import { type CutState, type Steps } from '@millrace/state'
import { describe, expect, test } from 'vitest'
import { SnapshotEncoder, type SnapshotPace } from './snapshot-encoder.ts'

/** State that takes a number of steps of one millisecond. */
class SlowState implements CutState {
  readonly log: string[] = []
  readonly #steps: number
  readonly #tick: () => void
  readonly #failure: Error | undefined

  constructor(steps: number, tick: () => void, failure?: Error) {
    this.#steps = steps
    this.#tick = tick
    this.#failure = failure
  }

  hold(): void {
    this.log.push('hold')
  }

  *encode(): Steps<Uint8Array> {
    for (let step = 0; step < this.#steps; step++) {
      this.log.push(`step ${step}`)
      this.#tick()
      yield
    }
    if (this.#failure !== undefined) throw this.#failure
    return Uint8Array.of(this.#steps)
  }

  release(): void {
    this.log.push('release')
  }
}

function encoderOf(pace?: SnapshotPace) {
  let nowMs = 0
  let wakes = 0
  const encoder = new SnapshotEncoder({
    clock: { monotonicMs: () => nowMs },
    pace,
    wake: () => void wakes++,
  })
  const tick = (): void => void nowMs++
  return { encoder, tick, wakes: () => wakes }
}

const ONE_STEP = { ms: Number.POSITIVE_INFINITY, steps: 1 }

describe('SnapshotEncoder', () => {
  test('when state is small, then its bytes are there at the barrier, and nothing is held', () => {
    const { encoder, tick, wakes } = encoderOf()
    const state = new SlowState(3, tick)
    encoder.begin(1)
    expect(encoder.encode(state)).toEqual(Uint8Array.of(3))
    expect([state.log, wakes()]).toEqual([['step 0', 'step 1', 'step 2'], 0])
  })

  test('when state is large, then four milliseconds are spent at the barrier and one in each slice', async () => {
    const { encoder, tick, wakes } = encoderOf()
    const state = new SlowState(6, tick)
    encoder.begin(1)
    const bytes = encoder.encode(state)
    expect(state.log).toEqual(['step 0', 'step 1', 'step 2', 'step 3', 'hold'])
    expect(wakes()).toBe(1)
    expect(encoder.runSlice()).toBe(true)
    expect(state.log.at(-1)).toBe('step 4')
    while (encoder.runSlice());
    expect(await bytes).toEqual(Uint8Array.of(6))
  })

  test('when an operator cuts several tables, then they share the time at the barrier', () => {
    const { encoder, tick } = encoderOf()
    const second = new SlowState(1, tick)
    encoder.begin(1)
    void encoder.encode(new SlowState(9, tick))
    void encoder.encode(second)
    expect(second.log).toEqual(['hold'])
  })

  test('when the next barrier comes first, then what is left is encoded before it', async () => {
    const { encoder, tick } = encoderOf({ atBarrier: ONE_STEP, inSlice: ONE_STEP })
    const first = encoder.encode(new SlowState(5, tick))
    encoder.begin(2)
    expect(await first).toEqual(Uint8Array.of(5))
    expect(encoder.runSlice()).toBe(false)
  })

  test('when the checkpoint is aborted, then it lets go of the state, and those of later checkpoints go on', async () => {
    const { encoder, tick } = encoderOf({ atBarrier: ONE_STEP, inSlice: ONE_STEP })
    const state = new SlowState(5, tick)
    encoder.begin(7)
    const bytes = encoder.encode(state)
    encoder.abort(6)
    expect(encoder.runSlice()).toBe(true)
    encoder.abort(7)
    await expect(bytes).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' })
    expect(state.log.at(-1)).toBe('release')
    expect(encoder.runSlice()).toBe(false)
  })

  test('when the operator is closed, then it lets go of the state, though nobody waits for it', () => {
    const { encoder, tick } = encoderOf({ atBarrier: ONE_STEP, inSlice: ONE_STEP })
    const state = new SlowState(5, tick)
    encoder.begin(7)
    void encoder.encode(state)
    encoder.close()
    expect(state.log.at(-1)).toBe('release')
  })

  test('when something cannot be encoded, then it is thrown at the barrier, or rejects after it', async () => {
    const { encoder, tick } = encoderOf()
    const failure = new Error('not of its type')
    encoder.begin(1)
    expect(() => encoder.encode(new SlowState(1, tick, failure))).toThrow(failure)
    const state = new SlowState(8, tick, failure)
    const bytes = encoder.encode(state)
    while (encoder.runSlice());
    await expect(bytes).rejects.toThrow(failure)
    expect(state.log.at(-1)).toBe('release')
  })
})
