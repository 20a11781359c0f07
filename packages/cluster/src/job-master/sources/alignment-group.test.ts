import { MAX_WATERMARK } from '@millrace/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AlignmentGroup } from './alignment-group.ts'

function group(): AlignmentGroup {
  const readers = new AlignmentGroup()
  readers.addSource('fast', 10)
  readers.addSource('slow', 100)
  return readers
}

const fast = { vertexId: 'fast', subtaskIndex: 0 }
const slow = { vertexId: 'slow', subtaskIndex: 0 }

test('when readers report, then each source may go on by its own drift from the one that is furthest behind', () => {
  const readers = group()
  readers.report(fast, 500, false)
  readers.report(slow, 40, false)
  expect(readers.takeChanges()).toEqual([
    { vertexId: 'fast', maxWatermark: 50 },
    { vertexId: 'slow', maxWatermark: 140 },
  ])
  readers.report(fast, 600, false)
  expect(readers.takeChanges()).toEqual([])
})

test('when the one behind is idle or has ended, then it is not waited for, and without others there is no limit', () => {
  const readers = group()
  readers.report(fast, 500, false)
  readers.report(slow, 40, false)
  readers.takeChanges()
  readers.report(slow, 40, true)
  expect(readers.takeChanges()[0]).toEqual({ vertexId: 'fast', maxWatermark: 510 })
  readers.report(slow, 41, false)
  expect(readers.takeChanges()[0]).toEqual({ vertexId: 'fast', maxWatermark: 51 })
  readers.report(slow, MAX_WATERMARK, false)
  readers.report(fast, MAX_WATERMARK, false)
  expect(readers.takeChanges().map(({ maxWatermark }) => maxWatermark)).toEqual([
    MAX_WATERMARK,
    MAX_WATERMARK,
  ])
})

test('when readers move as far as they may, rest and end at random, then somebody can always move, and nobody is too far', () => {
  const turns = fc.array(
    fc.record({ reader: fc.nat(3), by: fc.integer({ min: 1, max: 60 }), rests: fc.boolean() }),
    { maxLength: 100, size: 'max' },
  )
  fc.assert(
    fc.property(turns, (all) => {
      const readers = new AlignmentGroup()
      readers.addSource('source', 20)
      const limit = { watermark: MAX_WATERMARK }
      const state = Array.from({ length: 4 }, () => ({ watermark: 0, isIdle: false }))
      for (const { reader, by, rests } of all) {
        const own = state[reader] as (typeof state)[0]
        own.isIdle = rests
        if (!rests && own.watermark <= limit.watermark) own.watermark += by
        state.forEach(({ watermark, isIdle }, subtaskIndex) =>
          readers.report({ vertexId: 'source', subtaskIndex }, watermark, isIdle),
        )
        for (const { maxWatermark } of readers.takeChanges()) limit.watermark = maxWatermark
        const awake = state.filter(({ isIdle }) => !isIdle).map(({ watermark }) => watermark)
        if (awake.length === 0) expect(limit.watermark).toBe(MAX_WATERMARK)
        else {
          expect(limit.watermark).toBe(Math.min(...awake) + 20)
          expect(awake.some((watermark) => watermark <= limit.watermark)).toBe(true)
        }
      }
    }),
  )
})
