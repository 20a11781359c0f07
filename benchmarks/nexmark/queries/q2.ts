import { type DataStream, type Infer, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidsOf } from './bids.ts'

/** The auction and the price of a bid. */
export const AuctionPrice = Types.record({ auction: Types.int, price: Types.int })
export type AuctionPrice = Infer<typeof AuctionPrice>

/** q2, selection: the bids for every 123rd auction. */
export function q2(events: DataStream<Event>): DataStream<AuctionPrice> {
  return bidsOf(events)
    .filter(({ auction }) => auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }), { type: AuctionPrice })
}
