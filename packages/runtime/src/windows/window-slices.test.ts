import { SlidingEventTimeWindows } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WindowSlices } from './window-slices.ts'

const windows = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }), fc.integer())
  .map(([slide, atLeast, offset]) =>
    SlidingEventTimeWindows.of(Math.max(slide, atLeast), slide, { offset: offset % slide }),
  )

/** The ends of the windows that hold all of `[start, end)`, found by trying each. */
function windowEnds(
  { sizeMs, slideMs, offsetMs }: ReturnType<typeof SlidingEventTimeWindows.of>,
  start: number,
  end: number,
): number[] {
  const ends: number[] = []
  for (let first = start - sizeMs; first <= start; first++) {
    if ((first - offsetMs) % slideMs === 0 && first + sizeMs >= end) ends.push(first + sizeMs)
  }
  return ends
}

describe('WindowSlices', () => {
  test('when a timestamp is given, then its slice lies in the same windows as the timestamp', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: -200, max: 200 }), (assigner, timestamp) => {
        const slices = new WindowSlices(assigner)
        const start = slices.sliceStart(timestamp)
        expect(start).toBeLessThanOrEqual(timestamp)
        expect(start + slices.sliceMs).toBeGreaterThan(timestamp)
        const ends = windowEnds(assigner, timestamp, timestamp + 1)
        expect(windowEnds(assigner, start, start + slices.sliceMs)).toEqual(ends)
        expect(slices.firstWindowEnd(start)).toBe(Math.min(...ends))
        expect(slices.lastWindowEnd(start)).toBe(Math.max(...ends))
      }),
    )
  })

  test('when time has come to a moment, then the last window that is over ends at or before the next', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: -200, max: 200 }), (assigner, time) => {
        const slices = new WindowSlices(assigner)
        const end = slices.lastWindowEndAt(time)
        expect((end - assigner.sizeMs - assigner.offsetMs) % assigner.slideMs).toBeCloseTo(0)
        expect(end - 1).toBeLessThanOrEqual(time)
        expect(end - 1 + assigner.slideMs).toBeGreaterThan(time)
      }),
    )
  })
})
