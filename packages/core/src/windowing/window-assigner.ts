// Assigners of one's own: objects with code. The built-in ones are data, see window-assigners.ts.

import type { FunctionFactory } from '../functions/functions.ts'
import type { TypeInfo } from '../types/type-info.ts'
import type { AnyTrigger } from './triggers.ts'
import type { MergeCallback, TimeWindow } from './time-window.ts'
import type { BuiltInWindowAssigner } from './window-assigners.ts'

/** What an assigner can ask. */
export interface WindowAssignerContext {
  /** Milliseconds since 1970. Never goes back, even when the calendar does. */
  currentProcessingTime(): number
}

/**
 * Puts elements into windows. Give it to `window` as a factory, `() => new MyWindows()`: each subtask makes its own. It must
 * answer the same windows for the same element, time and clock, and keep nothing.
 *
 * @example
 * ```ts
 * import { type AnyTrigger, EventTimeTrigger, StreamExecutionEnvironment, TimeWindow, type WindowAssigner,
 *   WatermarkStrategy } from 'millrace'
 *
 * type Reading = { at: number; isNight: boolean }
 *
 * class DayAndNight implements WindowAssigner<Reading> {
 *   readonly isEventTime = true
 *   assignWindows({ isNight }: Reading, timestamp: number): TimeWindow[] {
 *     const sizeMs = isNight ? 20 : 10
 *     const start = TimeWindow.startOf(timestamp, { sizeMs })
 *     return [{ start, end: start + sizeMs }]
 *   }
 *   getDefaultTrigger(): AnyTrigger<Reading> {
 *     return EventTimeTrigger.create()
 *   }
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const counts = env
 *   .fromData<Reading>([{ at: 1, isNight: false }, { at: 11, isNight: true }, { at: 12, isNight: true }])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<Reading>().withTimestampAssigner((reading) => reading.at),
 *   )
 *   .keyBy(() => 'all')
 *   .window(() => new DayAndNight())
 *   .process(({ window }, readings) => [`until ${window.end}: ${readings.length}`])
 * console.log(await counts.executeAndCollect()) // [ 'until 10: 1', 'until 20: 2' ]
 * ```
 */
export interface WindowAssigner<T, W extends TimeWindow = TimeWindow> {
  /** Whether its windows follow event time: then records need timestamps, and late ones are refused. */
  readonly isEventTime: boolean
  /** How windows are written in snapshots, for windows with more than `start` and `end`: a record type. */
  readonly windowType?: TypeInfo<W>
  /** The windows of an element; none drops it. `timestamp` is `NO_TIMESTAMP` for an element without event time. */
  assignWindows(element: T, timestamp: number, context: WindowAssignerContext): readonly W[]
  /** The trigger of windows that were given none. */
  getDefaultTrigger(): AnyTrigger<T, W>
}

/** An assigner whose windows may become one, as sessions do. */
export interface MergingWindowAssigner<T, W extends TimeWindow = TimeWindow> extends WindowAssigner<
  T,
  W
> {
  /**
   * Given the windows of a key that are open and the one that a record opens: calls `merge` for each group that becomes one.
   * A window may be in one group only.
   */
  mergeWindows(windows: readonly W[], merge: MergeCallback<W>): void
}

/** What `window` takes: one of the built-in assigners, or a factory of one's own. */
export type AnyWindowAssigner<T, W extends TimeWindow = TimeWindow> =
  | BuiltInWindowAssigner<T>
  | FunctionFactory<WindowAssigner<T, W>>
