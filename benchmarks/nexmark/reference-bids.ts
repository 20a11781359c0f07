// What the queries about bids alone must answer, from q14 on; see reference.ts.

import type { Bid, Event } from './model.ts'

/** q14, calculation: bids of a middling price, with the time of day and the number of letters c. */
export function q14(events: Iterable<Event>): object[] {
  return bidsOf(events)
    .map((bid) => ({ ...bid, price: bid.price * 0.908 }))
    .filter(({ price }) => price > 1_000_000 && price < 50_000_000)
    .map(({ auction, bidder, price, dateTime, extra }) => {
      const hour = new Date(dateTime).getUTCHours()
      const isDay = hour >= 8 && hour <= 18
      const isNight = hour <= 6 || hour >= 20
      const bidTimeType = isDay ? 'dayTime' : isNight ? 'nightTime' : 'otherTime'
      const lettersC = extra.split('c').length - 1
      return { auction, bidder, price, bidTimeType, dateTime, extra, lettersC }
    })
}

/** q15, bidding statistics report, for each day. */
export function q15(events: Iterable<Event>): object[] {
  return [...groups(bidsOf(events), dayOf)].map(([day, bids]) => ({ day, ...statisticsOf(bids) }))
}

/** q16, channel statistics report, for each channel and day. */
export function q16(events: Iterable<Event>): object[] {
  const byChannelAndDay = groups(bidsOf(events), (bid) => `${bid.channel} ${dayOf(bid)}`)
  return [...byChannelAndDay].map(([group, bids]) => {
    const [channel, day] = group.split(' ')
    const minutes = bids.map(({ dateTime }) => new Date(dateTime).toISOString().slice(11, 16))
    return { channel, day, minute: minutes.sort().at(-1), ...statisticsOf(bids) }
  })
}

/** q17, auction statistics report, for each auction and day. */
export function q17(events: Iterable<Event>): object[] {
  const byAuctionAndDay = groups(bidsOf(events), (bid) => `${bid.auction} ${dayOf(bid)}`)
  return [...byAuctionAndDay].map(([group, bids]) => {
    const [auction, day] = group.split(' ')
    const prices = bids.map(({ price }) => price)
    const { totalBids, rank1Bids, rank2Bids, rank3Bids } = statisticsOf(bids)
    const sumPrice = prices.reduce((sum, price) => sum + price, 0)
    return {
      auction: Number(auction),
      day,
      totalBids,
      rank1Bids,
      rank2Bids,
      rank3Bids,
      minPrice: Math.min(...prices),
      maxPrice: Math.max(...prices),
      averagePrice: sumPrice / prices.length,
      sumPrice,
    }
  })
}

/** q18, find last bid: when each person bid last for each auction. */
export function q18(events: Iterable<Event>): object[] {
  const byBidderAndAuction = groups(bidsOf(events), (bid) => `${bid.bidder} ${bid.auction}`)
  return [...byBidderAndAuction.values()].map((bids) => {
    const [{ bidder, auction }] = bids as [Bid]
    return { bidder, auction, dateTime: Math.max(...bids.map(({ dateTime }) => dateTime)) }
  })
}

/** q19, auction top 10: the ten highest prices of each auction, from the highest down. */
export function q19(events: Iterable<Event>): object[] {
  return [...groups(bidsOf(events), ({ auction }) => auction)].map(([auction, bids]) => ({
    auction,
    prices: bids
      .map(({ price }) => price)
      .sort((a, b) => b - a)
      .slice(0, 10),
  }))
}

/** q21, add channel id: of the four known channels, or out of the url. */
export function q21(events: Iterable<Event>): object[] {
  const known: Readonly<Record<string, string>> = {
    Apple: '0',
    Google: '1',
    Facebook: '2',
    Baidu: '3',
  }
  return bidsOf(events).flatMap(({ auction, bidder, price, channel, url }) => {
    const channelId = known[channel] ?? new URL(url).searchParams.get('channel_id')
    return channelId === null ? [] : [{ auction, bidder, price, channel, channelId }]
  })
}

/** q22, get url directories: the first three. */
export function q22(events: Iterable<Event>): object[] {
  return bidsOf(events).map(({ auction, bidder, price, channel, url }) => {
    const [, dir1, dir2, dir3] = new URL(url).pathname.split('/')
    return { auction, bidder, price, channel, dir1, dir2, dir3 }
  })
}

function statisticsOf(bids: readonly Bid[]): Record<string, number> {
  const ranks: readonly (readonly [string, (price: number) => boolean])[] = [
    ['total', () => true],
    ['rank1', (price) => price < 10_000],
    ['rank2', (price) => price >= 10_000 && price < 1_000_000],
    ['rank3', (price) => price >= 1_000_000],
  ]
  const inRanks = ranks.map(([name, isIn]) => ({
    name,
    bids: bids.filter(({ price }) => isIn(price)),
  }))
  const counts = (what: string, count: (bids: readonly Bid[]) => number): [string, number][] =>
    inRanks.map((rank) => [`${rank.name}${what}`, count(rank.bids)])
  return Object.fromEntries([
    ...counts('Bids', (some) => some.length),
    ...counts('Bidders', (some) => new Set(some.map(({ bidder }) => bidder)).size),
    ...counts('Auctions', (some) => new Set(some.map(({ auction }) => auction)).size),
  ])
}

function dayOf({ dateTime }: Bid): string {
  return new Date(dateTime).toISOString().slice(0, 10)
}

function groups<K>(bids: readonly Bid[], keyOf: (bid: Bid) => K): Map<K, Bid[]> {
  const found = new Map<K, Bid[]>()
  for (const bid of bids) {
    const group = found.get(keyOf(bid))
    if (group === undefined) found.set(keyOf(bid), [bid])
    else group.push(bid)
  }
  return found
}

function bidsOf(events: Iterable<Event>): readonly Bid[] {
  return [...events].flatMap(({ bid }) => (bid === null ? [] : [bid]))
}
