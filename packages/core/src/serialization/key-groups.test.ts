import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultMaxParallelism, keyGroupRangeFor, subtaskForKeyGroup } from './key-groups.ts'

const parallelisms = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4096 }))
  .map(([a, b]) => ({ parallelism: Math.min(a, b), maxParallelism: Math.max(a, b) }))

describe('key group ranges', () => {
  test('when a job has any parallelism, then the ranges cover all groups once and in order', () => {
    fc.assert(
      fc.property(parallelisms, ({ parallelism, maxParallelism }) => {
        let next = 0
        for (let subtask = 0; subtask < parallelism; subtask++) {
          const { start, end } = keyGroupRangeFor(subtask, parallelism, maxParallelism)
          expect(start).toBe(next)
          next = end + 1
        }
        expect(next).toBe(maxParallelism)
      }),
    )
  })

  test('when a group is looked up, then it belongs to the subtask whose range holds it', () => {
    fc.assert(
      fc.property(parallelisms, fc.nat(), ({ parallelism, maxParallelism }, nat) => {
        const group = nat % maxParallelism
        const subtask = subtaskForKeyGroup(group, parallelism, maxParallelism)
        const { start, end } = keyGroupRangeFor(subtask, parallelism, maxParallelism)
        expect(group >= start && group <= end).toBe(true)
      }),
    )
  })

  test('when 128 groups go to 3 subtasks, then the shares are the ones of Flink', () => {
    expect([0, 1, 2].map((subtask) => keyGroupRangeFor(subtask, 3, 128))).toEqual([
      { start: 0, end: 42 },
      { start: 43, end: 85 },
      { start: 86, end: 127 },
    ])
  })

  test.each([
    [3, 3, 128],
    [-1, 3, 128],
    [0, 129, 128],
    [0, 1, 32_769],
  ])('when the subtask is %d of %d with %d groups, then it is a bug', (subtask, p, max) => {
    expect(() => keyGroupRangeFor(subtask, p, max)).toThrow(/^ASSERTION_FAILED/)
  })
})

describe('defaultMaxParallelism', () => {
  test.each([
    [1, 128],
    [85, 128],
    [86, 256],
    [171, 256],
    [172, 512],
    [21_845, 32_768],
    [30_000, 32_768],
  ])('when the parallelism is %d, then there are %d key groups', (parallelism, groups) => {
    expect(defaultMaxParallelism(parallelism)).toBe(groups)
  })
})
