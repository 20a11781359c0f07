// The full-partition operations as folds, which is what the runtime knows: all records in a list, or one accumulator.

import {
  type AggregateFunction,
  type Collector,
  MillraceError,
  type ReduceFunction,
  show,
} from '@millrace/core'
import { notPromise } from '../functions/co-functions.ts'

/** Makes records of a whole partition: returned as an iterable, or handed to the collector. */
export type MapPartitionFunction<IN, OUT> = (
  records: Iterable<IN>,
  out: Collector<OUT>,
) => Iterable<OUT> | void

/** The order of `sortPartition`. */
export type SortOrder = 'ascending' | 'descending'

/** All records, then a function of them. */
export class MapPartition<IN, OUT> {
  readonly #map: MapPartitionFunction<IN, OUT>

  constructor(map: MapPartitionFunction<IN, OUT>) {
    this.#map = map
  }

  createAccumulator(): IN[] {
    return []
  }

  add(records: IN[], value: IN): IN[] {
    records.push(value)
    return records
  }

  merge(left: IN[], right: IN[]): IN[] {
    return left.concat(right)
  }

  emit(records: IN[], out: Collector<OUT>): Iterable<OUT> | void {
    return this.#map(records, out)
  }
}

/** A running reduction of at least one record. */
export class ReducePartition<T> {
  readonly #reduce: ReduceFunction<T>

  constructor(reduce: ReduceFunction<T>) {
    this.#reduce = reduce
  }

  createAccumulator(): T[] {
    return []
  }

  add(reduced: T[], value: T): T[] {
    return this.merge(reduced, [value])
  }

  merge(left: T[], right: T[]): T[] {
    if (left.length === 0) return right
    return right.length === 0 ? left : [notPromise(this.#reduce(left[0] as T, right[0] as T))]
  }

  emit(reduced: T[]): Iterable<T> {
    return reduced
  }
}

/** The user's accumulator; its result at the end. */
export class AggregatePartition<IN, ACC, OUT> {
  readonly #aggregate: AggregateFunction<IN, ACC, OUT>

  constructor(aggregate: AggregateFunction<IN, ACC, OUT>) {
    this.#aggregate = aggregate
  }

  createAccumulator(): ACC {
    return this.#aggregate.createAccumulator()
  }

  add(accumulator: ACC, value: IN): ACC {
    return this.#aggregate.add(accumulator, value)
  }

  merge(left: ACC, right: ACC): ACC {
    return this.#aggregate.merge(left, right)
  }

  emit(accumulator: ACC): Iterable<OUT> {
    return [this.#aggregate.getResult(accumulator)]
  }
}

/** Sorts a partition; equal records keep their order. */
export function sortedBy<T>(
  keyOf: (value: T) => number | string | bigint | Date,
  order: SortOrder,
): MapPartitionFunction<T, T> {
  const sign = order === 'ascending' ? 1 : -1
  return (records) => {
    const keyed = Array.from(records, (record) => ({ key: checkedKey(keyOf(record)), record }))
    keyed.sort((a, b) => sign * compare(a.key, b.key))
    return keyed.map(({ record }) => record)
  }
}

function checkedKey(key: number | string | bigint | Date): number | string | bigint | Date {
  if (typeof key !== 'object' || key instanceof Date) return key
  throw new MillraceError('FUNCTION_INVALID', {
    expected: 'a number, text, bigint or date to sort a partition by',
    came: show(key),
    todo: 'Sort by a field with an order, or by a function that answers a value with one.',
  })
}

function compare(a: number | string | bigint | Date, b: number | string | bigint | Date): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}
