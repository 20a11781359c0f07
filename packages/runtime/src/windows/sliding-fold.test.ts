import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { windowMerging } from './merging.ts'
import type { ValueTable } from './slice-table.ts'
import { SlidingFold } from './sliding-fold.ts'

/** Accumulators are lists that are changed in place, so sharing one by mistake shows. */
const merging = windowMerging<string[]>(
  { uid: 'window', name: 'window' },
  {
    createAccumulator: () => [],
    merge: (left, right) => {
      left.push(...right)
      return left
    },
  },
)

const SLICE_MS = 10

const newMap = <V>(): ValueTable<string, V> => new Map()

/** The slices of a stream; what a window holds is found by looking at each of them. */
class Slices {
  readonly tables = new Map<number, Map<string, string[]>>()

  readonly at = (start: number): Map<string, string[]> | undefined => this.tables.get(start)

  add(start: number, key: string, text: string): void {
    const table = this.tables.get(start) ?? new Map<string, string[]>()
    this.tables.set(start, table)
    table.set(key, [...(table.get(key) ?? []), text])
  }

  content(start: number, end: number): Record<string, string[]> {
    const content: Record<string, string[]> = {}
    for (let at = start; at < end; at += SLICE_MS) {
      for (const [key, texts] of this.tables.get(at) ?? []) (content[key] ??= []).push(...texts)
    }
    return content
  }
}

function contentOf(fold: SlidingFold<string, string[]>): Record<string, string[]> {
  const content: Record<string, string[]> = {}
  fold.forEach((key, texts) => {
    expect(content, 'each key once').not.toHaveProperty(key)
    content[key] = texts
  })
  return content
}

const entry = fc.record({
  slice: fc.integer({ min: -3, max: 25 }),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
})

/** A move of the window by some slices, and entries that come late, into slices that were merged already. */
const move = fc.record({
  slices: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
    fc.integer({ min: 4, max: 15 }),
  ),
  late: fc.array(fc.record({ back: fc.integer({ min: 1, max: 8 }), key: fc.constant('a') }), {
    maxLength: 2,
  }),
})

describe('SlidingFold', () => {
  test('when the window moves, jumps or is changed, then it holds what its slices hold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(entry, { maxLength: 60, size: 'max' }),
        fc.array(move, { maxLength: 12, size: 'max' }),
        (sizeSlices, entries, moves) => {
          const slices = new Slices()
          entries.forEach(({ slice, key }, id) => slices.add(slice * SLICE_MS, key, `${key}${id}`))
          const fold = new SlidingFold<string, string[]>(merging, SLICE_MS, newMap)
          const emitted: { actual: object; expected: object }[] = []
          let start = -5 * SLICE_MS
          for (const { slices: count, late } of moves) {
            start += count * SLICE_MS
            const end = start + sizeSlices * SLICE_MS
            fold.moveTo(start, end, slices.at)
            const expected = structuredClone(slices.content(start, end))
            emitted.push({ actual: contentOf(fold), expected })
            for (const { back, key } of late) {
              const slice = end - back * SLICE_MS
              slices.add(slice, key, 'late')
              fold.invalidateBefore(slice + SLICE_MS)
            }
          }
          // Only now: what was handed out must not have changed since.
          for (const { actual, expected } of emitted) expect(actual).toEqual(expected)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('when slices are dropped once they have left the window, then they still leave it', () => {
    const slices = new Slices()
    for (const slice of [0, 10, 20, 30]) slices.add(slice, 'a', `at ${slice}`)
    const fold = new SlidingFold<string, string[]>(merging, SLICE_MS, newMap)
    fold.moveTo(0, 20, slices.at)
    slices.tables.delete(0)
    fold.moveTo(10, 30, slices.at)
    expect(contentOf(fold)).toEqual({ a: ['at 10', 'at 20'] })
    slices.tables.delete(10)
    fold.moveTo(20, 40, slices.at)
    expect(contentOf(fold)).toEqual({ a: ['at 20', 'at 30'] })
  })

  test('when windows overlap more, then the merges a step do not grow', () => {
    const mergesPerStep = (sizeSlices: number): number => {
      let merges = 0
      const counting = windowMerging<number>(
        { uid: 'window', name: 'window' },
        { createAccumulator: () => 0, merge: (left, right) => (merges++, left + right) },
      )
      const fold = new SlidingFold<string, number>(counting, 1, newMap)
      const slice: Map<string, number> = new Map([['a', 1]])
      const steps = 10 * sizeSlices
      for (let start = 0; start < steps; start++) {
        fold.moveTo(start, start + sizeSlices, () => slice)
        fold.forEach(() => {})
      }
      return merges / steps
    }
    expect(mergesPerStep(60)).toBeLessThan(1.5 * mergesPerStep(6))
  })
})
