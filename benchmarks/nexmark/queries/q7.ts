import {
  type AggregateFunction,
  type DataStream,
  type Infer,
  TumblingEventTimeWindows,
  Types,
} from 'millrace'
import { Bid, type Event } from '../model.ts'
import { bidsOf } from './bids.ts'

const SIZE = '10 s'
/** Enough groups for every subtask to have some, few enough that choosing among them costs nothing. */
const GROUPS = 64

/** A bid of the highest price in a window. */
export const HighestBid = Types.record({
  windowStart: Types.long,
  windowEnd: Types.long,
  auction: Types.int,
  bidder: Types.int,
  price: Types.int,
  dateTime: Types.long,
  extra: Types.string,
})
export type HighestBid = Infer<typeof HighestBid>

/**
 * q7, highest bid: for each 10 s, the bids of the highest price.
 *
 * A maximum over all bids has no key, so it is taken in two steps: first within groups of auctions, in all subtasks at once,
 * then among the few bids that were the highest of their group.
 */
export function q7(events: DataStream<Event>): DataStream<HighestBid> {
  return bidsOf(events)
    .keyBy(({ auction }) => auction % GROUPS, { type: Types.int })
    .window(TumblingEventTimeWindows.of(SIZE))
    .aggregate(highestPrice, (_, highest) => highest)
    .returns(Bid)
    .uid('highest-of-groups')
    .keyBy(() => 0, { type: Types.int })
    .window(TumblingEventTimeWindows.of(SIZE))
    .aggregate(highestPrice, ({ window }, highest) =>
      highest.map(({ auction, bidder, price, dateTime, extra }) => ({
        windowStart: window.start,
        windowEnd: window.end,
        auction,
        bidder,
        price,
        dateTime,
        extra,
      })),
    )
    .returns(HighestBid)
    .uid('highest-of-all')
}

const HighestPrice = Types.record({ price: Types.int, bids: Types.array(Bid) })
type HighestPrice = Infer<typeof HighestPrice>

/** The bids of the highest price; several when they have the same. */
const highestPrice: AggregateFunction<Bid, HighestPrice, Bid[]> = {
  accumulatorType: HighestPrice,
  createAccumulator: () => ({ price: 0, bids: [] }),
  add(highest, bid) {
    if (bid.price > highest.price) {
      highest.price = bid.price
      highest.bids = [bid]
    } else if (bid.price === highest.price) highest.bids.push(bid)
    return highest
  },
  merge: (left, right) => right.bids.reduce((highest, bid) => highestPrice.add(highest, bid), left),
  getResult: ({ bids }) => bids,
}
