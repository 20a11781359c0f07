import { type DataStream, type Infer, Types } from 'millrace'
import type { Event } from '../model.ts'
import { bidsOf } from './bids.ts'

/** A bid and the id of its channel. */
export const ChannelBid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.int,
  channel: Types.string,
  channelId: Types.string,
})
export type ChannelBid = Infer<typeof ChannelBid>

const CHANNEL_IDS: ReadonlyMap<string, string> = new Map([
  ['apple', '0'],
  ['google', '1'],
  ['facebook', '2'],
  ['baidu', '3'],
])

const CHANNEL_ID_IN_URL = /(?:&|^)channel_id=([^&]*)/

/** q21, add channel id: the number of the four known channels, or the one that stands in the url; bids with neither are left out. */
export function q21(events: DataStream<Event>): DataStream<ChannelBid> {
  return bidsOf(events).flatMap<ChannelBid>(
    ({ auction, bidder, price, channel, url }, out) => {
      const channelId = CHANNEL_IDS.get(channel.toLowerCase()) ?? CHANNEL_ID_IN_URL.exec(url)?.[1]
      if (channelId !== undefined) out.collect({ auction, bidder, price, channel, channelId })
    },
    { type: ChannelBid },
  )
}
