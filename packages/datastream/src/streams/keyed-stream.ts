import {
  type FilterFunction,
  type FlatMapFunction,
  type AnyWindowAssigner,
  type FunctionFactory,
  GlobalWindows,
  type KeyedProcessFunction,
  type KeySelector,
  type MapFunction,
  MillraceError,
  type ReduceFunction,
  RichFactory,
  type RichFilterFunction,
  type RichFlatMapFunction,
  type RichMapFunction,
  type RichReduceFunction,
  type TimeWindow,
  type TypeInfo,
} from '@millrace/core'
import { checkFactory } from '../functions/check-function.ts'
import {
  checkField,
  foldField,
  type NumericField,
  type OrderedField,
  pickByField,
  type PickByOptions,
} from '../functions/field-functions.ts'
import { inCountWindows } from '../windows/count-windows.ts'
import { recordFunction } from '../functions/record-function.ts'
import { inputsFrom, type OperatorDescription, redistributed } from '../graph/draft-operator.ts'
import { IntervalJoin } from '../joins/interval-join.ts'
import type { WindowedStream } from '../windows/windowed-stream.ts'
import { PartitionWindowedStream } from '../partition/partition-windowed-stream.ts'
import {
  BroadcastStream,
  type BroadcastConnectedStream,
  type KeyedBroadcastConnectedStream,
} from './broadcast-stream.ts'
import type { ConnectedStreams, KeyedConnectedStreams } from './connected-streams.ts'
import { DataStream } from './data-stream.ts'
import { type OutputType, outputTypeOf } from './output-type.ts'
import type { SingleOutputStreamOperator } from './single-output-stream-operator.ts'
import type { KeyedOrigins, StreamContext } from './stream-context.ts'

/** What no keyed stream is, so that one with keys of another type is refused instead of taken for a plain stream. */
interface Unkeyed {
  readonly keyType?: never
}

/**
 * A stream whose records of one key meet in one subtask, so that operators can keep state for each key. Made by
 * {@link DataStream.keyBy}.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const longest = env
 *   .fromData(['apple', 'avocado', 'banana', 'apricots'])
 *   .keyBy((word) => word.charAt(0))
 *   .reduce((left, right) => (right.length > left.length ? right : left))
 * console.log(await longest.executeAndCollect()) // [ 'apple', 'avocado', 'banana', 'apricots' ]
 * ```
 */
export class KeyedStream<K, T> extends DataStream<T> {
  /** The key of a record. */
  readonly keySelector: KeySelector<T, K>
  /** The type of the keys; `Types.any()` if the program does not say. */
  readonly keyType: TypeInfo<K>

  constructor(context: StreamContext, keyed: KeyedOrigins<K, T>) {
    const { origins, type, keySelector, keyType } = keyed
    super(context, redistributed(origins, { kind: 'hash', keySelector, keyType }), type)
    this.keySelector = keySelector
    this.keyType = keyType
  }

  /** As {@link DataStream.map}; a function with a life cycle has keyed state. */
  override map<OUT>(
    map: MapFunction<T, OUT> | RichFactory<RichMapFunction<T, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return super.map(map as MapFunction<T, OUT>, options)
  }

  /** As {@link DataStream.flatMap}; a function with a life cycle has keyed state. */
  override flatMap<OUT>(
    flatMap: FlatMapFunction<T, OUT> | RichFactory<RichFlatMapFunction<T, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return super.flatMap(flatMap as FlatMapFunction<T, OUT>, options)
  }

  /** As {@link DataStream.filter}; a function with a life cycle has keyed state. */
  override filter<S extends T>(filter: (value: T) => value is S): SingleOutputStreamOperator<S>
  override filter(
    filter: FilterFunction<T> | RichFactory<RichFilterFunction<T>>,
  ): SingleOutputStreamOperator<T>
  override filter(
    filter: FilterFunction<T> | RichFactory<RichFilterFunction<T>>,
  ): SingleOutputStreamOperator<T> {
    return super.filter(filter as FilterFunction<T>)
  }

  /**
   * Folds each record into the key's value so far, and emits the new value. The first record of a key is emitted as it is.
   * `reduce` must leave both values as they are. It is a plain function, or one with a life cycle, as
   * `rich(() => new MyReducer())`.
   */
  reduce(
    reduce: ReduceFunction<T> | RichFactory<RichReduceFunction<T>>,
  ): SingleOutputStreamOperator<T> {
    return this.#reduce('Keyed Reduce', reduce)
  }

  /** A running sum of a field; the other fields are those of the key's first record. */
  sum(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#reduce(`Sum(${checkField('sum', field)})`, foldField('sum', field, this.type))
  }

  /** The smallest value of a field so far; the other fields are those of the key's first record. */
  min(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#reduce(`Min(${checkField('min', field)})`, foldField('min', field, this.type))
  }

  /** The largest value of a field so far; the other fields are those of the key's first record. */
  max(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#reduce(`Max(${checkField('max', field)})`, foldField('max', field, this.type))
  }

  /**
   * The record with the smallest value of a field so far; of equals, the first, or with `{ first: false }` the last.
   *
   * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const cheapest = env
   *   .fromData([{ item: 'pen', cents: 90 }, { item: 'nib', cents: 90 }, { item: 'ink', cents: 400 }])
   *   .keyBy(() => 'all')
   *   .minBy('cents', { first: false })
   *   .map(({ item }) => item)
   * console.log(await cheapest.executeAndCollect()) // [ 'pen', 'nib', 'nib' ]
   * ```
   */
  minBy(field: OrderedField<T>, options: PickByOptions = {}): SingleOutputStreamOperator<T> {
    return this.#reduce(`MinBy(${checkField('minBy', field)})`, pickByField('min', field, options))
  }

  /** The record with the largest value of a field so far; of equals, the first, or with `{ first: false }` the last. */
  maxBy(field: OrderedField<T>, options: PickByOptions = {}): SingleOutputStreamOperator<T> {
    return this.#reduce(`MaxBy(${checkField('maxBy', field)})`, pickByField('max', field, options))
  }

  /**
   * A function with state and timers of the record's key.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   * @example
   * ```ts
   * import {
   *   type Collector, type KeyedProcessContext, type KeyedProcessFunction, type KeyedRuntimeContext,
   *   StreamExecutionEnvironment, Types, type ValueState,
   * } from 'millrace'
   *
   * class Dedupe implements KeyedProcessFunction<string, string, string> {
   *   #seen!: ValueState<boolean>
   *
   *   open(context: KeyedRuntimeContext): void {
   *     this.#seen = context.getValueState({ name: 'seen', type: Types.boolean, defaultValue: false })
   *   }
   *
   *   processElement(word: string, _context: KeyedProcessContext<string>, out: Collector<string>): void {
   *     if (!this.#seen.value()) out.collect(word)
   *     this.#seen.update(true)
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const distinct = env
   *   .fromData(['to', 'be', 'or', 'not', 'to', 'be'])
   *   .keyBy((word) => word)
   *   .process(() => new Dedupe())
   * console.log(await distinct.executeAndCollect()) // [ 'to', 'be', 'or', 'not' ]
   * ```
   */
  override process<OUT>(
    factory: FunctionFactory<KeyedProcessFunction<K, T, OUT>>,
    options: OutputType<OUT> = {},
  ): SingleOutputStreamOperator<OUT> {
    return this.context.transform({
      kind: 'keyed-process',
      name: 'Keyed Process',
      inputs: inputsFrom(this.origins),
      functions: { keySelector: this.keySelector, process: checkFactory('process', factory) },
      outputType: outputTypeOf('process', options),
      keyType: this.keyType,
    })
  }

  /** Puts the records of each key into windows; see {@link WindowedStream}. */
  window<W extends TimeWindow = TimeWindow>(
    assigner: AnyWindowAssigner<T, W>,
  ): WindowedStream<K, T, W> {
    return this.context.windowedStream({ stream: this, assigner })
  }

  /**
   * Processes whole partitions when the input has ended: all records of each key, of a bounded stream; see
   * {@link PartitionWindowedStream}.
   */
  override fullWindowPartition(): PartitionWindowedStream<T> {
    return new PartitionWindowedStream(this, this)
  }

  /**
   * Joins each record with the records of another stream that have its key and are near in event time; see
   * {@link IntervalJoined}.
   *
   * @throws MillraceError `OPTION_INVALID` for a stream without keys, or of another environment.
   */
  intervalJoin<T2>(other: KeyedStream<K, T2>): IntervalJoin<K, T, T2> {
    if (!(other instanceof KeyedStream) || other.context !== this.context) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'a keyed stream of the same environment for intervalJoin',
        came: other instanceof KeyedStream ? 'one of another environment' : 'a stream without keys',
        todo: 'Call keyBy on both streams: only records of one key are joined.',
      })
    }
    return new IntervalJoin(this, other)
  }

  /**
   * Windows of so many records of a key; with a slide, the last `size` records after each `slide` of them. Records that do not
   * fill a window by the end of the stream are not evaluated. The timestamp of results is the end of time.
   *
   * @example
   * ```ts
   * import { StreamExecutionEnvironment } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const keyed = env.fromData([1, 2, 3, 4, 5]).keyBy(() => 'all')
   * const pairs = keyed.countWindow(2).process((_context, numbers) => [numbers.join('+')])
   * const lastThree = keyed.countWindow(3, 2).process((_context, numbers) => [numbers.join(',')])
   * const both = await pairs.union(lastThree).executeAndCollect()
   * console.log(both.sort()) // [ '1+2', '1,2', '2,3,4', '3+4' ]
   * ```
   */
  countWindow(size: number, slide?: number): WindowedStream<K, T> {
    return inCountWindows(this.window(GlobalWindows.create()), size, slide)
  }

  /**
   * Reads two streams with one operator. With another keyed stream, the function has state and timers that both inputs of a key
   * share; both key selectors must give keys of one kind.
   */
  override connect<B>(other: BroadcastStream<B>): KeyedBroadcastConnectedStream<K, T, B>
  override connect<T2>(other: KeyedStream<K, T2>): KeyedConnectedStreams<K, T, T2>
  override connect<T2>(other: DataStream<T2> & Unkeyed): ConnectedStreams<T, T2>
  override connect<T2>(
    other: DataStream<T2> | BroadcastStream<T2>,
  ): ConnectedStreams<T, T2> | BroadcastConnectedStream<T, T2> {
    if (other.context === this.context) {
      if (other instanceof BroadcastStream) {
        return this.context.keyedBroadcastConnectedStream(this, other)
      }
      if (other instanceof KeyedStream) {
        return this.context.keyedConnectedStreams(this, other as KeyedStream<K, T2>)
      }
    }
    return super.connect(other as DataStream<T2>)
  }

  protected override functionOfRecords(
    call: 'map' | 'flatMap' | 'filter',
    value: unknown,
  ): Pick<OperatorDescription, 'functions' | 'keyType'> {
    const described = super.functionOfRecords(call, value)
    if (!(value instanceof RichFactory)) return described
    const { keySelector, keyType } = this
    return { functions: { ...described.functions, keySelector }, keyType }
  }

  #reduce(
    name: string,
    reduce: ReduceFunction<T> | RichFactory<RichReduceFunction<T>>,
  ): SingleOutputStreamOperator<T> {
    return this.context.transform({
      kind: 'keyed-reduce',
      name,
      inputs: inputsFrom(this.origins),
      functions: { keySelector: this.keySelector, ...recordFunction('reduce', reduce) },
      outputType: this.type,
      keyType: this.keyType,
    })
  }
}
