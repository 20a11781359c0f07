import {
  type Collector,
  type DataStream,
  type Infer,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  Types,
  type ValueState,
} from 'millrace'
import type { Bid, Event } from '../model.ts'
import { bidsOf } from './bids.ts'

const TOP = 10

/** A bid that was among the highest of its auction when it came. */
export const TopBid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.int,
  channel: Types.string,
  url: Types.string,
  dateTime: Types.long,
  extra: Types.string,
  rank: Types.int,
})
export type TopBid = Infer<typeof TopBid>

/**
 * q19, auction top 10: the ten highest bids of each auction. A bid is emitted when it gets among them, with its rank; it
 * moves those of its rank and below down by one.
 */
export function q19(events: DataStream<Event>): DataStream<TopBid> {
  return bidsOf(events)
    .keyBy(({ auction }) => auction, { type: Types.int })
    .process(() => new HighestTen(), { type: TopBid })
    .uid('highest-ten')
}

/** Keeps the ten highest prices, from highest to lowest. */
class HighestTen implements KeyedProcessFunction<number, Bid, TopBid> {
  #prices!: ValueState<number[] | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#prices = context.getValueState({ name: 'prices', type: Types.array(Types.int) })
  }

  processElement(bid: Bid, _context: KeyedProcessContext<number>, out: Collector<TopBid>): void {
    const prices = this.#prices.value() ?? []
    let place = prices.length
    while (place > 0 && (prices[place - 1] as number) < bid.price) place--
    if (place === TOP) return
    prices.splice(place, 0, bid.price)
    if (prices.length > TOP) prices.pop()
    this.#prices.update(prices)
    const { auction, bidder, price, channel, url, dateTime, extra } = bid
    out.collect({ auction, bidder, price, channel, url, dateTime, extra, rank: place + 1 })
  }
}
