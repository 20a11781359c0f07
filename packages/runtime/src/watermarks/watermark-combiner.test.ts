import { MAX_WATERMARK, MIN_WATERMARK } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WatermarkCombiner } from './watermark-combiner.ts'

describe('WatermarkCombiner', () => {
  test('when channels report, then it shows the smallest of them, and never goes back', () => {
    const reports = fc.array(
      fc.record({ channel: fc.nat(2), watermark: fc.integer({ min: -20, max: 20 }) }),
      { maxLength: 60, size: 'max' },
    )
    fc.assert(
      fc.property(reports, (all) => {
        const combiner = new WatermarkCombiner(3)
        const largest = [MIN_WATERMARK, MIN_WATERMARK, MIN_WATERMARK]
        for (const { channel, watermark } of all) {
          const before = combiner.combined
          const hasGrown = combiner.update(channel, watermark)
          largest[channel] = Math.max(largest[channel] as number, watermark)
          expect(combiner.combined).toBe(Math.min(...largest))
          expect(hasGrown).toBe(combiner.combined > before)
        }
      }),
    )
  })

  test('when it is restored, then time does not go back, and goes on once all channels are past it', () => {
    const combiner = new WatermarkCombiner(2, 100)
    expect(combiner.combined).toBe(100)
    expect(combiner.update(0, 150)).toBe(false)
    expect(combiner.update(1, 90)).toBe(false)
    expect(combiner.combined).toBe(100)
    expect(combiner.update(1, 120)).toBe(true)
    expect(combiner.combined).toBe(120)
  })

  test('when a channel has ended, then it holds nobody up', () => {
    const combiner = new WatermarkCombiner(2)
    combiner.update(0, MAX_WATERMARK)
    expect(combiner.update(1, 7)).toBe(true)
    expect(combiner.combined).toBe(7)
    expect(combiner.update(1, MAX_WATERMARK)).toBe(true)
    expect(combiner.combined).toBe(MAX_WATERMARK)
  })
})
