import {
  type Accumulator,
  Histogram,
  IntCounter,
  type RuntimeContext,
  type StreamExecutionEnvironment,
} from 'millrace'

/** Two operators that add accumulators of different kinds under one name. */
export default function twoKinds(env: StreamExecutionEnvironment): void {
  const numbers = env.generate({ count: 1000, generator: (index) => index })
  numbers.process(() => counting(new IntCounter())).discard()
  numbers.process(() => counting(new Histogram())).discard()
}

function counting(accumulator: Accumulator<number, unknown>) {
  return {
    open: (context: RuntimeContext) => context.addAccumulator('seen', accumulator),
    processElement: (value: number) => accumulator.add(value),
  }
}
