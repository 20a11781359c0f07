import { describe, expect, test } from 'vitest'
import type { Checker } from './checkers.ts'
import { WatermarkWatch } from './functions.ts'

describe('the watch over watermarks', () => {
  test('when time goes back, then it says so, and not before', () => {
    const found: [Checker, string][] = []
    const watch = new WatermarkWatch('a probe', {
      violation: (checker, message) => void found.push([checker, message]),
      once: () => {},
    })
    for (const watermark of [-5, 0, 0, 7]) watch.see(watermark)
    expect(found).toEqual([])
    watch.see(6)
    expect(found).toEqual([['watermarks', 'the watermark of a probe went back from 7 to 6']])
  })
})
