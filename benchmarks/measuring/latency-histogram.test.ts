import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'

const latency = fc.double({ min: 0, max: 1_000_000, noNaN: true })
const latencies = fc.array(latency, { minLength: 1, maxLength: 300 })

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

describe('a histogram of latencies', () => {
  test('when a percentile is asked for, then it is that of the sorted values, to within 1.6 % or a microsecond', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
        const rank = Math.max(1, Math.ceil((percent / 100) * values.length))
        const exact = values.toSorted((a, b) => a - b)[rank - 1] as number
        const found = histogramOf(values).percentile(percent)
        expect(found).toBeGreaterThanOrEqual(exact)
        expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 64) + 0.0011)
      }),
    )
  })

  test('when histograms are added as data, then it is that of all values', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const sum = histogramOf(left)
        sum.add(histogramOf(right).toData())
        expect(sum.toData()).toEqual(histogramOf([...left, ...right]).toData())
        expect(sum.count).toBe(left.length + right.length)
      }),
    )
  })

  test('when a value is out of range, then it counts at the end of the range', () => {
    expect(histogramOf([-5]).percentile(50)).toBe(0.001)
    expect(histogramOf([1e12]).percentile(50)).toBeGreaterThan(2_000_000)
    expect(new LatencyHistogram().percentile(50)).toBeNaN()
  })
})
