import { type AggregateFunction, Types } from 'millrace'

/** How many records there are, which in these queries are bids. */
export const bidCount: AggregateFunction<unknown, number, number> = {
  accumulatorType: Types.int,
  createAccumulator: () => 0,
  add: (count) => count + 1,
  merge: (left, right) => left + right,
  getResult: (count) => count,
}
