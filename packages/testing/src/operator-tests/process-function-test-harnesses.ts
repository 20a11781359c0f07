import type {
  BroadcastProcessFunction,
  CoProcessFunction,
  Key,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  KeySelector,
  MapStateDescriptor,
  ProcessFunction,
  TypeInfo,
} from '@millrace/core'
import { type OneInputHarness, testOperator } from './one-input-harness.ts'
import { testTwoInputOperator, type TwoInputHarness } from './two-input-harness.ts'

/** How a harness finds the key of a record. */
export interface KeyedBy<K extends Key, T> {
  readonly keySelector: KeySelector<T, K>
  /** Default: `Types.any()`. */
  readonly keyType?: TypeInfo<K>
}

/**
 * Harnesses by the names that they have in Flink. Each calls {@link testOperator} or {@link testTwoInputOperator}, which can do the
 * same for every operator.
 *
 * @example
 * ```ts
 * import { ProcessFunctionTestHarnesses } from 'millrace/testing'
 *
 * const harness = await ProcessFunctionTestHarnesses.forProcessFunction<string, number>(() => ({
 *   processElement: (word, _context, out) => out.collect(word.length),
 * }))
 * harness.processElement('apple', 10)
 * console.log(harness.output) // [ { value: 5, timestamp: 10 } ]
 * ```
 */
export const ProcessFunctionTestHarnesses = {
  forProcessFunction<IN, OUT>(
    factory: () => ProcessFunction<IN, OUT>,
  ): Promise<OneInputHarness<IN, OUT>> {
    return testOperator<IN, OUT>((input) => input.process(factory))
  },

  forKeyedProcessFunction<K extends Key, IN, OUT>(
    factory: () => KeyedProcessFunction<K, IN, OUT>,
    { keySelector, keyType }: KeyedBy<K, IN>,
  ): Promise<OneInputHarness<IN, OUT>> {
    return testOperator<IN, OUT>((input) =>
      input.keyBy(keySelector, keyType && { type: keyType }).process(factory),
    )
  },

  forCoProcessFunction<IN1, IN2, OUT>(
    factory: () => CoProcessFunction<IN1, IN2, OUT>,
  ): Promise<TwoInputHarness<IN1, IN2, OUT>> {
    return testTwoInputOperator<IN1, IN2, OUT>((first, second) =>
      first.connect(second).process(factory),
    )
  },

  forKeyedCoProcessFunction<K extends Key, IN1, IN2, OUT>(
    factory: () => KeyedCoProcessFunction<K, IN1, IN2, OUT>,
    first: KeyedBy<K, IN1>,
    second: KeyedBy<K, IN2>,
  ): Promise<TwoInputHarness<IN1, IN2, OUT>> {
    return testTwoInputOperator<IN1, IN2, OUT>((left, right) =>
      left
        .keyBy(first.keySelector, first.keyType && { type: first.keyType })
        .connect(right.keyBy(second.keySelector, second.keyType && { type: second.keyType }))
        .process(factory),
    )
  },

  forBroadcastProcessFunction<IN, B, OUT, UK, UV>(
    factory: () => BroadcastProcessFunction<IN, B, OUT>,
    state: MapStateDescriptor<UK, UV>,
    ...states: readonly MapStateDescriptor<unknown, unknown>[]
  ): Promise<TwoInputHarness<IN, B, OUT>> {
    return testTwoInputOperator<IN, B, OUT>((data, broadcast) =>
      data.connect(broadcast.broadcast(state, ...states)).process(factory),
    )
  },

  forKeyedBroadcastProcessFunction<K extends Key, IN, B, OUT, UK, UV>(
    factory: () => KeyedBroadcastProcessFunction<K, IN, B, OUT>,
    { keySelector, keyType }: KeyedBy<K, IN>,
    state: MapStateDescriptor<UK, UV>,
    ...states: readonly MapStateDescriptor<unknown, unknown>[]
  ): Promise<TwoInputHarness<IN, B, OUT>> {
    return testTwoInputOperator<IN, B, OUT>((data, broadcast) =>
      data
        .keyBy(keySelector, keyType && { type: keyType })
        .connect(broadcast.broadcast(state, ...states))
        .process(factory),
    )
  },
}
