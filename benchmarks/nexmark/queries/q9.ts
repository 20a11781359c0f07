import {
  type Collector,
  type DataStream,
  type Infer,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type OnTimerContext,
  type SingleOutputStreamOperator,
  Types,
  type ValueState,
} from 'millrace'
import { Auction, Bid, type Event } from '../model.ts'
import { auctionsWithBids } from './auctions-with-bids.ts'

/** An auction that ended, and the bid that won it. */
export const WinningBid = Types.record({
  id: Types.int,
  itemName: Types.string,
  description: Types.string,
  initialBid: Types.int,
  reserve: Types.int,
  dateTime: Types.long,
  expires: Types.long,
  seller: Types.int,
  category: Types.int,
  extra: Types.string,
  bidder: Types.int,
  price: Types.int,
  bidDateTime: Types.long,
  bidExtra: Types.string,
})
export type WinningBid = Infer<typeof WinningBid>

/** q9, winning bids: for each auction the highest bid while it was open; of equals, the first. */
export function q9(events: DataStream<Event>): DataStream<WinningBid> {
  return winningBids(events)
}

/** The auctions that had a bid, when they end. */
export function winningBids(events: DataStream<Event>): SingleOutputStreamOperator<WinningBid> {
  return auctionsWithBids(events)
    .process(() => new HighestBid(), { type: WinningBid })
    .uid('winning-bids')
}

/** An auction with its highest bid; while the auction has not come, bids wait for it. */
const OpenAuction = Types.record({
  auction: Types.nullable(Auction),
  highest: Types.nullable(Bid),
  waiting: Types.array(Bid),
})
type OpenAuction = Infer<typeof OpenAuction>

/**
 * Keeps the highest bid until the watermark says that the auction is over. A bid may come before its auction. It counts only
 * if the auction opened before it, so when its own time is over and no auction is there, none of use will come.
 */
class HighestBid implements KeyedProcessFunction<number, Event, WinningBid> {
  #open!: ValueState<OpenAuction | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#open = context.getValueState({ name: 'open-auction', type: OpenAuction })
  }

  processElement({ auction, bid }: Event, context: KeyedProcessContext<number>): void {
    if (bid !== null) this.#processBid(bid, context)
    else if (auction !== null) this.#processAuction(auction, context)
  }

  onTimer(timestamp: number, _context: OnTimerContext<number>, out: Collector<WinningBid>): void {
    const open = this.#open.value()
    if (open === undefined) return
    if (open.auction === null) {
      open.waiting = open.waiting.filter(({ dateTime }) => dateTime > timestamp)
      if (open.waiting.length === 0) this.#open.clear()
    } else if (timestamp >= open.auction.expires) {
      if (open.highest !== null) out.collect(winningBid(open.auction, open.highest))
      this.#open.clear()
    }
  }

  #processAuction(auction: Auction, context: KeyedProcessContext<number>): void {
    const open = this.#open.value() ?? { auction, highest: null, waiting: [] }
    open.auction = auction
    for (const bid of open.waiting) offer(open, auction, bid)
    open.waiting = []
    this.#open.update(open)
    context.timerService.registerEventTimeTimer(auction.expires)
  }

  #processBid(bid: Bid, context: KeyedProcessContext<number>): void {
    const open = this.#open.value()
    if (open !== undefined && open.auction !== null) offer(open, open.auction, bid)
    else if (bid.dateTime > context.currentWatermark()) this.#wait(open, bid, context)
  }

  #wait(known: OpenAuction | undefined, bid: Bid, context: KeyedProcessContext<number>): void {
    const open = known ?? { auction: null, highest: null, waiting: [] }
    open.waiting.push(bid)
    this.#open.update(open)
    context.timerService.registerEventTimeTimer(bid.dateTime)
  }
}

function offer(open: OpenAuction, auction: Auction, bid: Bid): void {
  if (bid.dateTime < auction.dateTime || bid.dateTime > auction.expires) return
  const { highest } = open
  const isHigher =
    highest === null ||
    bid.price > highest.price ||
    (bid.price === highest.price && bid.dateTime < highest.dateTime)
  if (isHigher) open.highest = bid
}

function winningBid(auction: Auction, { bidder, price, dateTime, extra }: Bid): WinningBid {
  return { ...auction, bidder, price, bidDateTime: dateTime, bidExtra: extra }
}
