import { type StreamExecutionEnvironment, Types } from 'millrace'

/** Numbers without an end, over all threads. */
export default function endless(env: StreamExecutionEnvironment): void {
  env
    .generate({ recordsPerSecond: 10_000, generator: (index) => index })
    .returns(Types.int)
    .keyBy((value) => value % 10, { type: Types.int })
    .reduce((_left, right) => right)
    .discard()
}
