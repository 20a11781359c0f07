import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import { AggregatePartition, MapPartition, ReducePartition, sortedBy } from './partition-folds.ts'

describe('the folds of a partition', () => {
  test('when partitions are folded in parts and merged, then the result is that of the whole', () => {
    const folds = [
      new MapPartition<number, number>((values) => [...values].toSorted((a, b) => a - b)),
      new ReducePartition<number>((left, right) => left + right),
      new AggregatePartition<number, number, number>({
        createAccumulator: () => 0,
        add: (sum, n) => sum + n,
        merge: (left, right) => left + right,
        getResult: (sum) => sum,
      }),
    ]
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (first, second) => {
        for (const fold of folds) {
          const foldOf = (values: readonly number[]): never =>
            values.reduce(
              (accumulator: never, n) => fold.add(accumulator, n) as never,
              fold.createAccumulator() as never,
            )
          const merged = fold.merge(foldOf(first), foldOf(second)) as never
          const out = { collect: () => {} }
          expect([...(fold.emit(merged, out) ?? [])]).toEqual([
            ...(fold.emit(foldOf([...first, ...second]), out) ?? []),
          ])
        }
      }),
    )
  })

  test('when records are sorted, then equal ones keep their order, in either direction', () => {
    const records = [
      { key: 2n, id: 1 },
      { key: 1n, id: 2 },
      { key: 2n, id: 3 },
    ]
    const idsOf = (order: 'ascending' | 'descending'): number[] =>
      [
        ...(sortedBy<(typeof records)[0]>(({ key }) => key, order)(records, {
          collect: () => {},
        }) ?? []),
      ].map(({ id }) => id)
    expect(idsOf('ascending')).toEqual([2, 1, 3])
    expect(idsOf('descending')).toEqual([1, 3, 2])
  })
})

test('when records are sorted by what has no order, then that is refused', () => {
  const sort = sortedBy<object>((record) => record as never, 'ascending')
  expect(() => sort([{}], { collect: () => {} })).toThrow(
    /FUNCTION_INVALID.*number, text, bigint or date/,
  )
})

describe('a partition of a stream', () => {
  const partition = () =>
    StreamExecutionEnvironment.getExecutionEnvironment()
      .fromData([{ n: 1 }])
      .fullWindowPartition()

  test.each<[string, () => unknown, RegExp]>([
    ['the order is unknown', () => partition().sortPartition('n', 'up' as never), /OPTION_INVALID/],
    ['the field is none', () => partition().sortPartition('' as never), /OPTION_INVALID/],
    ['map is none', () => partition().mapPartition(5 as never), /FUNCTION_INVALID/],
    ['reduce is async', () => partition().reduce((async () => 1) as never), /RETURNED_PROMISE/],
    ['the aggregate lacks merge', () => partition().aggregate({} as never), /FUNCTION_INVALID/],
  ])('when %s, then that is refused at the call', (_, call, message) => {
    expect(call).toThrow(message)
  })
})
