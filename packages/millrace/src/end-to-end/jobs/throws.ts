import { type StreamExecutionEnvironment, Types } from 'millrace'

/** A function that throws at the hundredth record of its subtask. */
export default function throws(env: StreamExecutionEnvironment): void {
  env
    .fromSequence(1, 10_000)
    .keyBy((value) => value % 10, { type: Types.int })
    .reduce((left, right) => {
      if (right > 1000) throw new RangeError(`no price for ${right}`)
      return left + right
    })
    .name('price of a bid')
    .discard()
}
