import {
  checkOutputTag,
  type AggregateFunction,
  type AnyEvictor,
  type AnyTrigger,
  type Duration,
  durationMs,
  type FunctionFactory,
  type KeySelector,
  type OutputTag,
  type ProcessWindowFunction,
  type ReduceFunction,
  type TimeWindow,
  type TypeDescriptor,
  type TypeInfo,
  Types,
  type WindowFunction,
} from '@millrace/core'
import { checkFactory, checkFunction, checkMethods } from '../functions/check-function.ts'
import {
  aggregateField,
  checkField,
  type NumericField,
  type OrderedField,
  pickByField,
} from '../functions/field-functions.ts'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom, type StreamOrigin } from '../graph/draft-operator.ts'
import type { SingleOutputStreamOperator } from '../streams/single-output-stream-operator.ts'
import type { StreamContext } from '../streams/stream-context.ts'
import { collectingAggregate, reducingAggregate } from './window-aggregates.ts'
import {
  checkAssigner,
  checkEvictor,
  checkWindowTrigger,
  describeWindows,
  type WindowParts,
} from './window-description.ts'
import { windowName } from './window-name.ts'

/** What a windowed stream is made of. */
export interface WindowedStreamInit<K, T, W extends TimeWindow> extends WindowParts<T, W> {
  readonly stream: WindowSource<K, T>
  /** Default 0. */
  readonly allowedLatenessMs?: number
  /** Default: late records are dropped and counted. */
  readonly lateTag?: OutputTag<T>
}

/** The records that are put into windows: those of a keyed stream, or of one whose records all count as one key. */
export interface WindowSource<K, T> {
  readonly context: StreamContext
  readonly origins: readonly StreamOrigin[]
  readonly type: TypeInfo<T> | undefined
  readonly keySelector: KeySelector<T, K>
  readonly keyType: TypeInfo<K>
  /** Whether there are no keys: then one subtask has all windows. */
  readonly isNonKeyed?: boolean
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
export class WindowedStream<K, T, W extends TimeWindow = TimeWindow> {
  readonly #init: WindowedStreamInit<K, T, W>

  constructor(init: WindowedStreamInit<K, T, W>) {
    this.#init = { ...init, assigner: checkAssigner(init.assigner) }
  }

  /**
   * Decides when windows are evaluated, in place of the assigner's own trigger.
   *
   * @throws MillraceError `WINDOW_INVALID` for what is no trigger; when a function is added, for one that cannot merge with windows
   * that may become one.
   * @example
   * Early results, every ten milliseconds of event time:
   *
   * ```ts
   * import { ContinuousEventTimeTrigger, StreamExecutionEnvironment, TumblingEventTimeWindows,
   *   WatermarkStrategy } from 'millrace'
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const sums = env
   *   .fromData([1, 12, 25])
   *   .assignTimestampsAndWatermarks(
   *     WatermarkStrategy.forMonotonousTimestamps<number>({ emit: 'per-record' })
   *       .withTimestampAssigner((n) => n),
   *   )
   *   .keyBy(() => 'all')
   *   .window(TumblingEventTimeWindows.of('30 ms'))
   *   .trigger(ContinuousEventTimeTrigger.of('10 ms'))
   *   .reduce((left, right) => left + right)
   * console.log(await sums.executeAndCollect()) // [ 13, 38, 38 ]
   * ```
   */
  trigger(trigger: AnyTrigger<T, W>): WindowedStream<K, T, W> {
    return new WindowedStream({ ...this.#init, trigger: checkWindowTrigger(trigger) })
  }

  /**
   * Takes elements out of a window when it fires, before or after its function. The window keeps all its elements then, also under
   * `reduce` and `aggregate`, which have no result for a window that is left without any.
   *
   * @throws MillraceError `WINDOW_INVALID` for what is no evictor.
   */
  evictor(evictor: AnyEvictor<T, W>): WindowedStream<K, T, W> {
    return new WindowedStream({ ...this.#init, evictor: checkEvictor(evictor) })
  }

  /**
   * Keeps each event-time window this much longer after the watermark passed its end. A record that comes in that time makes the
   * window fire again with its new result. Default 0.
   */
  allowedLateness(lateness: Duration): WindowedStream<K, T, W> {
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
  sideOutputLateData(tag: OutputTag<T>): WindowedStream<K, T, W> {
    return new WindowedStream({
      ...this.#init,
      lateTag: checkOutputTag('sideOutputLateData', tag),
    })
  }

  /** Reduces the records of each window to one, which is emitted, or handed to `window` with the window's key and bounds. */
  reduce(reduce: ReduceFunction<T>): SingleOutputStreamOperator<T>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window: WindowFunction<T, OUT, K, W>,
  ): SingleOutputStreamOperator<OUT>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window: FunctionFactory<ProcessWindowFunction<T, OUT, K, W>>,
  ): SingleOutputStreamOperator<OUT>
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    window?: AnyWindowFunction<K, T, T, OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    return this.#reduce('reduce', checkFunction('reduce', reduce), window)
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
    window: WindowFunction<V, OUT, K, W>,
  ): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window: FunctionFactory<ProcessWindowFunction<V, OUT, K, W>>,
  ): SingleOutputStreamOperator<OUT>
  aggregate<ACC, V, OUT>(
    aggregate: AggregateFunction<T, ACC, V>,
    window?: AnyWindowFunction<K, V, V, OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    checkMethods('aggregate', aggregate, ['createAccumulator', 'add', 'getResult', 'merge'])
    const { accumulatorType } = aggregate
    return this.#transform('aggregate', { aggregate, accumulatorType, window, isFolded: true })
  }

  /**
   * Hands all elements of each window to `window`: in the order in which they came, as long as windows are tumbling. What sliding
   * windows share is kept once, slice by slice of time, and handed over so; of sessions that became one, one follows the other.
   *
   * A factory of process window functions, `() => new MyFunction()`, gives state to each window and key. Its windows are kept one by
   * one, so a record costs as much as the windows it is in.
   *
   * @throws MillraceError `FUNCTION_INVALID` for a function object or class in place of a factory.
   * @example
   * ```ts
   * import { type Collector, CountTrigger, type ProcessWindowContext, type ProcessWindowFunction,
   *   StreamExecutionEnvironment, TumblingEventTimeWindows, Types, WatermarkStrategy } from 'millrace'
   *
   * // Emits how the sum has grown since the window fired last.
   * class Growth implements ProcessWindowFunction<number, string, string> {
   *   readonly #shown = { name: 'shown', type: Types.int, defaultValue: 0 }
   *
   *   process(
   *     { windowState }: ProcessWindowContext<string>,
   *     [sum = 0]: readonly number[],
   *     out: Collector<string>,
   *   ): void {
   *     const shown = windowState.getValueState(this.#shown)
   *     out.collect(`+${sum - shown.value()}`)
   *     shown.update(sum)
   *   }
   * }
   *
   * const env = StreamExecutionEnvironment.getExecutionEnvironment()
   * const growths = env
   *   .fromData([1, 2, 3, 4])
   *   .assignTimestampsAndWatermarks(
   *     WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n),
   *   )
   *   .keyBy(() => 'all')
   *   .window(TumblingEventTimeWindows.of('1 min'))
   *   .trigger(CountTrigger.of(2))
   *   .reduce((left, right) => left + right, () => new Growth())
   * console.log(await growths.executeAndCollect()) // [ '+3', '+7' ]
   * ```
   */
  process<OUT>(window: WindowFunction<readonly T[], OUT, K, W>): SingleOutputStreamOperator<OUT>
  process<OUT>(
    window: FunctionFactory<ProcessWindowFunction<T, OUT, K, W>>,
  ): SingleOutputStreamOperator<OUT>
  process<OUT>(
    window: AnyWindowFunction<K, T, readonly T[], OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    const { type } = this.#init.stream
    return this.#transform('process', {
      aggregate: collectingAggregate<T>(),
      accumulatorType: Types.array(type ?? Types.any()),
      window: checkWindowFunction('process', window),
      isFolded: false,
    })
  }

  /** {@link process} under the name it also has in Flink. */
  apply<OUT>(window: WindowFunction<readonly T[], OUT, K, W>): SingleOutputStreamOperator<OUT> {
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
    return this.#reduce('minBy', pickByField('min', checkField('minBy', field)))
  }

  /** The record with the largest value of a field in each window; of equals, the first. */
  maxBy(field: OrderedField<T>): SingleOutputStreamOperator<T> {
    return this.#reduce('maxBy', pickByField('max', checkField('maxBy', field)))
  }

  #reduce<OUT>(
    call: string,
    reduce: ReduceFunction<T>,
    window?: AnyWindowFunction<K, T, T, OUT, W>,
  ): SingleOutputStreamOperator<OUT> {
    const { type } = this.#init.stream
    return this.#transform(call, {
      aggregate: reducingAggregate(reduce),
      accumulatorType: type,
      window,
      outputType: type,
      isFolded: true,
    })
  }

  #aggregateField(
    fold: 'sum' | 'min' | 'max',
    field: NumericField<T>,
  ): SingleOutputStreamOperator<T> {
    const { type } = this.#init.stream
    return this.#transform(fold, {
      aggregate: aggregateField(fold, checkField(fold, field), type),
      accumulatorType: type,
      outputType: type,
      isFolded: true,
    })
  }

  #transform<ACC, V, OUT>(
    call: string,
    content: WindowContent<T, ACC, V>,
  ): SingleOutputStreamOperator<OUT> {
    const { stream, assigner, allowedLatenessMs = 0, lateTag } = this.#init
    const { aggregate, accumulatorType = Types.any(), window, outputType, isFolded } = content
    const role = windowFunctionRole(call, window)
    const { functions, ...windows } = describeWindows(this.#init, {
      elementType: stream.type,
      isFolded,
      hasProcessFunction: role === 'processWindowFunction',
    })
    return stream.context.transform({
      kind: 'window',
      name: windowName(assigner),
      inputs: inputsFrom(stream.origins),
      config: asJson({
        ...windows,
        allowedLatenessMs,
        lateTag: lateTag?.id ?? null,
        accumulatorType,
        ...(stream.isNonKeyed && { isNonKeyed: true }),
      }),
      functions: {
        keySelector: stream.keySelector,
        aggregate,
        ...functions,
        ...(role && { [role]: window }),
      },
      outputType: window === undefined ? outputType : undefined,
      keyType: stream.keyType,
      ...(stream.isNonKeyed && { parallelism: 1, maxParallelism: 1 }),
    })
  }
}

/** A window function as a program may give it: a function of the content, or a factory of functions of the elements. */
export type AnyWindowFunction<K, T, V, OUT, W extends TimeWindow> =
  | WindowFunction<V, OUT, K, W>
  | FunctionFactory<ProcessWindowFunction<T, OUT, K, W>>

interface WindowContent<T, ACC, V> {
  readonly aggregate: AggregateFunction<T, ACC, V>
  readonly accumulatorType: TypeDescriptor | undefined
  readonly window?: unknown
  /** The type of what is emitted without a window function. */
  readonly outputType?: TypeInfo<T> | undefined
  /** Whether one result is kept, and not all elements. */
  readonly isFolded: boolean
}

/** What has no parameters can only be a factory: a window function without any would not look at its window. */
function windowFunctionRole(
  call: string,
  window: unknown,
): 'windowFunction' | 'processWindowFunction' | undefined {
  if (window === undefined) return undefined
  checkWindowFunction(call, window)
  return (window as () => unknown).length === 0 ? 'processWindowFunction' : 'windowFunction'
}

function checkWindowFunction<F>(call: string, window: F): F {
  if (typeof window === 'object') return checkFactory(call, window)
  return typeof window === 'function' && window.length === 0
    ? checkFactory(call, window)
    : checkFunction(call, window)
}
