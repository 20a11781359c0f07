// Window assigners as data. A record of time t belongs to the windows [start, start + size) that hold t.

import { MillraceError } from '../errors/millrace-error.ts'
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
}

/** Windows that end after `gapMs` without a record of the key. */
export interface SessionWindowAssigner {
  readonly kind: 'session'
  readonly time: TimeDomain
  readonly gapMs: number
}

/** How records are put into windows. */
export type WindowAssigner = SlidingWindowAssigner | SessionWindowAssigner

/** Where windows start, if not at multiples of their slide since 1970 UTC. */
export interface WindowOffset {
  /** For example `'-8 h'` for days that begin at midnight in UTC+8. Default 0. */
  readonly offset?: Duration
}

interface TumblingWindows {
  of(size: Duration, options?: WindowOffset): SlidingWindowAssigner
}

interface SlidingWindows {
  of(size: Duration, slide: Duration, options?: WindowOffset): SlidingWindowAssigner
}

interface SessionWindows {
  withGap(gap: Duration): SessionWindowAssigner
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
  of: (size, options) => sliding('event-time', size, size, options),
}

/** Windows of one size side by side, by the clock of the machine. */
export const TumblingProcessingTimeWindows: TumblingWindows = {
  of: (size, options) => sliding('processing-time', size, size, options),
}

/** Overlapping windows of one size, one starting every slide, by event time. */
export const SlidingEventTimeWindows: SlidingWindows = {
  of: (size, slide, options) => sliding('event-time', size, slide, options),
}

/** Overlapping windows of one size, one starting every slide, by the clock of the machine. */
export const SlidingProcessingTimeWindows: SlidingWindows = {
  of: (size, slide, options) => sliding('processing-time', size, slide, options),
}

/** Windows of activity of a key, ended by a gap, by event time. */
export const EventTimeSessionWindows: SessionWindows = {
  withGap: (gap) => session('event-time', gap),
}

/** Windows of activity of a key, ended by a gap, by the clock of the machine. */
export const ProcessingTimeSessionWindows: SessionWindows = {
  withGap: (gap) => session('processing-time', gap),
}

function sliding(
  time: TimeDomain,
  size: Duration,
  slide: Duration,
  options: WindowOffset = {},
): SlidingWindowAssigner {
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

function positive(duration: Duration, what: string): number {
  const ms = durationMs(duration, { what: `a window ${what}`, allowNegative: true })
  if (ms > 0) return ms
  throw new MillraceError('WINDOW_INVALID', {
    expected: `a window ${what} of more than 0 ms`,
    came: `${ms} ms`,
    todo: `Give a positive ${what}, such as '10 s'.`,
  })
}
