// What the queries that put people, auctions and bids together must answer; see reference.ts.

import type { Auction, Bid, Event, Person } from './model.ts'

/** q3, local item suggestion: the items of category 10 that people in three states sell. */
export function q3(events: Iterable<Event>): object[] {
  const { people, auctions } = recordsOf(events)
  return auctions
    .filter(({ category }) => category === 10)
    .flatMap(({ id, seller }) =>
      people
        .filter((person) => person.id === seller && ['OR', 'ID', 'CA'].includes(person.state))
        .map(({ name, city, state }) => ({ name, city, state, auction: id })),
    )
}

/** q4, average price for a category: of all auctions that had a bid. */
export function q4(events: Iterable<Event>): object[] {
  const pricesByCategory = new Map<number, number[]>()
  for (const { category, price } of q9(events)) {
    pricesByCategory.set(category, [...(pricesByCategory.get(category) ?? []), price])
  }
  return [...pricesByCategory].map(([category, prices]) => ({
    category,
    averagePrice: prices.reduce((sum, price) => sum + price, 0) / prices.length,
  }))
}

/** q8, monitor new users: who registered and opened an auction in the same window of 10 s. */
export function q8(events: Iterable<Event>): object[] {
  const { people, auctions } = recordsOf(events)
  const windowOf = (timeMs: number): number => Math.floor(timeMs / 10_000) * 10_000
  const sold = new Set(auctions.map(({ seller, dateTime }) => `${seller} ${windowOf(dateTime)}`))
  return people
    .map(({ id, name, dateTime }) => ({ id, name, windowStart: windowOf(dateTime) }))
    .filter(({ id, windowStart }) => sold.has(`${id} ${windowStart}`))
}

/** An auction and the bid that won it. */
type Sold = Auction & {
  readonly bidder: number
  readonly price: number
  readonly bidDateTime: number
  readonly bidExtra: string
}

/** q9, winning bids: the highest bid of each auction while it was open; of equals, the first. */
export function q9(events: Iterable<Event>): Sold[] {
  const { auctions, bids } = recordsOf(events)
  return auctions.flatMap((auction) => {
    const [winner] = bids
      .filter(
        (bid) =>
          bid.auction === auction.id &&
          bid.dateTime >= auction.dateTime &&
          bid.dateTime <= auction.expires,
      )
      .sort((a, b) => b.price - a.price || a.dateTime - b.dateTime)
    if (winner === undefined) return []
    const { bidder, price, dateTime, extra } = winner
    return [{ ...auction, bidder, price, bidDateTime: dateTime, bidExtra: extra }]
  })
}

/** q20, expand bid with auction: the bids for auctions of category 10. */
export function q20(events: Iterable<Event>): object[] {
  const { auctions, bids } = recordsOf(events)
  const auctionById = new Map(auctions.map((auction) => [auction.id, auction]))
  return bids.flatMap((bid) => {
    const auction = auctionById.get(bid.auction)
    if (auction?.category !== 10) return []
    return [
      {
        auction: bid.auction,
        bidder: bid.bidder,
        price: bid.price,
        channel: bid.channel,
        url: bid.url,
        bidDateTime: bid.dateTime,
        bidExtra: bid.extra,
        itemName: auction.itemName,
        description: auction.description,
        initialBid: auction.initialBid,
        reserve: auction.reserve,
        auctionDateTime: auction.dateTime,
        expires: auction.expires,
        seller: auction.seller,
        category: auction.category,
        auctionExtra: auction.extra,
      },
    ]
  })
}

function recordsOf(events: Iterable<Event>): {
  readonly people: readonly Person[]
  readonly auctions: readonly Auction[]
  readonly bids: readonly Bid[]
} {
  const people: Person[] = []
  const auctions: Auction[] = []
  const bids: Bid[] = []
  for (const { person, auction, bid } of events) {
    if (person !== null) people.push(person)
    if (auction !== null) auctions.push(auction)
    if (bid !== null) bids.push(bid)
  }
  return { people, auctions, bids }
}
