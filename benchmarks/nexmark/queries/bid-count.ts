import { type AggregateFunction, type Infer, Types } from 'millrace'
import type { Bid } from '../model.ts'

const BidCount = Types.record({ bids: Types.int })
type BidCount = Infer<typeof BidCount>

/** How many bids there are. */
export const bidCount: AggregateFunction<Bid, BidCount, number> = {
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
