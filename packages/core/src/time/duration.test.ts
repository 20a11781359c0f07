import { describe, expect, test } from 'vitest'
import { durationMs } from './duration.ts'

describe('durationMs', () => {
  test('when given text with a unit, then it answers whole milliseconds', () => {
    expect(durationMs('10 s')).toBe(10_000)
    expect(durationMs('1.5h')).toBe(5_400_000)
    expect(durationMs(250)).toBe(250)
  })

  test.each([-1, 0.5, Number.NaN, '10', 'ten seconds', '-1 s', ''])(
    'when given %j, then it says how a duration is written',
    (duration) => {
      expect(() => durationMs(duration)).toThrow(/DURATION_INVALID.*for example '500 ms'/)
    },
  )
})
