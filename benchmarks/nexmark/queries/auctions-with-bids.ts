import { type DataStream, type KeyedStream, Types } from 'millrace'
import type { Event } from '../model.ts'

/**
 * Auctions and their bids in one stream, by the id of the auction. As two streams they would travel on two channels, and
 * bids, which are fifteen times as many, would overtake their auctions and have to wait for them.
 */
export function auctionsWithBids(events: DataStream<Event>): KeyedStream<number, Event> {
  return events
    .filter(({ person }) => person === null)
    .keyBy(({ auction, bid }) => bid?.auction ?? auction?.id ?? 0, { type: Types.int })
}
