import { type DataStream, type Infer, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidsOf } from './bids.ts'

const PRICE_MIN = 1_000_000
const PRICE_MAX = 50_000_000
const LETTER_C = 'c'.charCodeAt(0)

/** A bid with what was computed from it. */
export const CalculatedBid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.double,
  bidTimeType: Types.string,
  dateTime: Types.long,
  extra: Types.string,
  lettersC: Types.int,
})
export type CalculatedBid = Infer<typeof CalculatedBid>

/** q14, calculation: of the bids of a middling price the time of day, and how often their text has a `c`. */
export function q14(events: DataStream<Event>): DataStream<CalculatedBid> {
  return bidsOf(events)
    .filter(({ price }) => price * 0.908 > PRICE_MIN && price * 0.908 < PRICE_MAX)
    .map(
      ({ auction, bidder, price, dateTime, extra }) => ({
        auction,
        bidder,
        price: price * 0.908,
        bidTimeType: timeOfDay(dateTime),
        dateTime,
        extra,
        lettersC: countOf(LETTER_C, extra),
      }),
      { type: CalculatedBid },
    )
}

const MS_PER_HOUR = 3_600_000

/** By the hour in UTC: day from 8 to 18, night from 20 to 6. */
function timeOfDay(timeMs: number): string {
  const hour = Math.floor(timeMs / MS_PER_HOUR) % 24
  if (hour >= 8 && hour <= 18) return 'dayTime'
  return hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime'
}

function countOf(letter: number, text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === letter) count++
  return count
}
