// A source as fast as it can be, and behind a shuffle a function that is slow: all queues between them are full.

import {
  type Accumulator,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type StreamExecutionEnvironment,
  Types,
} from 'millrace'

export const COUNT = 16_000

/**
 * Sums up numbers slowly. The parameter `busyMs` says how long a record takes; the first attempt fails after `failAfter` records of a
 * subtask, if it is set.
 */
export default function fallsBehind(env: StreamExecutionEnvironment): void {
  env
    .generate({ count: COUNT, generator: (index) => index })
    .returns(Types.int)
    .keyBy((value) => value % 100, { type: Types.int })
    .process(() => new SlowSum(), { type: Types.int })
    .discard()
}

class SlowSum implements KeyedProcessFunction<number, number, number> {
  #left = Number.POSITIVE_INFINITY
  #busyMs = 0
  #sum!: Accumulator

  open(context: KeyedRuntimeContext): void {
    const { attempt, globalJobParameters } = context
    this.#busyMs = globalJobParameters.getNumber('busyMs')
    if (attempt === 0) this.#left = globalJobParameters.getNumber('failAfter', this.#left)
    this.#sum = context.getAccumulator('sum')
  }

  processElement(value: number): void {
    if (this.#left-- === 0) throw new Error('once')
    const endMs = performance.now() + this.#busyMs
    while (performance.now() < endMs);
    this.#sum.add(value)
  }
}
