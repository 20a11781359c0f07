import {
  type AggregateFunction,
  type DataStream,
  type Infer,
  TumblingEventTimeWindows,
  Types,
} from 'millrace'
import type { Bid, Event } from '../model.ts'
import { bidsOf } from './bids.ts'
import { dayOf } from './q15.ts'

/** The prices that were bid for an auction on a day. */
export const AuctionStatistics = Types.record({
  auction: Types.int,
  day: Types.string,
  totalBids: Types.long,
  rank1Bids: Types.long,
  rank2Bids: Types.long,
  rank3Bids: Types.long,
  minPrice: Types.int,
  maxPrice: Types.int,
  averagePrice: Types.double,
  sumPrice: Types.long,
})
export type AuctionStatistics = Infer<typeof AuctionStatistics>

/** q17, auction statistics report: how much is bid for each auction on each day. */
export function q17(events: DataStream<Event>): DataStream<AuctionStatistics> {
  return bidsOf(events)
    .keyBy(({ auction }) => auction, { type: Types.int })
    .window(TumblingEventTimeWindows.of('1 d'))
    .aggregate(prices, ({ key, window }, { rank1, rank2, rank3, min, max, sum }) => [
      {
        auction: key,
        day: dayOf(window.start),
        totalBids: rank1 + rank2 + rank3,
        rank1Bids: rank1,
        rank2Bids: rank2,
        rank3Bids: rank3,
        minPrice: min,
        maxPrice: max,
        averagePrice: sum / (rank1 + rank2 + rank3),
        sumPrice: sum,
      },
    ])
    .returns(AuctionStatistics)
    .uid('statistics-of-auctions')
}

const Prices = Types.record({
  rank1: Types.long,
  rank2: Types.long,
  rank3: Types.long,
  min: Types.int,
  max: Types.int,
  sum: Types.long,
})
type Prices = Infer<typeof Prices>

const INT_MAX = 2_147_483_647

const prices: AggregateFunction<Bid, Prices, Prices> = {
  accumulatorType: Prices,
  createAccumulator: () => ({ rank1: 0, rank2: 0, rank3: 0, min: INT_MAX, max: 0, sum: 0 }),
  add(all, { price }) {
    if (price < 10_000) all.rank1++
    else if (price < 1_000_000) all.rank2++
    else all.rank3++
    if (price < all.min) all.min = price
    if (price > all.max) all.max = price
    all.sum += price
    return all
  },
  merge(left, right) {
    left.rank1 += right.rank1
    left.rank2 += right.rank2
    left.rank3 += right.rank3
    left.min = Math.min(left.min, right.min)
    left.max = Math.max(left.max, right.max)
    left.sum += right.sum
    return left
  },
  getResult: (all) => all,
}
