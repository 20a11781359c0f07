import {
  type AnyWindowAssigner,
  type FlatJoinFunction,
  type JoinFunction,
  type Key,
  type KeySelector,
  type TaggedUnion,
  type TimeWindow,
} from '@millrace/core'
import { checkFunction } from '../functions/check-function.ts'
import { collectAll, notPromise } from '../functions/co-functions.ts'
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
 * Two streams about to be joined. Made by {@link DataStream.join}.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const names = env.fromData([{ id: 1, name: 'Ann' }])
 * const ages = env.fromData([{ person: 1, age: 35 }])
 * const both = names
 *   .join(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply(({ name }, { age }) => `${name} ${age}`)
 * console.log(await both.executeAndCollect()) // [ 'Ann 35' ]
 * ```
 */
export class JoinedStreams<T1, T2> {
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
  ): JoinWhere<K, T1, T2> {
    return new JoinWhere(this.#first.keyBy(keySelector, options), this.#second)
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
 *   .join(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply(({ name }, { age }) => `${name} ${age}`)
 * console.log(await both.executeAndCollect()) // [ 'Ann 35' ]
 * ```
 */
export class JoinWhere<K extends Key, T1, T2> {
  readonly #first: KeyedStream<K, T1>
  readonly #second: DataStream<T2>

  constructor(first: KeyedStream<K, T1>, second: DataStream<T2>) {
    this.#first = first
    this.#second = second
  }

  /** The key of a record of the second stream, of the same kind as those of the first. */
  equalTo(keySelector: KeySelector<T2, K>, options: OutputType<K> = {}): JoinEqualTo<K, T1, T2> {
    return new JoinEqualTo({ first: this.#first, second: this.#second.keyBy(keySelector, options) })
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
 *   .join(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .apply(({ name }, { age }) => `${name} ${age}`)
 * console.log(await both.executeAndCollect()) // [ 'Ann 35' ]
 * ```
 */
export class JoinEqualTo<K extends Key, T1, T2> {
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
  ): WindowedJoin<K, T1, T2, W> {
    return new WindowedJoin(inWindows(this.#pair, assigner))
  }
}

/**
 * Two streams in windows, to be joined pair by pair.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const names = env.fromData([{ id: 1, name: 'Ann' }])
 * const ages = env.fromData([{ person: 1, age: 35 }])
 * const both = names
 *   .join(ages)
 *   .where(({ id }) => id)
 *   .equalTo(({ person }) => person)
 *   .window(TumblingProcessingTimeWindows.of('1 d', { offset: '-12 h' }))
 *   .flatApply(({ name }, { age }) => (age >= 18 ? [name] : []))
 * console.log(await both.executeAndCollect()) // [ 'Ann' ]
 * ```
 */
export class WindowedJoin<K, T1, T2, W extends TimeWindow = TimeWindow> extends WindowedPair<
  K,
  T1,
  T2,
  W
> {
  /** Makes one record of each pair. */
  apply<OUT>(join: JoinFunction<T1, T2, OUT>): SingleOutputStreamOperator<OUT> {
    checkFunction('apply', join)
    return windowedPair<K, T1, T2, W, OUT>('Join', this.init, ({ first, second }, out) => {
      for (const left of first) {
        for (const right of second) out.collect(notPromise(join(left, right)))
      }
    })
  }

  /** Makes any number of records of each pair. */
  flatApply<OUT>(join: FlatJoinFunction<T1, T2, OUT>): SingleOutputStreamOperator<OUT> {
    checkFunction('flatApply', join)
    return windowedPair<K, T1, T2, W, OUT>('Join', this.init, ({ first, second }, out) => {
      for (const left of first) {
        for (const right of second) collectAll(join(left, right, out), out)
      }
    })
  }

  protected override withInit(init: WindowedPairInit<K, T1, T2, W>): this {
    return new WindowedJoin(init) as this
  }
}
