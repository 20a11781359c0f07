// The built-in window assigners, as data. A record of time t belongs to the windows [start, start + size) that hold t.

import { checkOptions } from '../config/check-options.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'
import { checkFunction } from '../functions/check-function.ts'
import { type Duration, durationMs } from '../time/duration.ts'

/** Which clock a window follows. */
export type TimeDomain = 'event-time' | 'processing-time'

/** Windows of one size, starting every `slideMs`; tumbling when both are equal. */
export interface SlidingWindowAssigner {
  readonly kind: 'sliding'
  readonly time: TimeDomain
  readonly sizeMs: number
  readonly slideMs: number
  /** Shifts the starts, which otherwise are multiples of `slideMs` since 1970 UTC. */
  readonly offsetMs: number
  /** Default `aligned`. */
  readonly stagger?: WindowStagger
}

/**
 * Whether the windows of all subtasks end at the same moments (`aligned`), or each subtask shifts its own, so that not all fire at
 * once: by a random part of the size (`random`), or by how far into a window the clock was when its first record came (`natural`).
 */
export type WindowStagger = 'aligned' | 'random' | 'natural'

/** Windows that end after `gapMs` without a record of the key. */
export interface SessionWindowAssigner {
  readonly kind: 'session'
  readonly time: TimeDomain
  readonly gapMs: number
}

/** How long after a record its session ends, in milliseconds, more than 0. */
export type SessionWindowTimeGapExtractor<T> = (element: T) => number

/** Session windows whose gap each record says itself. */
export interface DynamicSessionWindowAssigner<T> {
  readonly kind: 'dynamic-session'
  readonly time: TimeDomain
  readonly gapOf: SessionWindowTimeGapExtractor<T>
}

/** One window for each key that holds everything. */
export interface GlobalWindowAssigner {
  readonly kind: 'global'
  /** Whether it fires at the end of the stream; else never, unless a trigger is given. */
  readonly firesAtEnd: boolean
}

/** How records are put into windows, by the assigners that come with Millrace. */
export type BuiltInWindowAssigner<T> =
  | SlidingWindowAssigner
  | SessionWindowAssigner
  | DynamicSessionWindowAssigner<T>
  | GlobalWindowAssigner

/** Where windows start, if not at multiples of their slide since 1970 UTC. */
export interface WindowOffset {
  /** For example `'-8 h'` for days that begin at midnight in UTC+8. Default 0. */
  readonly offset?: Duration
}

/** Where tumbling windows start. */
export interface TumblingWindowOptions extends WindowOffset {
  /** Default `'aligned'`. */
  readonly stagger?: WindowStagger
}

interface TumblingWindows {
  of(size: Duration, options?: TumblingWindowOptions): SlidingWindowAssigner
}

interface SlidingWindows {
  of(size: Duration, slide: Duration, options?: WindowOffset): SlidingWindowAssigner
}

interface SessionWindows {
  withGap(gap: Duration): SessionWindowAssigner
  withDynamicGap<T>(gapOf: SessionWindowTimeGapExtractor<T>): DynamicSessionWindowAssigner<T>
}

interface GlobalWindowsFactory {
  create(): GlobalWindowAssigner
  createWithEndOfStreamTrigger(): GlobalWindowAssigner
}

/**
 * Windows of one size side by side, by event time.
 *
 * @example
 * ```ts
 * import { TumblingEventTimeWindows } from '@millrace/core'
 *
 * console.log(TumblingEventTimeWindows.of('1 min').sizeMs) // 60000
 * ```
 */
export const TumblingEventTimeWindows: TumblingWindows = {
  of: (size, options) => tumbling('event-time', size, options),
}

/**
 * Windows of one size side by side, by the clock of the machine.
 *
 * @example
 * ```ts
 * import { TumblingProcessingTimeWindows } from 'millrace'
 *
 * console.log(TumblingProcessingTimeWindows.of('1 min').sizeMs) // 60000
 * ```
 */
export const TumblingProcessingTimeWindows: TumblingWindows = {
  of: (size, options) => tumbling('processing-time', size, options),
}

/**
 * Overlapping windows of one size, one starting every slide, by event time.
 *
 * @example
 * ```ts
 * import { SlidingEventTimeWindows } from 'millrace'
 *
 * console.log(SlidingEventTimeWindows.of('1 min', '10 s').slideMs) // 10000
 * ```
 */
export const SlidingEventTimeWindows: SlidingWindows = {
  of: (size, slide, options) => sliding('event-time', size, slide, options),
}

/**
 * Overlapping windows of one size, one starting every slide, by the clock of the machine.
 *
 * @example
 * ```ts
 * import { SlidingProcessingTimeWindows } from 'millrace'
 *
 * console.log(SlidingProcessingTimeWindows.of('1 min', '10 s').slideMs) // 10000
 * ```
 */
export const SlidingProcessingTimeWindows: SlidingWindows = {
  of: (size, slide, options) => sliding('processing-time', size, slide, options),
}

/**
 * Windows of activity of a key, ended by a gap, by event time. With `withDynamicGap` each record says its own gap.
 *
 * @example
 * ```ts
 * import { EventTimeSessionWindows, StreamExecutionEnvironment, WatermarkStrategy } from 'millrace'
 *
 * type Click = { at: number; isPurchase: boolean }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const visits = env
 *   .fromData<Click>([
 *     { at: 0, isPurchase: false },
 *     { at: 8, isPurchase: true },
 *     { at: 30, isPurchase: false },
 *     { at: 50, isPurchase: false },
 *   ])
 *   .assignTimestampsAndWatermarks(
 *     WatermarkStrategy.forMonotonousTimestamps<Click>().withTimestampAssigner((click) => click.at),
 *   )
 *   .keyBy(() => 'visitor')
 *   .window(EventTimeSessionWindows.withDynamicGap((click: Click) => (click.isPurchase ? 30 : 10)))
 *   .process(({ window }, clicks) => [`${window.start} to ${window.end}: ${clicks.length}`])
 * console.log(await visits.executeAndCollect()) // [ '0 to 40: 3', '50 to 60: 1' ]
 * ```
 */
export const EventTimeSessionWindows: SessionWindows = {
  withGap: (gap) => session('event-time', gap),
  withDynamicGap: (gapOf) => dynamicSession('event-time', gapOf),
}

/**
 * Windows of activity of a key, ended by a gap, by the clock of the machine.
 *
 * @example
 * ```ts
 * import { ProcessingTimeSessionWindows } from 'millrace'
 *
 * console.log(ProcessingTimeSessionWindows.withGap('30 s').gapMs) // 30000
 * ```
 */
export const ProcessingTimeSessionWindows: SessionWindows = {
  withGap: (gap) => session('processing-time', gap),
  withDynamicGap: (gapOf) => dynamicSession('processing-time', gapOf),
}

/**
 * One window for each key that holds everything. It never fires by itself: give it a trigger, and an evictor or a purging trigger
 * so that it does not grow for ever. With `createWithEndOfStreamTrigger`, it fires once, when a bounded stream ends. The timestamp of
 * its results is the end of time.
 *
 * @example
 * ```ts
 * import { GlobalWindows, StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const sums = env
 *   .fromData([1, 2, 3])
 *   .keyBy(() => 'all')
 *   .window(GlobalWindows.createWithEndOfStreamTrigger())
 *   .reduce((left, right) => left + right)
 * console.log(await sums.executeAndCollect()) // [ 6 ]
 * ```
 */
export const GlobalWindows: GlobalWindowsFactory = {
  create: () => ({ kind: 'global', firesAtEnd: false }),
  createWithEndOfStreamTrigger: () => ({ kind: 'global', firesAtEnd: true }),
}

function tumbling(
  time: TimeDomain,
  size: Duration,
  options: TumblingWindowOptions = {},
): SlidingWindowAssigner {
  checkOptions('tumbling windows', options, ['offset', 'stagger'])
  const { offset, stagger } = options
  const windows = sliding(time, size, size, offset === undefined ? {} : { offset })
  if (stagger === undefined || stagger === 'aligned') return windows
  if (stagger === 'random' || stagger === 'natural') return { ...windows, stagger }
  throw new MillraceError('OPTION_INVALID', {
    expected: "stagger: 'aligned', 'random' or 'natural'",
    came: show(stagger),
    todo: 'Choose one of them, or leave it out.',
  })
}

function sliding(
  time: TimeDomain,
  size: Duration,
  slide: Duration,
  options: WindowOffset = {},
): SlidingWindowAssigner {
  checkOptions('sliding windows', options, ['offset'])
  const sizeMs = positive(size, 'size')
  const slideMs = positive(slide, 'slide')
  const offsetMs = durationMs(options.offset ?? 0, { what: 'a window offset', allowNegative: true })
  if (slideMs > sizeMs || Math.abs(offsetMs) >= slideMs) {
    throw new MillraceError('WINDOW_INVALID', {
      expected: 'slide <= size and |offset| < slide',
      came: `size ${sizeMs} ms, slide ${slideMs} ms, offset ${offsetMs} ms`,
      todo: 'Make the slide at most the size, and the offset smaller than the slide.',
    })
  }
  return { kind: 'sliding', time, sizeMs, slideMs, offsetMs }
}

function session(time: TimeDomain, gap: Duration): SessionWindowAssigner {
  return { kind: 'session', time, gapMs: positive(gap, 'gap') }
}

function dynamicSession<T>(
  time: TimeDomain,
  gapOf: SessionWindowTimeGapExtractor<T>,
): DynamicSessionWindowAssigner<T> {
  return { kind: 'dynamic-session', time, gapOf: checkFunction('withDynamicGap', gapOf) }
}

function positive(duration: Duration, what: string): number {
  const ms = durationMs(duration, { what: `a window ${what}`, allowNegative: true })
  if (ms > 0) return ms
  throw new MillraceError('WINDOW_INVALID', {
    expected: `a window ${what} of more than 0 ms`,
    came: `${ms} ms`,
    todo: `Give a positive ${what}, such as '10 s'.`,
  })
}
