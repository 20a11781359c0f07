// More state than is written at a barrier: snapshots go on beside the records that change it. Module for threads.

import {
  type Accumulator,
  type Infer,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  type ValueState,
} from 'millrace'

export const KEYS = 60_000
const ROUNDS = 8
export const NUMBERS: number = KEYS * ROUNDS

const Visits = Types.record({ count: Types.int, of: Types.string })
type Visits = Infer<typeof Visits>

/**
 * Each key comes once in each round, so its state must say how many rounds there were before: whatever was restored. Fails once, when
 * two checkpoints are complete.
 */
class Visited implements KeyedProcessFunction<number, number, number> {
  #number!: ValueState<number>
  #visits!: ValueState<Visits | undefined>
  #right!: Accumulator
  #wrong!: Accumulator
  #completed = 0
  #mayFail = false

  open(context: KeyedRuntimeContext): void {
    this.#number = context.getValueState({ name: 'number', type: Types.int, defaultValue: 0 })
    this.#visits = context.getValueState({ name: 'visits', type: Visits })
    this.#mayFail = context.attempt === 0
    this.#right = context.getAccumulator('right')
    this.#wrong = context.getAccumulator('wrong')
  }

  processElement(n: number): void {
    if (this.#mayFail && this.#completed >= 2) throw new Error('once')
    const round = Math.floor(n / KEYS)
    const visits = this.#visits.value() ?? { count: 0, of: `visitor number ${n % KEYS}` }
    const isRight = this.#number.value() === round && visits.count === round
    ;(isRight ? this.#right : this.#wrong).add(1)
    this.#number.update(round + 1)
    visits.count++
    this.#visits.update(visits)
  }

  notifyCheckpointComplete(): void {
    this.#completed++
  }
}

/** Counts what was right and what was wrong in the accumulators. */
export default function largeState(env: StreamExecutionEnvironment): void {
  env
    .generate({ count: NUMBERS, recordsPerSecond: 300_000, generator: (index) => index })
    .setParallelism(1)
    .uid('numbers')
    .returns(Types.int)
    .keyBy((n) => n % KEYS, { type: Types.int })
    .process(() => new Visited(), { type: Types.int })
    .uid('visited')
    .discard()
}
