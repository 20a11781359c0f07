import {
  type AggregateFunction,
  type Collector,
  type DataStream,
  type Infer,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  Types,
} from 'millrace'
import type { Event } from '../model.ts'
import { bidCount } from './bid-count.ts'

const SIZE = '10 s'
const SLIDE = '2 s'

/** An auction and how many bids it got in a window. */
export const AuctionBids = Types.record({
  windowStart: Types.long,
  windowEnd: Types.long,
  auction: Types.int,
  bidCount: Types.int,
})
export type AuctionBids = Infer<typeof AuctionBids>

/**
 * q5, hot items: in windows of 10 s every 2 s, the auctions with the most bids of all.
 *
 * First the bids of each auction are counted in each window. These counts have the end of their window as their time and
 * come in one window of their own, 2 s long, in which the largest are chosen.
 */
export function q5(events: DataStream<Event>): DataStream<AuctionBids> {
  return auctionsBidFor(events)
    .keyBy((auction) => auction, { type: Types.int })
    .window(SlidingEventTimeWindows.of(SIZE, SLIDE))
    .aggregate(bidCount, ({ key, window }, count, out: Collector<AuctionBids>) =>
      out.collect({
        windowStart: window.start,
        windowEnd: window.end,
        auction: key,
        bidCount: count,
      }),
    )
    .returns(AuctionBids)
    .uid('bids-of-auctions')
    .keyBy(({ windowEnd }) => windowEnd, { type: Types.long })
    .window(TumblingEventTimeWindows.of(SLIDE))
    .aggregate(mostBids, (_, hottest) => hottest)
    .returns(AuctionBids)
    .uid('hottest-auctions')
}

/** The auction of each bid: all that the counts need, so all that travels between subtasks. */
function auctionsBidFor(events: DataStream<Event>): DataStream<number> {
  return events
    .flatMap<number>(
      ({ bid }, out) => {
        if (bid !== null) out.collect(bid.auction)
      },
      { type: Types.int },
    )
    .name('auctions bid for')
}

const MostBids = Types.record({ most: Types.int, auctions: Types.array(AuctionBids) })
type MostBids = Infer<typeof MostBids>

/** The auctions with the most bids; several when they have equally many. */
const mostBids: AggregateFunction<AuctionBids, MostBids, AuctionBids[]> = {
  accumulatorType: MostBids,
  createAccumulator: () => ({ most: 0, auctions: [] }),
  add(hottest, auction) {
    if (auction.bidCount > hottest.most) {
      hottest.most = auction.bidCount
      hottest.auctions = [auction]
    } else if (auction.bidCount === hottest.most) hottest.auctions.push(auction)
    return hottest
  },
  merge: (left, right) => right.auctions.reduce((hottest, one) => mostBids.add(hottest, one), left),
  getResult: ({ auctions }) => auctions,
}
