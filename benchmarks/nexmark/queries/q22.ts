import { type DataStream, type Infer, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidsOf } from './bids.ts'

/** A bid and the directories in its url. */
export const BidDirectories = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.int,
  channel: Types.string,
  dir1: Types.string,
  dir2: Types.string,
  dir3: Types.string,
})
export type BidDirectories = Infer<typeof BidDirectories>

/** q22, get url directories: the first three of each bid's url. */
export function q22(events: DataStream<Event>): DataStream<BidDirectories> {
  return bidsOf(events).map(
    ({ auction, bidder, price, channel, url }) => {
      const [, , , dir1 = '', dir2 = '', dir3 = ''] = url.split('/', 6)
      return { auction, bidder, price, channel, dir1, dir2, dir3 }
    },
    { type: BidDirectories },
  )
}
