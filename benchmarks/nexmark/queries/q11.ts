import {
  type Collector,
  type DataStream,
  EventTimeSessionWindows,
  type Infer,
  Types,
} from 'millrace'
import type { Event } from '../model.ts'
import { bidCount } from './bid-count.ts'
import { bidsOf } from './bids.ts'

/** The bids of one person without a long pause. */
export const BidderSession = Types.record({
  bidder: Types.int,
  bidCount: Types.int,
  sessionStart: Types.long,
  sessionEnd: Types.long,
})
export type BidderSession = Infer<typeof BidderSession>

/** q11, user sessions: how often each person bids until a pause of 10 s. */
export function q11(events: DataStream<Event>): DataStream<BidderSession> {
  return bidsOf(events)
    .keyBy(({ bidder }) => bidder, { type: Types.int })
    .window(EventTimeSessionWindows.withGap('10 s'))
    .aggregate(bidCount, ({ key, window }, count, out: Collector<BidderSession>) =>
      out.collect({
        bidder: key,
        bidCount: count,
        sessionStart: window.start,
        sessionEnd: window.end,
      }),
    )
    .returns(BidderSession)
    .uid('sessions')
}
