import {
  type CoProcessFunction,
  describeType,
  type FlatMapFunction,
  type FunctionFactory,
  type Key,
  type KeyedCoProcessFunction,
  type KeySelector,
  type MapFunction,
  MillraceError,
  type RichCoFlatMapFunction,
  type RichCoMapFunction,
  RichFactory,
  type RuntimeContext,
  type TypeInfo,
  Types,
  typesEqual,
} from '@millrace/core'
import { checkFactory, checkFunction } from '../functions/check-function.ts'
import { CoFlatMap, CoMap, richCoFlatMap, richCoMap } from '../functions/co-functions.ts'
import { inputsFrom } from '../graph/draft-operator.ts'
import type { DataStream } from './data-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import { type OutputType, outputTypeOf } from './output-type.ts'
import type { SingleOutputStreamOperator } from './single-output-stream-operator.ts'

/**
 * Two streams that one operator reads, each with its own type. Made by {@link DataStream.connect}.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const both = env
 *   .fromData([1, 2])
 *   .connect(env.fromData(['a']))
 *   .map((n) => `number ${n}`, (text) => `text ${text}`)
 * console.log((await both.executeAndCollect()).sort()) // [ 'number 1', 'number 2', 'text a' ]
 * ```
 */
export class ConnectedStreams<T1, T2> {
  readonly first: DataStream<T1>
  readonly second: DataStream<T2>

  constructor(first: DataStream<T1>, second: DataStream<T2>) {
    this.first = first
    this.second = second
  }

  /**
   * One record in, one out, with a function for each input: two plain ones, or one object with a life cycle that has both, as
   * `rich(() => new MyCoMapper())`.
   */
  map<OUT>(
    map1: MapFunction<T1, OUT>,
    map2: MapFunction<T2, OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  map<OUT>(
    both: RichFactory<RichCoMapFunction<T1, T2, OUT, RuntimeContext>>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  map<OUT>(
    first: MapFunction<T1, OUT> | RichFactory<RichCoMapFunction<T1, T2, OUT>>,
    second?: MapFunction<T2, OUT> | OutputType<OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    if (first instanceof RichFactory) {
      const outputType = outputTypeOf('map', (second ?? {}) as OutputType<OUT>)
      return this.transform('Co-Map', () => richCoMap(first.create()), outputType)
    }
    const map1 = checkFunction('map', first)
    const map2 = checkFunction('map', second as MapFunction<T2, OUT>)
    return this.transform('Co-Map', () => new CoMap(map1, map2), outputTypeOf('map', options ?? {}))
  }

  /**
   * One record in, any number out, with a function for each input: two plain ones, or one object with a life cycle that has both,
   * as `rich(() => new MyCoFlatMapper())`.
   *
   * @example
   * ```ts
   * import { type KeyedRuntimeContext, rich, type RichCoFlatMapFunction, StreamExecutionEnvironment, Types,
   *   type ValueState } from 'millrace'
   *
   * class Unblocked implements RichCoFlatMapFunction<string, string, string> {
   *   #isBlocked!: ValueState<boolean>
   *
   *   open(context: KeyedRuntimeContext): void {
   *     this.#isBlocked = context.getValueState({ name: 'blocked', type: Types.boolean, defaultValue: false })
   *   }
   *
   *   flatMap1(_control: string): void {
   *     this.#isBlocked.update(true)
   *   }
   *
   *   flatMap2(word: string): string[] {
   *     return this.#isBlocked.value() ? [] : [word]
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const control = env.fromData(['DROP', 'IGNORE']).keyBy((word) => word)
   * const words = env.fromData(['Apache', 'DROP', 'Flink']).keyBy((word) => word)
   * const passed = await control.connect(words).flatMap(rich(() => new Unblocked())).executeAndCollect()
   * console.log(passed.includes('Apache') && passed.includes('Flink')) // true
   * ```
   */
  flatMap<OUT>(
    flatMap1: FlatMapFunction<T1, OUT>,
    flatMap2: FlatMapFunction<T2, OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  flatMap<OUT>(
    both: RichFactory<RichCoFlatMapFunction<T1, T2, OUT, RuntimeContext>>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  flatMap<OUT>(
    first: FlatMapFunction<T1, OUT> | RichFactory<RichCoFlatMapFunction<T1, T2, OUT>>,
    second?: FlatMapFunction<T2, OUT> | OutputType<OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    if (first instanceof RichFactory) {
      const outputType = outputTypeOf('flatMap', (second ?? {}) as OutputType<OUT>)
      return this.transform('Co-Flat Map', () => richCoFlatMap(first.create()), outputType)
    }
    const flatMap1 = checkFunction('flatMap', first)
    const flatMap2 = checkFunction('flatMap', second as FlatMapFunction<T2, OUT>)
    return this.transform(
      'Co-Flat Map',
      () => new CoFlatMap(flatMap1, flatMap2),
      outputTypeOf('flatMap', options ?? {}),
    )
  }

  /**
   * A function with a life cycle over both inputs.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   */
  process<OUT>(
    factory: FunctionFactory<CoProcessFunction<T1, T2, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return this.transform(
      'Co-Process',
      checkFactory('process', factory),
      outputTypeOf('process', options),
    )
  }

  /** Keys both streams, so that the function has state and timers that both inputs of a key share. */
  keyBy<K extends Key>(
    keySelector1: KeySelector<T1, K>,
    keySelector2: KeySelector<T2, K>,
    options: OutputType<K> = {},
  ): KeyedConnectedStreams<K, T1, T2> {
    const { first, second } = this
    return first.context.keyedConnectedStreams(
      first.keyBy(keySelector1, options),
      second.keyBy(keySelector2, options),
    )
  }

  protected transform<OUT>(
    name: string,
    process: FunctionFactory<object>,
    outputType: OutputType<OUT>['type'],
  ): SingleOutputStreamOperator<OUT> {
    const { first, second } = this
    return first.context.transform({
      kind: 'co-process',
      name,
      inputs: [...inputsFrom(first.origins, 0), ...inputsFrom(second.origins, 1)],
      functions: { process },
      outputType,
    })
  }
}

/**
 * Two keyed streams that one operator reads: a join of one's own making. Made by {@link KeyedStream.connect}, or by `keyBy` on
 * connected streams.
 *
 * @example
 * ```ts
 * import { type Collector, type KeyedCoProcessFunction, type KeyedProcessContext, type KeyedRuntimeContext,
 *   StreamExecutionEnvironment, Types, type ValueState } from 'millrace'
 *
 * type Order = { id: number; item: string }
 * type Payment = { order: number }
 *
 * class Paid implements KeyedCoProcessFunction<number, Order, Payment, string> {
 *   #item!: ValueState<string>
 *   #isPaid!: ValueState<boolean>
 *
 *   open(context: KeyedRuntimeContext): void {
 *     this.#item = context.getValueState({ name: 'item', type: Types.string, defaultValue: '' })
 *     this.#isPaid = context.getValueState({ name: 'paid', type: Types.boolean, defaultValue: false })
 *   }
 *
 *   processElement1(order: Order, _context: KeyedProcessContext<number>, out: Collector<string>): void {
 *     this.#item.update(order.item)
 *     if (this.#isPaid.value()) out.collect(order.item)
 *   }
 *
 *   processElement2(_payment: Payment, _context: KeyedProcessContext<number>, out: Collector<string>): void {
 *     this.#isPaid.update(true)
 *     if (this.#item.value() !== '') out.collect(this.#item.value())
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const orders = env.fromData<Order>([{ id: 1, item: 'book' }, { id: 2, item: 'pen' }])
 * const payments = env.fromData<Payment>([{ order: 2 }])
 * const paid = orders
 *   .keyBy((order) => order.id)
 *   .connect(payments.keyBy((payment) => payment.order))
 *   .process(() => new Paid())
 * console.log(await paid.executeAndCollect()) // [ 'pen' ]
 * ```
 */
export class KeyedConnectedStreams<K, T1, T2> extends ConnectedStreams<T1, T2> {
  readonly #first: KeyedStream<K, T1>
  readonly #second: KeyedStream<K, T2>

  constructor(first: KeyedStream<K, T1>, second: KeyedStream<K, T2>) {
    super(first, second)
    this.#first = first
    this.#second = second
  }

  /** As {@link ConnectedStreams.map}; a function with a life cycle has keyed state. */
  override map<OUT>(
    map1: MapFunction<T1, OUT>,
    map2: MapFunction<T2, OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  override map<OUT>(
    both: RichFactory<RichCoMapFunction<T1, T2, OUT>>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  override map<OUT>(
    first: MapFunction<T1, OUT> | RichFactory<RichCoMapFunction<T1, T2, OUT>>,
    second?: MapFunction<T2, OUT> | OutputType<OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    return super.map(first as MapFunction<T1, OUT>, second as MapFunction<T2, OUT>, options)
  }

  /** As {@link ConnectedStreams.flatMap}; a function with a life cycle has keyed state. */
  override flatMap<OUT>(
    flatMap1: FlatMapFunction<T1, OUT>,
    flatMap2: FlatMapFunction<T2, OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  override flatMap<OUT>(
    both: RichFactory<RichCoFlatMapFunction<T1, T2, OUT>>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT>
  override flatMap<OUT>(
    first: FlatMapFunction<T1, OUT> | RichFactory<RichCoFlatMapFunction<T1, T2, OUT>>,
    second?: FlatMapFunction<T2, OUT> | OutputType<OUT>,
    options?: OutputType<OUT>,
  ): SingleOutputStreamOperator<OUT> {
    return super.flatMap(
      first as FlatMapFunction<T1, OUT>,
      second as FlatMapFunction<T2, OUT>,
      options,
    )
  }

  /**
   * A function over both inputs, with state and timers of the record's key.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   */
  override process<OUT>(
    factory: FunctionFactory<KeyedCoProcessFunction<K, T1, T2, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return this.transform(
      'Keyed Co-Process',
      checkFactory('process', factory),
      outputTypeOf('process', options),
    )
  }

  protected override transform<OUT>(
    name: string,
    process: FunctionFactory<object>,
    outputType: OutputType<OUT>['type'],
  ): SingleOutputStreamOperator<OUT> {
    const first = this.#first
    const second = this.#second
    return first.context.transform({
      kind: 'keyed-co-process',
      name,
      inputs: [...inputsFrom(first.origins, 0), ...inputsFrom(second.origins, 1)],
      functions: { keySelector1: first.keySelector, keySelector2: second.keySelector, process },
      outputType,
      keyType: sharedKeyType(first.keyType, second.keyType),
    })
  }
}

/** The type of the keys of both inputs: it is known only if both are. */
export function sharedKeyType<K>(first: TypeInfo<K>, second: TypeInfo<K>): TypeInfo<K> {
  if (typesEqual(first, second)) return first
  if (first.kind === 'any' || second.kind === 'any') return Types.any()
  throw new MillraceError('KEY_INVALID', {
    expected: 'two streams with keys of the same type',
    came: `${describeType(first)} and ${describeType(second)}`,
    todo: 'Give both keyBy the same type: keys that look alike but differ in type never meet.',
  })
}
