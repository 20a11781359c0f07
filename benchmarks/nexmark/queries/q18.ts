import {
  type Collector,
  type DataStream,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  Types,
  type ValueState,
} from 'millrace'
import { Bid, type Event } from '../model.ts'
import { bidsOf } from './bids.ts'

/** Ids of auctions are below this as long as there are fewer than a billion events. */
const AUCTIONS_MAX = 2 ** 26

/**
 * q18, find last bid: the last bid of each person for each auction. Each bid that is later than all before replaces the one
 * emitted before for the same person and auction.
 */
export function q18(events: DataStream<Event>): DataStream<Bid> {
  return bidsOf(events)
    .keyBy(({ bidder, auction }) => bidder * AUCTIONS_MAX + auction, { type: Types.long })
    .process(() => new LastBid(), { type: Bid })
    .uid('last-bids')
}

/** Emits bids that are later than all before of their key: of the others only their time must be known. */
class LastBid implements KeyedProcessFunction<number, Bid, Bid> {
  #lastTime!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#lastTime = context.getValueState({
      name: 'last-time',
      type: Types.long,
      defaultValue: Number.NEGATIVE_INFINITY,
    })
  }

  processElement(bid: Bid, _context: KeyedProcessContext<number>, out: Collector<Bid>): void {
    if (bid.dateTime <= this.#lastTime.value()) return
    this.#lastTime.update(bid.dateTime)
    out.collect(bid)
  }
}
