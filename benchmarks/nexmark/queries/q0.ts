import type { DataStream } from 'millrace'
import type { Bid, Event } from '../model.ts'
import { bidsOf } from './bids.ts'

/** q0, pass-through: all bids as they are. What the engine costs when the query does nothing. */
export function q0(events: DataStream<Event>): DataStream<Bid> {
  return bidsOf(events)
}
