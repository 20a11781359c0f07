import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../types/json.ts'
import { AccumulatorTotals } from './accumulator-totals.ts'
import {
  type Accumulator,
  AverageAccumulator,
  DoubleCounter,
  DoubleMaximum,
  DoubleMinimum,
  Histogram,
  IntCounter,
  IntMaximum,
  IntMinimum,
  ListAccumulator,
  LongCounter,
  LongMaximum,
  LongMinimum,
  ownAccumulator,
} from './accumulators.ts'

const sum = (values: readonly number[]): number => values.reduce((left, right) => left + right, 0)
const min = (values: readonly number[]): number => Math.min(...values)
const max = (values: readonly number[]): number => Math.max(...values)

/** Every kind, and what a list of whole numbers comes to in it. */
const KINDS: readonly [
  name: string,
  create: () => Accumulator<number, unknown>,
  expected: (values: readonly number[]) => unknown,
][] = [
  ['IntCounter', () => new IntCounter(), sum],
  ['LongCounter', () => new LongCounter(), sum],
  ['DoubleCounter', () => new DoubleCounter(), sum],
  ['IntMinimum', () => new IntMinimum(), min],
  ['LongMinimum', () => new LongMinimum(), min],
  ['DoubleMinimum', () => new DoubleMinimum(), min],
  ['IntMaximum', () => new IntMaximum(), max],
  ['LongMaximum', () => new LongMaximum(), max],
  ['DoubleMaximum', () => new DoubleMaximum(), max],
  [
    'AverageAccumulator',
    () => new AverageAccumulator(),
    (values) => (values.length === 0 ? 0 : sum(values) / values.length),
  ],
  [
    'Histogram',
    () => new Histogram(),
    (values) =>
      new Map(
        [...new Set(values)]
          .sort((left, right) => left - right)
          .map((value) => [value, values.filter((other) => other === value).length]),
      ),
  ],
  ['ListAccumulator', () => new ListAccumulator<number>(), (values) => values],
]

/** A snapshot as it comes back from a checkpoint. */
function stored(snapshot: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(snapshot)) as JsonValue
}

describe.each(KINDS)('%s', (_, create, expected) => {
  test('when numbers are dealt to subtasks that restart, then the merge is as of one that saw all', () => {
    const parts = fc.array(fc.array(fc.array(fc.integer({ min: -50, max: 50 }))), { maxLength: 4 })
    fc.assert(
      fc.property(parts, (subtasks) => {
        const merged = create()
        for (const attempts of subtasks) {
          let accumulator = create()
          for (const values of attempts) {
            const restarted = create()
            restarted.merge(stored(accumulator.snapshot()))
            for (const value of values) restarted.add(value)
            accumulator = restarted
          }
          merged.merge(stored(accumulator.snapshot()))
        }
        expect(merged.getLocalValue()).toEqual(expected(subtasks.flat(2)))
      }),
    )
  })

  test('when it is reset, then it is as a new one', () => {
    const accumulator = create()
    accumulator.add(3)
    accumulator.resetLocal()
    expect(accumulator.snapshot()).toEqual(create().snapshot())
    expect(accumulator.getLocalValue()).toEqual(create().getLocalValue())
  })

  test('when a kind is made by its name, then it is this class', () => {
    expect(ownAccumulator(create().kind)).toBeInstanceOf(create().constructor)
  })
})

describe('numbers that are none', () => {
  test('when infinities and NaN are added, then they survive a checkpoint', () => {
    for (const value of [Infinity, -Infinity, Number.NaN]) {
      for (const create of [() => new DoubleCounter(), () => new DoubleMaximum()]) {
        const before = create()
        before.add(value)
        const after = create()
        after.merge(stored(before.snapshot()))
        expect(after.getLocalValue()).toBe(before.getLocalValue())
      }
    }
  })

  test.each([
    ['an IntCounter', new IntCounter(), 0.5],
    ['a LongCounter', new LongCounter(), 2 ** 60],
    ['a DoubleCounter', new DoubleCounter(), '1'],
    ['an IntMinimum', new IntMinimum(), Number.NaN],
    ['a DoubleMaximum', new DoubleMaximum(), undefined],
    ['a Histogram', new Histogram(), 1.5],
    ['an AverageAccumulator', new AverageAccumulator(), null],
  ])('when %s is given what it does not count, then it says so', (_, accumulator, value) => {
    expect(() => accumulator.add(value as never)).toThrow(/TYPE_MISMATCH.*number/)
  })
})

describe('AccumulatorTotals', () => {
  test('when a kind is unknown, then its parts stay side by side in the report', () => {
    const totals = new AccumulatorTotals()
    totals.add({ name: 'a', kind: 'mine', snapshots: [1] })
    totals.add({ name: 'a', kind: 'mine', snapshots: [2, 3] })
    totals.add({ name: 'b', kind: 'int-counter', snapshots: [4] })
    totals.add({ name: 'b', kind: 'int-counter', snapshots: [5] })
    expect(totals.report).toEqual([
      { name: 'a', kind: 'mine', snapshots: [1, 2, 3] },
      { name: 'b', kind: 'int-counter', snapshots: [9] },
    ])
    expect(totals.numbers).toEqual({ b: 9 })
    expect(totals.conflict).toBeUndefined()
    expect(() => totals.result('a', () => new IntCounter())).toThrow(/'mine'.*'int-counter'/)
  })
})
