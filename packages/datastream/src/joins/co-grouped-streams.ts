import {
  type AnyWindowAssigner,
  type CoGroupFunction,
  type Key,
  type KeySelector,
  type TaggedUnion,
  type TimeWindow,
} from '@millrace/core'
import { checkFunction } from '../functions/check-function.ts'
import type { DataStream } from '../streams/data-stream.ts'
import type { KeyedStream } from '../streams/keyed-stream.ts'
import type { OutputType } from '../streams/output-type.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import {
  inWindows,
  type KeyedPair,
  windowedPair,
  WindowedPair,
  type WindowedPairInit,
} from './windowed-pair.ts'

/**
 * Two streams about to be put together window by window. Made by {@link DataStream.coGroup}.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const names = env.fromData([{ id: 1, name: 'Ann' }])
 * const ages = env.fromData([{ person: 1, age: 35 }])
 * const both = names
 *   .coGroup(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply((left, right) => [`${left.length} and ${right.length}`])
 * console.log(await both.executeAndCollect()) // [ '1 and 1' ]
 * ```
 */
export class CoGroupedStreams<T1, T2> {
  readonly #first: DataStream<T1>
  readonly #second: DataStream<T2>

  constructor(first: DataStream<T1>, second: DataStream<T2>) {
    this.#first = first
    this.#second = second
  }

  /** The key of a record of the first stream. */
  where<K extends Key>(
    keySelector: KeySelector<T1, K>,
    options: OutputType<K> = {},
  ): CoGroupWhere<K, T1, T2> {
    return new CoGroupWhere(this.#first.keyBy(keySelector, options), this.#second)
  }
}

/**
 * Two streams, of which the first has a key.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const names = env.fromData([{ id: 1, name: 'Ann' }])
 * const ages = env.fromData([{ person: 1, age: 35 }])
 * const both = names
 *   .coGroup(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply((left, right) => [`${left.length} and ${right.length}`])
 * console.log(await both.executeAndCollect()) // [ '1 and 1' ]
 * ```
 */
export class CoGroupWhere<K extends Key, T1, T2> {
  readonly #first: KeyedStream<K, T1>
  readonly #second: DataStream<T2>

  constructor(first: KeyedStream<K, T1>, second: DataStream<T2>) {
    this.#first = first
    this.#second = second
  }

  /** The key of a record of the second stream, of the same kind as those of the first. */
  equalTo(keySelector: KeySelector<T2, K>, options: OutputType<K> = {}): CoGroupEqualTo<K, T1, T2> {
    return new CoGroupEqualTo({
      first: this.#first,
      second: this.#second.keyBy(keySelector, options),
    })
  }
}

/**
 * Two streams with keys.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const names = env.fromData([{ id: 1, name: 'Ann' }])
 * const ages = env.fromData([{ person: 1, age: 35 }])
 * const both = names
 *   .coGroup(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply((left, right) => [`${left.length} and ${right.length}`])
 * console.log(await both.executeAndCollect()) // [ '1 and 1' ]
 * ```
 */
export class CoGroupEqualTo<K extends Key, T1, T2> {
  readonly #pair: KeyedPair<K, T1, T2>

  constructor(pair: KeyedPair<K, T1, T2>) {
    this.#pair = pair
  }

  /**
   * Puts the records of both streams into windows.
   *
   * @throws MillraceError `KEY_INVALID` if the keys of both are of different types.
   */
  window<W extends TimeWindow = TimeWindow>(
    assigner: AnyWindowAssigner<TaggedUnion<T1, T2>, W>,
  ): WindowedCoGroup<K, T1, T2, W> {
    return new WindowedCoGroup(inWindows(this.#pair, assigner))
  }
}

/**
 * Two streams in windows, to be evaluated window by window.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const names = env.fromData([{ id: 1, name: 'Ann' }])
 * const ages = env.fromData([{ person: 1, age: 35 }])
 * const both = names
 *   .coGroup(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply((left, right) => [`${left.length} and ${right.length}`])
 * console.log(await both.executeAndCollect()) // [ '1 and 1' ]
 * ```
 */
export class WindowedCoGroup<K, T1, T2, W extends TimeWindow = TimeWindow> extends WindowedPair<
  K,
  T1,
  T2,
  W
> {
  /** Makes records of all records of a key and window. */
  apply<OUT>(coGroup: CoGroupFunction<T1, T2, OUT>): SingleOutputStreamOperator<OUT> {
    checkFunction('apply', coGroup)
    return windowedPair<K, T1, T2, W, OUT>('CoGroup', this.init, ({ first, second }, out) =>
      coGroup(first, second, out),
    )
  }

  protected override withInit(init: WindowedPairInit<K, T1, T2, W>): this {
    return new WindowedCoGroup(init) as this
  }
}
