import { type AggregateFunction, type Infer, Types } from 'millrace'

const BidCount = Types.record({ bids: Types.int })
type BidCount = Infer<typeof BidCount>

/** How many records there are, which in these queries are bids. */
export const bidCount: AggregateFunction<unknown, BidCount, number> = {
  accumulatorType: BidCount,
  createAccumulator: () => ({ bids: 0 }),
  add(count) {
    count.bids++
    return count
  },
  merge(left, right) {
    left.bids += right.bids
    return left
  },
  getResult: ({ bids }) => bids,
}
