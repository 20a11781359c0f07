// The functions of one record, as classes with a life cycle: what a plain function cannot have. A stream takes them as
// `rich(() => new MyFunction())`, so that it can tell a factory from a plain function.

import { checkFactory } from './check-function.ts'
import type { LifeCycle } from './checkpointed-function.ts'
import type {
  Collector,
  FunctionFactory,
  KeyedRuntimeContext,
  RuntimeContext,
} from './functions.ts'

/**
 * A map function with `open` and `close`, and with state if the stream is keyed. `CONTEXT` is what `open` is told:
 * write `RuntimeContext` there for a function that wants no state, and it fits every stream.
 */
export interface RichMapFunction<
  IN,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  map(value: IN): OUT
}

/** A flat map function with `open` and `close`, see {@link RichMapFunction}. */
export interface RichFlatMapFunction<
  IN,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  flatMap(value: IN, out: Collector<OUT>): Iterable<OUT> | void
}

/** A filter function with `open` and `close`, see {@link RichMapFunction}. */
export interface RichFilterFunction<
  T,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  filter(value: T): boolean
}

/** A reduce function with `open` and `close`, see {@link RichMapFunction}. */
export interface RichReduceFunction<
  T,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  reduce(left: T, right: T): T
}

/** A map function of two streams with `open` and `close`, see {@link RichMapFunction}. */
export interface RichCoMapFunction<
  IN1,
  IN2,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  map1(value: IN1): OUT
  map2(value: IN2): OUT
}

/** A flat map function of two streams with `open` and `close`, see {@link RichMapFunction}. */
export interface RichCoFlatMapFunction<
  IN1,
  IN2,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  flatMap1(value: IN1, out: Collector<OUT>): Iterable<OUT> | void
  flatMap2(value: IN2, out: Collector<OUT>): Iterable<OUT> | void
}

/**
 * A join function with `open` and `close`, for `join(…).apply`. Its keyed state is that of the key, and outlives the window. See
 * {@link RichMapFunction}.
 */
export interface RichJoinFunction<
  T1,
  T2,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  join(first: T1, second: T2): OUT
}

/** A join function with any number of results, with `open` and `close`, for `flatApply`. See {@link RichJoinFunction}. */
export interface RichFlatJoinFunction<
  T1,
  T2,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  join(first: T1, second: T2, out: Collector<OUT>): Iterable<OUT> | void
}

/** A co-group function with `open` and `close`, for `coGroup(…).apply`. See {@link RichJoinFunction}. */
export interface RichCoGroupFunction<
  T1,
  T2,
  OUT,
  CONTEXT extends RuntimeContext = KeyedRuntimeContext,
> extends LifeCycle<CONTEXT> {
  coGroup(first: readonly T1[], second: readonly T2[], out: Collector<OUT>): Iterable<OUT> | void
}

/**
 * A factory of rich functions, made by {@link rich}.
 *
 * @example
 * ```ts
 * import { rich, RichFactory } from 'millrace'
 *
 * const factory = rich(() => ({ map: (n: number) => n + 1 }))
 * console.log(factory instanceof RichFactory, factory.create().map(1)) // true 2
 * ```
 */
export class RichFactory<F> {
  readonly create: FunctionFactory<F>

  constructor(create: FunctionFactory<F>) {
    this.create = create
  }
}

/**
 * Hands a function with a life cycle to `map`, `flatMap`, `filter`, `reduce`, and to joins and co-groups of windows. `create`
 * is called for each subtask, and again after each restart.
 *
 * @throws MillraceError `FUNCTION_INVALID` for anything but a function without parameters.
 * @example
 * Flink's first example of keyed state, the average of every two values of a key:
 *
 * ```ts
 * import { type Collector, type KeyedRuntimeContext, rich, type RichFlatMapFunction,
 *   StreamExecutionEnvironment, Types, type ValueState } from 'millrace'
 *
 * type Pair = readonly [number, number]
 *
 * class CountWindowAverage implements RichFlatMapFunction<Pair, Pair> {
 *   #sum!: ValueState<{ count: number; sum: number }>
 *
 *   open(context: KeyedRuntimeContext): void {
 *     const type = Types.record({ count: Types.int, sum: Types.long })
 *     this.#sum = context.getValueState({ name: 'average', type, defaultValue: { count: 0, sum: 0 } })
 *   }
 *
 *   flatMap([key, value]: Pair, out: Collector<Pair>): void {
 *     const before = this.#sum.value()
 *     const now = { count: before.count + 1, sum: before.sum + value }
 *     this.#sum.update(now)
 *     if (now.count >= 2) {
 *       out.collect([key, now.sum / now.count])
 *       this.#sum.clear()
 *     }
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const averages = env
 *   .fromData<Pair>([[1, 3], [1, 5], [1, 7], [1, 4], [1, 2]])
 *   .keyBy(([key]) => key)
 *   .flatMap(rich(() => new CountWindowAverage()))
 * console.log(await averages.executeAndCollect()) // [ [ 1, 4 ], [ 1, 5.5 ] ]
 * ```
 */
export function rich<F extends object>(create: FunctionFactory<F>): RichFactory<F> {
  return new RichFactory(checkFactory('rich', create))
}
