import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextCheckpointId, retentionDecision } from './retention.ts'

describe('retentionDecision', () => {
  test('when there are more than shall be kept, then the oldest go', () => {
    expect(retentionDecision({ completed: [12, 9, 10], retainedMax: 2 })).toEqual([9])
    expect(retentionDecision({ completed: [3], retainedMax: 1 })).toEqual([])
    expect(retentionDecision({ completed: [], retainedMax: 1 })).toEqual([])
  })

  test('when anything goes, then what stays is newer and as many as may stay', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat()),
        fc.integer({ min: 1, max: 5 }),
        (completed, retainedMax) => {
          const gone = new Set(retentionDecision({ completed, retainedMax }))
          const kept = completed.filter((checkpointId) => !gone.has(checkpointId))
          expect(kept.length).toBe(Math.min(completed.length, retainedMax))
          expect(Math.max(...gone, -1)).toBeLessThan(Math.min(...kept, Number.POSITIVE_INFINITY))
        },
      ),
    )
  })

  test('when nothing shall be kept, then that is a bug', () => {
    expect(() => retentionDecision({ completed: [1], retainedMax: 0 })).toThrow(/ASSERTION_FAILED/)
  })
})

describe('nextCheckpointId', () => {
  test('when the directory is empty, then it is 1, else one above the highest', () => {
    expect(nextCheckpointId(undefined)).toBe(1)
    expect(nextCheckpointId(41)).toBe(42)
  })
})
