import {
  type Accumulator,
  type Duration,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  type ValueState,
} from 'millrace'

export const VISITS = 30

/** Visits of three keys, 5 ms apart; counts those of which an earlier one of the same key is remembered. */
export default function forgetful(env: StreamExecutionEnvironment): void {
  env
    .generate({
      count: VISITS,
      recordsPerSecond: 200,
      generator: (index) => index % 3,
      type: Types.int,
    })
    .keyBy((value) => value, { type: Types.int })
    .process(() => new CountsRemembered())
    .uid('visits')
    .discard()
}

class CountsRemembered implements KeyedProcessFunction<number, number, never> {
  #counts!: readonly { readonly seen: ValueState<boolean>; readonly count: Accumulator }[]

  open(context: KeyedRuntimeContext): void {
    const remembering = (name: string, duration: Duration) => ({
      seen: context.getValueState({
        name,
        type: Types.boolean,
        defaultValue: false,
        ttl: { duration },
      }),
      count: context.getAccumulator(name),
    })
    this.#counts = [remembering('for a day', '1 d'), remembering('for a moment', 1)]
  }

  processElement(): void {
    for (const { seen, count } of this.#counts) {
      count.add(seen.value() ? 1 : 0)
      seen.update(true)
    }
  }
}
