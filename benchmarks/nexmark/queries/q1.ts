import { type DataStream, type Infer, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidsOf } from './bids.ts'

const DOLLARS_TO_EUROS = 0.908

/** A bid with its price in another currency. */
export const ConvertedBid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.double,
  dateTime: Types.long,
  extra: Types.string,
})
export type ConvertedBid = Infer<typeof ConvertedBid>

/** q1, currency conversion: all bids with their price in euros. */
export function q1(events: DataStream<Event>): DataStream<ConvertedBid> {
  return bidsOf(events).map(
    ({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      price: price * DOLLARS_TO_EUROS,
      dateTime,
      extra,
    }),
    { type: ConvertedBid },
  )
}
