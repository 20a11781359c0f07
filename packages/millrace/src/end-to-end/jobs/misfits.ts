import { type StreamExecutionEnvironment, Types } from 'millrace'

const Half = Types.record({ key: Types.int, half: Types.int })

/** Records that do not fit the type they are sent with to the other thread. */
export default function misfits(env: StreamExecutionEnvironment): void {
  env
    .fromSequence(1, 100)
    .map((value) => ({ key: value, half: value / 2 }), { type: Half })
    .name('halves')
    .keyBy(({ key }) => key, { type: Types.int })
    .reduce((left) => left)
    .discard()
}
