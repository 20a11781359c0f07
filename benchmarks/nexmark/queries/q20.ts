import {
  type Collector,
  type DataStream,
  type Infer,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  Types,
  type ValueState,
} from 'millrace'
import { Auction, Bid, type Event } from '../model.ts'
import { auctionsWithBids } from './auctions-with-bids.ts'

const CATEGORY = 10

/** A bid with the auction that it is for. */
export const ExpandedBid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.int,
  channel: Types.string,
  url: Types.string,
  bidDateTime: Types.long,
  bidExtra: Types.string,
  itemName: Types.string,
  description: Types.string,
  initialBid: Types.int,
  reserve: Types.int,
  auctionDateTime: Types.long,
  expires: Types.long,
  seller: Types.int,
  category: Types.int,
  auctionExtra: Types.string,
})
export type ExpandedBid = Infer<typeof ExpandedBid>

/** q20, expand bid with auction: the bids for auctions of category 10, each with its auction. */
export function q20(events: DataStream<Event>): DataStream<ExpandedBid> {
  return auctionsWithBids(events)
    .process(() => new BidsOfAuction(), { type: ExpandedBid })
    .uid('bids-of-auctions')
}

/** Joins the bids for an auction with it, whichever comes first. Of auctions of other categories it keeps no more than that they are. */
class BidsOfAuction implements KeyedProcessFunction<number, Event, ExpandedBid> {
  #auction!: ValueState<Auction | undefined>
  #isOther!: ValueState<boolean>
  #waiting!: ListState<Bid>

  open(context: KeyedRuntimeContext): void {
    this.#auction = context.getValueState({ name: 'auction', type: Auction })
    this.#isOther = context.getValueState({
      name: 'other-category',
      type: Types.boolean,
      defaultValue: false,
    })
    this.#waiting = context.getListState({ name: 'waiting', type: Bid })
  }

  processElement(
    { auction, bid }: Event,
    _context: KeyedProcessContext<number>,
    out: Collector<ExpandedBid>,
  ): void {
    if (bid !== null) this.#processBid(bid, out)
    else if (auction !== null) this.#processAuction(auction, out)
  }

  #processAuction(auction: Auction, out: Collector<ExpandedBid>): void {
    if (auction.category === CATEGORY) {
      this.#auction.update(auction)
      for (const bid of this.#waiting.get()) out.collect(expanded(bid, auction))
    } else this.#isOther.update(true)
    this.#waiting.clear()
  }

  #processBid(bid: Bid, out: Collector<ExpandedBid>): void {
    if (this.#isOther.value()) return
    const auction = this.#auction.value()
    if (auction === undefined) this.#waiting.add(bid)
    else out.collect(expanded(bid, auction))
  }
}

function expanded(bid: Bid, auction: Auction): ExpandedBid {
  return {
    auction: bid.auction,
    bidder: bid.bidder,
    price: bid.price,
    channel: bid.channel,
    url: bid.url,
    bidDateTime: bid.dateTime,
    bidExtra: bid.extra,
    itemName: auction.itemName,
    description: auction.description,
    initialBid: auction.initialBid,
    reserve: auction.reserve,
    auctionDateTime: auction.dateTime,
    expires: auction.expires,
    seller: auction.seller,
    category: auction.category,
    auctionExtra: auction.extra,
  }
}
