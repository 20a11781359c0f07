import {
  type AggregateFunction,
  type AllWindowFunction,
  type AnyEvictor,
  type AnyTrigger,
  type AnyWindowAssigner,
  type Duration,
  type FunctionFactory,
  type OutputTag,
  type ProcessAllWindowFunction,
  type ReduceFunction,
  type TimeWindow,
  Types,
} from '@millrace/core'
import type { NumericField, OrderedField } from '../functions/field-functions.ts'
import type { DataStream } from '../streams/data-stream.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import { WindowedStream } from './windowed-stream.ts'

/**
 * A stream whose records lie in windows without keys. Made by {@link DataStream.windowAll}. One subtask has them all, so it does not
 * grow with the machines: fold by key first where that is possible.
 *
 * @example
 * ```ts
 * import { StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2, 3, 4])
 *   .countWindowAll(2)
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 3, 7 ]
 * ```
 */
export class AllWindowedStream<T, W extends TimeWindow = TimeWindow> {
  /** The same windows, with one key for all records. */
  readonly #windowed: WindowedStream<number, T, W>

  private constructor(windowed: WindowedStream<number, T, W>) {
    this.#windowed = windowed
  }

  /** Of the API's own use: see {@link DataStream.windowAll}. */
  static of<T, W extends TimeWindow>(
    { context, origins, type }: DataStream<T>,
    assigner: AnyWindowAssigner<T, W>,
  ): AllWindowedStream<T, W> {
    const stream = {
      context,
      origins,
      type,
      keySelector: () => 0,
      keyType: Types.int,
      isNonKeyed: true,
    }
    return new AllWindowedStream(new WindowedStream({ stream, assigner }))
  }

  /** Decides when windows are evaluated; see {@link WindowedStream.trigger}. */
  trigger(trigger: AnyTrigger<T, W>): AllWindowedStream<T, W> {
    return new AllWindowedStream(this.#windowed.trigger(trigger))
  }

  /** Takes elements out of a window when it fires; see {@link WindowedStream.evictor}. */
  evictor(evictor: AnyEvictor<T, W>): AllWindowedStream<T, W> {
    return new AllWindowedStream(this.#windowed.evictor(evictor))
  }

  /** Keeps windows longer for late records; see {@link WindowedStream.allowedLateness}. */
  allowedLateness(lateness: Duration): AllWindowedStream<T, W> {
    return new AllWindowedStream(this.#windowed.allowedLateness(lateness))
  }

  /** Sends records that come too late to a side output; see {@link WindowedStream.sideOutputLateData}. */
  sideOutputLateData(tag: OutputTag<T>): AllWindowedStream<T, W> {
    return new AllWindowedStream(this.#windowed.sideOutputLateData(tag))
  }

  /** Reduces the records of each window to one, which is emitted, or handed to `window`. */
  reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window: AllWindowFunction<T, OUT, W>,
  ): SingleOutputStreamOperator<OUT>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window: FunctionFactory<ProcessAllWindowFunction<T, OUT, W>>,
  ): SingleOutputStreamOperator<OUT>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window?: AnyAllWindowFunction<T, T, OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    return this.#windowed.reduce(reduce, window as AllWindowFunction<T, OUT, W>)
  }

  /** Folds the records of each window into an accumulator; its result is emitted, or handed to `window`. */
  aggregate<ACC, OUT>(aggregate: AggregateFunction<T, ACC, OUT>): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window: AllWindowFunction<V, OUT, W>,
  ): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window: FunctionFactory<ProcessAllWindowFunction<V, OUT, W>>,
  ): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window?: AnyAllWindowFunction<V, V, OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    return this.#windowed.aggregate(aggregate, window as AllWindowFunction<V, OUT, W>)
  }

  /** Hands all elements of each window to `window`; see {@link WindowedStream.process}. */
  process<OUT>(window: AllWindowFunction<readonly T[], OUT, W>): SingleOutputStreamOperator<OUT>
  process<OUT>(
    window: FunctionFactory<ProcessAllWindowFunction<T, OUT, W>>,
  ): SingleOutputStreamOperator<OUT>
  process<OUT>(
    window: AnyAllWindowFunction<T, readonly T[], OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    return this.#windowed.process(window as AllWindowFunction<readonly T[], OUT, W>)
  }

  /** {@link process} under the name it also has in Flink. */
  apply<OUT>(window: AllWindowFunction<readonly T[], OUT, W>): SingleOutputStreamOperator<OUT> {
    return this.process(window)
  }

  /** The sum of a field in each window; the other fields are those of the window's first record. */
  sum(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#windowed.sum(field)
  }

  /** The smallest value of a field in each window; the other fields are those of the window's first record. */
  min(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#windowed.min(field)
  }

  /** The largest value of a field in each window; the other fields are those of the window's first record. */
  max(field: NumericField<T>): SingleOutputStreamOperator<T> {
    return this.#windowed.max(field)
  }

  /** The record with the smallest value of a field in each window; of equals, the first. */
  minBy(field: OrderedField<T>): SingleOutputStreamOperator<T> {
    return this.#windowed.minBy(field)
  }

  /** The record with the largest value of a field in each window; of equals, the first. */
  maxBy(field: OrderedField<T>): SingleOutputStreamOperator<T> {
    return this.#windowed.maxBy(field)
  }
}

type AnyAllWindowFunction<T, V, OUT, W extends TimeWindow> =
  | AllWindowFunction<V, OUT, W>
  | FunctionFactory<ProcessAllWindowFunction<T, OUT, W>>
