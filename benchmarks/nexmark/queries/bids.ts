import type { DataStream } from 'millrace'
import { Bid, type Event } from '../model.ts'

/** The bids among the events: what every query here begins with. */
export function bidsOf(events: DataStream<Event>): DataStream<Bid> {
  return events
    .flatMap<Bid>(
      ({ bid }, out) => {
        if (bid !== null) out.collect(bid)
      },
      { type: Bid },
    )
    .name('bids')
}
