// Triggers decide when a window is evaluated. The built-in ones are data, except for the one function that a delta trigger has;
// triggers of one's own are objects with code, made by a factory.

import { checkInteger, checkOptions } from '../config/check-options.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'
import { checkFactory, checkFunction } from '../functions/check-function.ts'
import type { FunctionFactory } from '../functions/functions.ts'
import type {
  AggregatingStateDescriptor,
  KeyedStateStore,
  ListStateDescriptor,
  ReducingStateDescriptor,
} from '../functions/state.ts'
import { type Duration, durationMs } from '../time/duration.ts'
import type { TimeWindow } from './time-window.ts'

/**
 * What a trigger can say.
 *
 * @example
 * ```ts
 * import { TriggerResult } from 'millrace'
 *
 * const onElement = (sum: number): TriggerResult =>
 *   sum < 10 ? TriggerResult.CONTINUE : TriggerResult.FIRE_AND_PURGE
 * console.log(onElement(12)) // fire-and-purge
 * ```
 */
export const TriggerResult = {
  /** Nothing happens. */
  CONTINUE: 'continue',
  /** The window is evaluated; its content stays. */
  FIRE: 'fire',
  /** The content is thrown away, unevaluated. */
  PURGE: 'purge',
  /** The window is evaluated, and its content thrown away. */
  FIRE_AND_PURGE: 'fire-and-purge',
} as const

/** What a trigger can say. */
export type TriggerResult = (typeof TriggerResult)[keyof typeof TriggerResult]

/** What a trigger can ask and do. Its states belong to one key and window, and go with the window. */
export interface TriggerContext extends KeyedStateStore {
  /** What the clock shows, in milliseconds since 1970. */
  currentProcessingTime(): number
  /** Milliseconds since 1970; `MIN_WATERMARK` before the first watermark. */
  currentWatermark(): number
  /** Calls `onEventTime` when the watermark reaches `timestamp`. */
  registerEventTimeTimer(timestamp: number): void
  /** Calls `onProcessingTime` once the clock has passed `timestamp`. */
  registerProcessingTimeTimer(timestamp: number): void
  /** Takes a timer of this key and window back. Without one nothing happens. */
  deleteEventTimeTimer(timestamp: number): void
  /** Takes a timer of this key and window back. Without one nothing happens. */
  deleteProcessingTimeTimer(timestamp: number): void
}

/** What a trigger can do while windows become one: put their states together. */
export interface OnMergeContext extends TriggerContext {
  /** The list of the new window becomes those of the merged ones, one behind the other. */
  mergeListState<T>(descriptor: ListStateDescriptor<T>): void
  /** The value of the new window becomes those of the merged ones, reduced. */
  mergeReducingState<T>(descriptor: ReducingStateDescriptor<T>): void
  /** The accumulator of the new window becomes those of the merged ones, merged. */
  mergeAggregatingState<IN, ACC, OUT>(descriptor: AggregatingStateDescriptor<IN, ACC, OUT>): void
}

/**
 * Decides when a window is evaluated. Give it to `trigger` as a factory, `() => new MyTrigger()`: each subtask makes its own, for all
 * its keys and windows. What it must remember goes into the states of the context, never into fields.
 *
 * @example
 * ```ts
 * import { GlobalWindows, StreamExecutionEnvironment, type TimeWindow, type Trigger, type TriggerContext, TriggerResult,
 *   Types } from 'millrace'
 *
 * class AtLeast implements Trigger<number> {
 *   readonly #sum = { name: 'sum', type: Types.int, reduce: (left: number, right: number) => left + right }
 *
 *   onElement(n: number, _timestamp: number, _window: TimeWindow, context: TriggerContext): TriggerResult {
 *     const sum = context.getReducingState(this.#sum)
 *     sum.add(n)
 *     if ((sum.get() ?? 0) < 10) return TriggerResult.CONTINUE
 *     sum.clear()
 *     return TriggerResult.FIRE_AND_PURGE
 *   }
 *   onEventTime(): TriggerResult {
 *     return TriggerResult.CONTINUE
 *   }
 *   onProcessingTime(): TriggerResult {
 *     return TriggerResult.CONTINUE
 *   }
 *   clear(_window: TimeWindow, context: TriggerContext): void {
 *     context.getReducingState(this.#sum).clear()
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const groups = env
 *   .fromData([4, 5, 6, 7, 8])
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.create())
 *   .trigger(() => new AtLeast())
 *   .process((_context, numbers) => [numbers.join('+')])
 * console.log(await groups.executeAndCollect()) // [ '4+5+6', '7+8' ]
 * ```
 */
export interface Trigger<T, W extends TimeWindow = TimeWindow> {
  /** An element has come into the window. */
  onElement(element: T, timestamp: number, window: W, context: TriggerContext): TriggerResult
  /** The watermark has reached a timer that was set with `registerEventTimeTimer`. */
  onEventTime(time: number, window: W, context: TriggerContext): TriggerResult
  /** The clock has passed a timer that was set with `registerProcessingTimeTimer`. */
  onProcessingTime(time: number, window: W, context: TriggerContext): TriggerResult
  /** Whether it can be used with windows that merge. Default: false. */
  canMerge?(): boolean
  /** Several windows became `window`: put their states together, and set the timers of the new one. */
  onMerge?(window: W, context: OnMergeContext): void
  /** The window is over: delete its timers. */
  clear(window: W, context: TriggerContext): void
}

/** How far an element is from an earlier one. */
export type DeltaFunction<T> = (older: T, newer: T) => number

/** A trigger that fires when an element is more than `threshold` away from the one that fired last. */
export interface DeltaTriggerDescription<T> {
  readonly kind: 'delta'
  readonly threshold: number
  readonly deltaOf: DeltaFunction<T>
}

/** A trigger that purges whenever `nested` fires. */
export interface PurgingTriggerDescription<T, W extends TimeWindow> {
  readonly kind: 'purging'
  readonly nested: AnyTrigger<T, W>
}

/** A trigger that fires when `nested` does, and `timeoutMs` after an element at the latest. */
export interface TimeoutTriggerDescription<T, W extends TimeWindow> {
  readonly kind: 'processing-timeout'
  readonly nested: AnyTrigger<T, W>
  readonly timeoutMs: number
  readonly resetsOnElement: boolean
  readonly clearsOnTimeout: boolean
}

/** A trigger with nothing but numbers to say. */
export type PlainTriggerDescription =
  | { readonly kind: 'never' | 'event-time' | 'processing-time' }
  | { readonly kind: 'count'; readonly maxCount: number }
  | {
      readonly kind: 'continuous-event-time' | 'continuous-processing-time'
      readonly intervalMs: number
    }

/** The triggers that come with Millrace. */
export type BuiltInTrigger<T, W extends TimeWindow = TimeWindow> =
  | PlainTriggerDescription
  | DeltaTriggerDescription<T>
  | PurgingTriggerDescription<T, W>
  | TimeoutTriggerDescription<T, W>

/** What `trigger` takes: one of the built-in triggers, or a factory of one's own. */
export type AnyTrigger<T, W extends TimeWindow = TimeWindow> =
  | BuiltInTrigger<T, W>
  | FunctionFactory<Trigger<T, W>>

interface PlainTriggers {
  create(): PlainTriggerDescription
}

interface CountTriggers {
  of(maxCount: number): PlainTriggerDescription
}

interface ContinuousTriggers {
  of(interval: Duration): PlainTriggerDescription
}

interface DeltaTriggers {
  of<T>(threshold: number, deltaOf: DeltaFunction<T>): DeltaTriggerDescription<T>
}

interface PurgingTriggers {
  of<T, W extends TimeWindow>(nested: AnyTrigger<T, W>): PurgingTriggerDescription<T, W>
}

interface TimeoutTriggers {
  of<T, W extends TimeWindow>(
    nested: AnyTrigger<T, W>,
    timeout: Duration,
    options?: TimeoutTriggerOptions,
  ): TimeoutTriggerDescription<T, W>
}

/** How a {@link ProcessingTimeoutTrigger} counts. */
export interface TimeoutTriggerOptions {
  /** Whether each element puts the timeout off. Default: it counts from the first element. */
  readonly resetTimerOnNewRecord?: boolean
  /** Whether the nested trigger starts anew after a timeout. Default: true. */
  readonly shouldClearOnTimeout?: boolean
}

/**
 * Fires when the watermark passes the end of the window, and again for each late element. The default of event-time windows.
 *
 * @example
 * ```ts
 * import {
 *   EventTimeTrigger,
 *   StreamExecutionEnvironment,
 *   TumblingEventTimeWindows,
 *   WatermarkStrategy,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2, 13])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<number>({ emit: 'per-record' }).withTimestampAssigner((n) => n),
 *   )
 *   .keyBy(() => 'all')
 *   .window(TumblingEventTimeWindows.of('10 ms'))
 *   .trigger(EventTimeTrigger.create())
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 3, 13 ]
 * ```
 */
export const EventTimeTrigger: PlainTriggers = {
  create: () => ({ kind: 'event-time' }),
}

/**
 * Fires when the clock passes the end of the window. The default of processing-time windows.
 *
 * @example
 * ```ts
 * import { ProcessingTimeTrigger, StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2])
 *   .keyBy(() => 'all')
 *   .window(TumblingProcessingTimeWindows.of('1 h'))
 *   .trigger(ProcessingTimeTrigger.create())
 *   .reduce((left, right) => left + right)
 * console.log((await sums.executeAndCollect()).at(-1)) // 3
 * ```
 */
export const ProcessingTimeTrigger: PlainTriggers = {
  create: () => ({ kind: 'processing-time' }),
}

/**
 * Fires each time that so many elements have come. It does not purge: see {@link PurgingTrigger}.
 *
 * @example
 * ```ts
 * import {
 *   CountTrigger,
 *   StreamExecutionEnvironment,
 *   TumblingEventTimeWindows,
 *   WatermarkStrategy,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2, 3, 4])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<number>({ emit: 'per-record' }).withTimestampAssigner((n) => n),
 *   )
 *   .keyBy(() => 'all')
 *   .window(TumblingEventTimeWindows.of('10 ms'))
 *   .trigger(CountTrigger.of(2))
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 3, 10 ]
 * ```
 */
export const CountTrigger: CountTriggers = {
  of: (maxCount) => ({
    kind: 'count',
    maxCount: checkInteger('trigger count', maxCount, { min: 1, max: Number.MAX_SAFE_INTEGER }),
  }),
}

/**
 * Fires at each multiple of an interval of event time, and at the end of the window.
 *
 * @example
 * ```ts
 * import {
 *   ContinuousEventTimeTrigger,
 *   StreamExecutionEnvironment,
 *   TumblingEventTimeWindows,
 *   WatermarkStrategy,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 6, 13])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<number>({ emit: 'per-record' }).withTimestampAssigner((n) => n),
 *   )
 *   .keyBy(() => 'all')
 *   .window(TumblingEventTimeWindows.of('10 ms'))
 *   .trigger(ContinuousEventTimeTrigger.of('5 ms'))
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 7, 7, 13, 13 ]
 * ```
 */
export const ContinuousEventTimeTrigger: ContinuousTriggers = {
  of: (interval) => ({ kind: 'continuous-event-time', intervalMs: positiveMs(interval) }),
}

/**
 * Fires at each multiple of an interval of the clock, and at the end of the window if that is one of processing time.
 *
 * @example
 * ```ts
 * import { ContinuousProcessingTimeTrigger, StreamExecutionEnvironment, TumblingProcessingTimeWindows } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2])
 *   .keyBy(() => 'all')
 *   .window(TumblingProcessingTimeWindows.of('1 h'))
 *   .trigger(ContinuousProcessingTimeTrigger.of('1 min'))
 *   .reduce((left, right) => left + right)
 * console.log((await sums.executeAndCollect()).at(-1)) // 3
 * ```
 */
export const ContinuousProcessingTimeTrigger: ContinuousTriggers = {
  of: (interval) => ({ kind: 'continuous-processing-time', intervalMs: positiveMs(interval) }),
}

/**
 * Fires when an element is more than a threshold away from the one that fired last; the first only counts as a start.
 *
 * @example
 * ```ts
 * import { DeltaTrigger, GlobalWindows, PurgingTrigger, StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const changes = env
 *   .fromData([20, 21, 25, 26, 31])
 *   .keyBy(() => 'sensor')
 *   .window(GlobalWindows.create())
 *   .trigger(PurgingTrigger.of(DeltaTrigger.of(4, (older: number, newer: number) => newer - older)))
 *   .process((_context, degrees) => [degrees.join(' ')])
 * console.log(await changes.executeAndCollect()) // [ '20 21 25', '26 31' ]
 * ```
 */
export const DeltaTrigger: DeltaTriggers = {
  of: (threshold, deltaOf) => ({
    kind: 'delta',
    threshold: checkThreshold(threshold),
    deltaOf: checkDelta('DeltaTrigger.of', deltaOf),
  }),
}

/**
 * Throws the content of a window away whenever the nested trigger fires.
 *
 * @example
 * ```ts
 * import {
 *   CountTrigger,
 *   PurgingTrigger,
 *   StreamExecutionEnvironment,
 *   TumblingEventTimeWindows,
 *   WatermarkStrategy,
 * } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2, 3, 4])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<number>({ emit: 'per-record' }).withTimestampAssigner((n) => n),
 *   )
 *   .keyBy(() => 'all')
 *   .window(TumblingEventTimeWindows.of('10 ms'))
 *   .trigger(PurgingTrigger.of(CountTrigger.of(2)))
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 3, 7 ]
 * ```
 */
export const PurgingTrigger: PurgingTriggers = {
  of: (nested) => ({ kind: 'purging', nested: checkTrigger('PurgingTrigger.of', nested) }),
}

/**
 * Fires when the nested trigger does, or when so much time of the clock has passed since an element.
 *
 * @example
 * ```ts
 * import { CountTrigger, GlobalWindows, ProcessingTimeoutTrigger, PurgingTrigger,
 *   StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const batches = env
 *   .fromData([1, 2, 3])
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.create())
 *   .trigger(PurgingTrigger.of(ProcessingTimeoutTrigger.of(CountTrigger.of(2), '20 ms')))
 *   .process((_context, numbers) => [numbers.join(' ')])
 * console.log(await batches.executeAndCollect()) // [ '1 2', '3' ]
 * ```
 */
export const ProcessingTimeoutTrigger: TimeoutTriggers = {
  of: (nested, timeout, options = {}) => {
    checkOptions('ProcessingTimeoutTrigger.of', options, [
      'resetTimerOnNewRecord',
      'shouldClearOnTimeout',
    ])
    return {
      kind: 'processing-timeout',
      nested: checkTrigger('ProcessingTimeoutTrigger.of', nested),
      timeoutMs: positiveMs(timeout),
      resetsOnElement: options.resetTimerOnNewRecord ?? false,
      clearsOnTimeout: options.shouldClearOnTimeout ?? true,
    }
  },
}

/** Answers what may be a trigger, for callers without types. @throws MillraceError `WINDOW_INVALID` */
export function checkTrigger<X extends AnyTrigger<never, never>>(call: string, trigger: X): X {
  if (typeof trigger === 'function') return checkFactory(call, trigger, 'MyTrigger')
  const isDescription =
    typeof trigger === 'object' && trigger !== null && TRIGGER_KINDS.has(trigger.kind)
  if (isDescription) return trigger
  throw new MillraceError('WINDOW_INVALID', {
    expected: `a trigger, or a factory of one, for ${call}`,
    came: show(trigger),
    todo: 'Use for example CountTrigger.of(10), or () => new MyTrigger().',
  })
}

const TRIGGER_KINDS: ReadonlySet<string> = new Set<BuiltInTrigger<never>['kind']>([
  'never',
  'event-time',
  'processing-time',
  'count',
  'continuous-event-time',
  'continuous-processing-time',
  'delta',
  'purging',
  'processing-timeout',
])

/** Answers what may be a delta function. @throws MillraceError `FUNCTION_INVALID` */
export function checkDelta<T>(call: string, deltaOf: DeltaFunction<T>): DeltaFunction<T> {
  return checkFunction(call, deltaOf)
}

/** Answers what may be the threshold of a delta. @throws MillraceError `OPTION_INVALID` */
export function checkThreshold(threshold: number): number {
  if (Number.isFinite(threshold)) return threshold
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a finite number as the threshold of a delta',
    came: show(threshold),
    todo: 'Give the number that a delta must pass.',
  })
}

function positiveMs(duration: Duration): number {
  const ms = durationMs(duration, { what: 'a trigger interval' })
  if (ms > 0) return ms
  throw new MillraceError('WINDOW_INVALID', {
    expected: 'a trigger interval of more than 0 ms',
    came: `${ms} ms`,
    todo: "Give a positive interval, such as '10 s'.",
  })
}
