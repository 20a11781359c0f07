import {
  type Collector,
  type DataStream,
  type Infer,
  TumblingProcessingTimeWindows,
  Types,
} from 'millrace'
import type { Event } from '../model.ts'
import { bidCount } from './bid-count.ts'
import { bidsOf } from './bids.ts'

/** How often a person bid in a window. */
export const BidderCount = Types.record({
  bidder: Types.int,
  bidCount: Types.int,
  windowStart: Types.long,
  windowEnd: Types.long,
})
export type BidderCount = Infer<typeof BidderCount>

/** q12, processing-time windows: how often each person bids in 10 s by the clock of the machine. */
export function q12(events: DataStream<Event>): DataStream<BidderCount> {
  return bidsOf(events)
    .keyBy(({ bidder }) => bidder, { type: Types.int })
    .window(TumblingProcessingTimeWindows.of('10 s'))
    .aggregate(bidCount, ({ key, window }, count, out: Collector<BidderCount>) =>
      out.collect({
        bidder: key,
        bidCount: count,
        windowStart: window.start,
        windowEnd: window.end,
      }),
    )
    .returns(BidderCount)
    .uid('counts')
}
