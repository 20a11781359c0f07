import {
  type Accumulator,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type StreamExecutionEnvironment,
  Types,
} from 'millrace'

export const NUMBERS = 60_000

/** Adds numbers up, and ends its thread once, in the middle. */
export default function exitsOnce(env: StreamExecutionEnvironment): void {
  env
    .generate({ count: NUMBERS, recordsPerSecond: 60_000, generator: (index) => index + 1 })
    .returns(Types.int)
    .keyBy((value) => value % 100, { type: Types.int })
    .process(() => new SumAndExit(), { type: Types.int })
    .name('sum and exit')
    .discard()
}

class SumAndExit implements KeyedProcessFunction<number, number, number> {
  #isFirstAttempt = false
  #sum!: Accumulator

  open(context: KeyedRuntimeContext): void {
    this.#isFirstAttempt = context.attempt === 0
    this.#sum = context.getAccumulator('sum')
  }

  processElement(value: number): void {
    if (this.#isFirstAttempt && value > NUMBERS / 2) process.exit(3)
    this.#sum.add(value)
  }
}
