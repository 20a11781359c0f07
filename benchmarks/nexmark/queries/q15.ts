import { type DataStream, type Infer, TumblingEventTimeWindows, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidStatistics, countsOf, STATISTICS_FIELDS } from './bid-statistics.ts'
import { bidsOf } from './bids.ts'

/** The statistics of a day. */
export const DayStatistics = Types.record({ day: Types.string, ...STATISTICS_FIELDS })
export type DayStatistics = Infer<typeof DayStatistics>

/**
 * q15, bidding statistics report: how many bids, bidders and auctions each day has, in all and by rank of price. The answer
 * of a day comes when the day is over.
 */
export function q15(events: DataStream<Event>): DataStream<DayStatistics> {
  return bidsOf(events)
    .keyBy(() => 0, { type: Types.int })
    .window(TumblingEventTimeWindows.of('1 d'))
    .aggregate(bidStatistics, ({ window }, statistics) => [
      { day: dayOf(window.start), ...countsOf(statistics) },
    ])
    .returns(DayStatistics)
    .uid('statistics-of-days')
}

/** The date in UTC, such as `2015-07-15`. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
