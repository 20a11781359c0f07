// Evictors take elements out of a window when it fires, before or after its function. A window with an evictor keeps all its
// elements, also under `reduce` and `aggregate`.

import { checkInteger } from '../config/check-options.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { FunctionFactory } from '../functions/functions.ts'
import { type Duration, durationMs } from '../time/duration.ts'
import type { TimeWindow } from './time-window.ts'
import { checkDelta, checkThreshold, type DeltaFunction } from './triggers.ts'

/** An element as an evictor sees it. */
export interface TimestampedValue<T> {
  /** The element. */
  readonly value: T
  /** `undefined` for an element without event time. */
  readonly timestamp: number | undefined
}

/** What an evictor can ask. */
export interface EvictorContext {
  /** Milliseconds since 1970; `MIN_WATERMARK` before the first watermark. */
  currentWatermark(): number
  /** What the clock shows, in milliseconds since 1970. */
  currentProcessingTime(): number
}

/**
 * Takes elements out of a window when it fires. Give it to `evictor` as a factory, `() => new MyEvictor()`. Each method answers the
 * elements that stay; `elements` come in the order of arrival and must be left as they are.
 *
 * @example
 * ```ts
 * import { CountTrigger, type Evictor, GlobalWindows, StreamExecutionEnvironment, type TimestampedValue } from 'millrace'
 *
 * class DropOutliers implements Evictor<number> {
 *   evictBefore(elements: readonly TimestampedValue<number>[]): readonly TimestampedValue<number>[] {
 *     return elements.filter(({ value }) => value < 100)
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 1000, 2])
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.create())
 *   .trigger(CountTrigger.of(3))
 *   .evictor(() => new DropOutliers())
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 3 ]
 * ```
 */
export interface Evictor<T, W extends TimeWindow = TimeWindow> {
  /** Called before the window function. Default: all stay. */
  evictBefore?(
    elements: readonly TimestampedValue<T>[],
    window: W,
    context: EvictorContext,
  ): readonly TimestampedValue<T>[]
  /** Called after the window function. Default: all stay. */
  evictAfter?(
    elements: readonly TimestampedValue<T>[],
    window: W,
    context: EvictorContext,
  ): readonly TimestampedValue<T>[]
}

/** An evictor with nothing but numbers to say. */
export type PlainEvictorDescription =
  | { readonly kind: 'count'; readonly maxCount: number; readonly isAfter: boolean }
  | { readonly kind: 'time'; readonly sizeMs: number; readonly isAfter: boolean }

/** The evictors that come with Millrace, as data. */
export type BuiltInEvictor<T> = PlainEvictorDescription | DeltaEvictorDescription<T>

/** An evictor that keeps what is less than `threshold` away from the last element. */
export interface DeltaEvictorDescription<T> {
  readonly kind: 'delta'
  readonly threshold: number
  readonly deltaOf: DeltaFunction<T>
  readonly isAfter: boolean
}

/** What `evictor` takes: one of the built-in evictors, or a factory of one's own. */
export type AnyEvictor<T, W extends TimeWindow = TimeWindow> =
  | BuiltInEvictor<T>
  | FunctionFactory<Evictor<T, W>>

interface CountEvictors {
  of(maxCount: number, doEvictAfter?: boolean): PlainEvictorDescription
}

interface TimeEvictors {
  of(size: Duration, doEvictAfter?: boolean): PlainEvictorDescription
}

interface DeltaEvictors {
  of<T>(
    threshold: number,
    deltaOf: DeltaFunction<T>,
    doEvictAfter?: boolean,
  ): DeltaEvictorDescription<T>
}

/**
 * Keeps the last so many elements.
 *
 * @example
 * ```ts
 * import {
 *   CountEvictor,
 *   CountTrigger,
 *   GlobalWindows,
 *   StreamExecutionEnvironment,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const kept = env
 *   .fromData([1, 2, 3])
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.create())
 *   .trigger(CountTrigger.of(3))
 *   .evictor(CountEvictor.of(2))
 *   .process((_context, elements) => [[...elements]])
 * console.log(await kept.executeAndCollect()) // [ [ 2, 3 ] ]
 * ```
 */
export const CountEvictor: CountEvictors = {
  of: (maxCount, doEvictAfter = false) => ({
    kind: 'count',
    maxCount: checkInteger('evictor count', maxCount, { min: 0, max: Number.MAX_SAFE_INTEGER }),
    isAfter: doEvictAfter,
  }),
}

/**
 * Keeps the elements that are less than a time older than the newest. Elements without event time all stay.
 *
 * @example
 * ```ts
 * import {
 *   CountTrigger,
 *   GlobalWindows,
 *   StreamExecutionEnvironment,
 *   TimeEvictor,
 *   WatermarkStrategy,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const kept = env
 *   .fromData([1, 95, 100])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n),
 *   )
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.create())
 *   .trigger(CountTrigger.of(3))
 *   .evictor(TimeEvictor.of('10 ms'))
 *   .process((_context, elements) => [[...elements]])
 * console.log(await kept.executeAndCollect()) // [ [ 95, 100 ] ]
 * ```
 */
export const TimeEvictor: TimeEvictors = {
  of: (size, doEvictAfter = false) => ({
    kind: 'time',
    sizeMs: positiveMs(size),
    isAfter: doEvictAfter,
  }),
}

/**
 * Keeps the elements that are less than a threshold away from the last. `deltaOf` is given the element and the last one.
 *
 * @example
 * ```ts
 * import {
 *   CountTrigger,
 *   DeltaEvictor,
 *   GlobalWindows,
 *   StreamExecutionEnvironment,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const kept = env
 *   .fromData([1, 95, 100])
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.create())
 *   .trigger(CountTrigger.of(3))
 *   .evictor(DeltaEvictor.of(10, (older: number, newer: number) => newer - older))
 *   .process((_context, elements) => [[...elements]])
 * console.log(await kept.executeAndCollect()) // [ [ 95, 100 ] ]
 * ```
 */
export const DeltaEvictor: DeltaEvictors = {
  of: (threshold, deltaOf, doEvictAfter = false) => ({
    kind: 'delta',
    threshold: checkThreshold(threshold),
    deltaOf: checkDelta('DeltaEvictor.of', deltaOf),
    isAfter: doEvictAfter,
  }),
}

function positiveMs(duration: Duration): number {
  const ms = durationMs(duration, { what: 'the size of a time evictor' })
  if (ms > 0) return ms
  throw new MillraceError('WINDOW_INVALID', {
    expected: 'a time evictor of more than 0 ms',
    came: `${ms} ms`,
    todo: "Give a positive size, such as '10 s'.",
  })
}
