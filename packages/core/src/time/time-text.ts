import { MAX_WATERMARK, MIN_WATERMARK } from './timestamps.ts'

/** The largest time that a date can say. */
const DATE_MS_MAX = 8.64e15

/** A timestamp or watermark for people, in UTC: `1970-01-01T00:00:05.000Z`. */
export function timeText(timeMs: number): string {
  if (timeMs <= MIN_WATERMARK) return 'the beginning of time'
  if (timeMs >= MAX_WATERMARK) return 'the end of time'
  return Math.abs(timeMs) <= DATE_MS_MAX ? new Date(timeMs).toISOString() : `${timeMs} ms`
}
