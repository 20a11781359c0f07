// Durations as people write them: '10 s', '1.5 h', or plain milliseconds.

import { MillraceError, show } from '../errors/millrace-error.ts'

/** A length of time: milliseconds as a number, or text such as `'10 s'`, `'500 ms'`, `'1.5 h'`, `'2 min'`, `'1 d'`. */
export type Duration = number | string

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * Milliseconds of a duration; whole, and never negative unless `allowNegative` (window offsets).
 *
 * @throws MillraceError `DURATION_INVALID`
 * @example
 * ```ts
 * import { durationMs } from '@millrace/core'
 *
 * console.log(durationMs('1.5 s'), durationMs(250)) // 1500 250
 * ```
 */
export function durationMs(
  duration: Duration,
  options: { readonly what?: string; readonly allowNegative?: boolean } = {},
): number {
  const ms = typeof duration === 'string' ? parse(duration) : duration
  if (!Number.isInteger(ms) || (ms < 0 && options.allowNegative !== true)) {
    throw new MillraceError('DURATION_INVALID', {
      expected: `${options.what ?? 'a duration'} as whole milliseconds of 0 or more, or text such as '10 s'`,
      came: show(duration),
      todo: "Write a number and a unit (ms, s, min, h, d), for example '500 ms' or '2 min'.",
    })
  }
  return ms
}

function parse(text: string): number {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text)
  const unitMs = MS_PER_UNIT[match?.[2]?.toLowerCase() ?? '']
  if (match?.[1] === undefined || unitMs === undefined) return Number.NaN
  return Math.round(Number(match[1]) * unitMs)
}
