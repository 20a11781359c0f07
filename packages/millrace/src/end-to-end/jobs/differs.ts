import type { StreamExecutionEnvironment } from 'millrace'

/** Another graph each time it is built. */
export default function differs(env: StreamExecutionEnvironment): void {
  env
    .fromData([1])
    .map((value) => value)
    .name(`number ${Math.random()}`)
    .uid('map-of-the-day')
    .discard()
}
