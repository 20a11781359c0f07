import {
  type AggregateFunction,
  type Duration,
  durationMs,
  MillraceError,
  type OutputTag,
  type ReduceFunction,
  show,
  type TypeDescriptor,
  type TypeInfo,
  Types,
  type WindowAssigner,
  type WindowFunction,
} from '@millrace/core'
import { checkFunction, checkMethods } from '../functions/check-function.ts'
import {
  aggregateField,
  checkField,
  type NumericField,
  type OrderedField,
  pickByField,
} from '../functions/field-functions.ts'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom } from '../graph/draft-operator.ts'
import type { KeyedStream } from '../streams/keyed-stream.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import { collectingAggregate, reducingAggregate } from './window-aggregates.ts'
import { windowName } from './window-name.ts'

/** What a windowed stream is made of. */
export interface WindowedStreamInit<K, T> {
  readonly stream: KeyedStream<K, T>
  readonly assigner: WindowAssigner
  /** Default 0. */
  readonly allowedLatenessMs?: number
  /** Default: late records are dropped and counted. */
  readonly lateTag?: OutputTag<T>
}

/**
 * A keyed stream whose records lie in windows. Made by {@link KeyedStream.window}. `reduce` and `aggregate` fold each record
 * into the window at once and keep one value a key and window; `process` keeps all elements, so use it only where it must be.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment, TumblingEventTimeWindows, WatermarkStrategy } from 'millrace'
 *
 * type Click = { page: string; at: number }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const counts = env
 *   .fromData<Click>([
 *     { page: '/a', at: 1_000 },
 *     { page: '/a', at: 9_000 },
 *     { page: '/a', at: 11_000 },
 *   ])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<Click>().withTimestampAssigner((click) => click.at),
 *   )
 *   .keyBy((click) => click.page)
 *   .window(TumblingEventTimeWindows.of('10 s'))
 *   .process(({ key, window }, clicks) => [`${key} ${window.start}: ${clicks.length}`])
 * console.log(await counts.executeAndCollect()) // [ '/a 0: 2', '/a 10000: 1' ]
 * ```
 */
export class WindowedStream<K, T> {
  readonly #init: WindowedStreamInit<K, T>

  constructor(init: WindowedStreamInit<K, T>) {
    this.#init = { ...init, assigner: checkAssigner(init.assigner) }
  }

  /**
   * Keeps each event-time window this much longer after the watermark passed its end. A record that comes in that time makes the
   * window fire again with its new result. Default 0.
   */
  allowedLateness(lateness: Duration): WindowedStream<K, T> {
    const allowedLatenessMs = durationMs(lateness, { what: 'an allowed lateness' })
    return new WindowedStream({ ...this.#init, allowedLatenessMs })
  }

  /**
   * Sends records that come too late for every window to a side output of the window operator, instead of dropping them.
   *
   * @example
   * ```ts
   * import { OutputTag, StreamExecutionEnvironment, TumblingEventTimeWindows, WatermarkStrategy } from 'millrace'
   *
   * const late = new OutputTag<number>('late')
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const sums = env
   *   .fromData([1_000, 20_000, 2_000])
   *   .assignTimestampsAndWatermarks(
   *     WatermarkStrategy.forMonotonousTimestamps<number>({ emit: 'per-record' })
   *       .withTimestampAssigner((at) => at),
   *   )
   *   .keyBy(() => 'all')
   *   .window(TumblingEventTimeWindows.of('10 s'))
   *   .sideOutputLateData(late)
   *   .reduce((left, right) => left + right)
   * sums.discard()
   * console.log(await sums.getSideOutput(late).executeAndCollect()) // [ 2000 ]
   * ```
   */
  sideOutputLateData(tag: OutputTag<T>): WindowedStream<K, T> {
    return new WindowedStream({ ...this.#init, lateTag: tag })
  }

  /** Reduces the records of each window to one, which is emitted, or handed to `window` with the window's key and bounds. */
  reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window: WindowFunction<T, OUT, K>,
  ): SingleOutputStreamOperator<OUT>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window?: WindowFunction<T, OUT, K>,
  ): SingleOutputStreamOperator<OUT> {
    return this.#reduce(checkFunction('reduce', reduce), window)
  }

  /**
   * Folds the records of each window into an accumulator; its result is emitted, or handed to `window` with the window's key and
   * bounds.
   *
   * @example
   * ```ts
   * import { type AggregateFunction, StreamExecutionEnvironment, TumblingEventTimeWindows,
   *   WatermarkStrategy } from 'millrace'
   *
   * class Average implements AggregateFunction<number, { sum: number; count: number }, number> {
   *   createAccumulator(): { sum: number; count: number } {
   *     return { sum: 0, count: 0 }
   *   }
   *   add(average: { sum: number; count: number }, value: number): { sum: number; count: number } {
   *     average.sum += value
   *     average.count += 1
   *     return average
   *   }
   *   getResult({ sum, count }: { sum: number; count: number }): number {
   *     return sum / count
   *   }
   *   merge(left: { sum: number; count: number }, right: { sum: number; count: number }): typeof left {
   *     left.sum += right.sum
   *     left.count += right.count
   *     return left
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const averages = env
   *   .fromData([1, 2, 6])
   *   .assignTimestampsAndWatermarks(
   *     WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n),
   *   )
   *   .keyBy(() => 'all')
   *   .window(TumblingEventTimeWindows.of('1 min'))
   *   .aggregate(new Average(), ({ window }, average) => [`until ${window.end}: ${average}`])
   * console.log(await averages.executeAndCollect()) // [ 'until 60000: 3' ]
   * ```
   */
  aggregate<ACC, OUT>(aggregate: AggregateFunction<T, ACC, OUT>): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window: WindowFunction<V, OUT, K>,
  ): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window?: WindowFunction<V, OUT, K>,
  ): SingleOutputStreamOperator<OUT> {
    checkMethods('aggregate', aggregate, ['createAccumulator', 'add', 'getResult', 'merge'])
    return this.#transform({ aggregate, accumulatorType: aggregate.accumulatorType, window })
  }

  /**
   * Hands all elements of each window to `window`: in the order in which they came, as long as windows are tumbling. What sliding
   * windows share is kept once, slice by slice of time, and handed over so; of sessions that became one, one follows the other.
   */
  process<OUT>(window: WindowFunction<readonly T[], OUT, K>): SingleOutputStreamOperator<OUT> {
    const { type } = this.#init.stream
    return this.#transform({
      aggregate: collectingAggregate<T>(),
      accumulatorType: Types.array(type ?? Types.any()),
      window: checkFunction('process', window),
    })
  }

  /** {@link process} under the name it also has in Flink. */
  apply<OUT>(window: WindowFunction<readonly T[], OUT, K>): SingleOutputStreamOperator<OUT> {
    return this.process(window)
  }

  /** The sum of a field in each window; the other fields are those of the window's first record. */
  sum(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#aggregateField('sum', field)
  }

  /** The smallest value of a field in each window; the other fields are those of the window's first record. */
  min(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#aggregateField('min', field)
  }

  /** The largest value of a field in each window; the other fields are those of the window's first record. */
  max(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#aggregateField('max', field)
  }

  /** The record with the smallest value of a field in each window; of equals, the first. */
  minBy(field: OrderedField<T>): SingleOutputStreamOperator<T> {
    return this.#reduce(pickByField('min', checkField('minBy', field)))
  }

  /** The record with the largest value of a field in each window; of equals, the first. */
  maxBy(field: OrderedField<T>): SingleOutputStreamOperator<T> {
    return this.#reduce(pickByField('max', checkField('maxBy', field)))
  }

  #reduce<OUT>(
    reduce: ReduceFunction<T>,
    window?: WindowFunction<T, OUT, K>,
  ): SingleOutputStreamOperator<OUT> {
    const { type } = this.#init.stream
    return this.#transform({
      aggregate: reducingAggregate(reduce),
      accumulatorType: type,
      window,
      outputType: type,
    })
  }

  #aggregateField(
    fold: 'sum' | 'min' | 'max',
    field: NumericField<T>,
  ): SingleOutputStreamOperator<T> {
    const { type } = this.#init.stream
    return this.#transform({
      aggregate: aggregateField(fold, checkField(fold, field), type),
      accumulatorType: type,
      outputType: type,
    })
  }

  #transform<ACC, V, OUT>(
    content: WindowContent<K, T, ACC, V, OUT>,
  ): SingleOutputStreamOperator<OUT> {
    const { stream, assigner, allowedLatenessMs = 0, lateTag } = this.#init
    const { aggregate, accumulatorType = Types.any(), window, outputType } = content
    return stream.context.transform({
      kind: 'window',
      name: windowName(assigner),
      inputs: inputsFrom(stream.origins),
      config: asJson({
        assigner,
        allowedLatenessMs,
        lateTag: lateTag?.id ?? null,
        accumulatorType,
      }),
      functions: {
        keySelector: stream.keySelector,
        aggregate,
        ...(window && { windowFunction: checkFunction('window', window) }),
      },
      outputType: window === undefined ? outputType : undefined,
      keyType: stream.keyType,
    })
  }
}

interface WindowContent<K, T, ACC, V, OUT> {
  readonly aggregate: AggregateFunction<T, ACC, V>
  readonly accumulatorType: TypeDescriptor | undefined
  readonly window?: WindowFunction<V, OUT, K> | undefined
  /** The type of what is emitted without a window function. */
  readonly outputType?: TypeInfo<T> | undefined
}

function checkAssigner(assigner: WindowAssigner): WindowAssigner {
  if (typeof assigner === 'object' && assigner !== null && typeof assigner.kind === 'string') {
    return assigner
  }
  throw new MillraceError('WINDOW_INVALID', {
    expected: 'a window assigner',
    came: show(assigner),
    todo: "Use for example TumblingEventTimeWindows.of('10 s').",
  })
}
