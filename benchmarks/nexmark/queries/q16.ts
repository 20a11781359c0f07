import { type DataStream, type Infer, TumblingEventTimeWindows, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidStatistics, countsOf, STATISTICS_FIELDS } from './bid-statistics.ts'
import { bidsOf } from './bids.ts'
import { dayOf } from './q15.ts'

/** The statistics of a channel on a day; `minute` is that of its last bid. */
export const ChannelStatistics = Types.record({
  channel: Types.string,
  day: Types.string,
  minute: Types.string,
  ...STATISTICS_FIELDS,
})
export type ChannelStatistics = Infer<typeof ChannelStatistics>

/** q16, channel statistics report: how many bids, bidders and auctions each channel has on each day. */
export function q16(events: DataStream<Event>): DataStream<ChannelStatistics> {
  return bidsOf(events)
    .keyBy(({ channel }) => channel, { type: Types.string })
    .window(TumblingEventTimeWindows.of('1 d'))
    .aggregate(bidStatistics, ({ key, window }, statistics) => [
      {
        channel: key,
        day: dayOf(window.start),
        minute: minuteOf(statistics.lastTime),
        ...countsOf(statistics),
      },
    ])
    .returns(ChannelStatistics)
    .uid('statistics-of-channels')
}

/** Hour and minute in UTC, such as `08:30`. */
function minuteOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 16)
}
