// What the queries must answer: slow, obvious, in memory, over the first events of a generator. An engine's output
// is compared with these as a multiset, since parallel tasks may emit in any order.
//
// The answers are those of a run without late records: the watermark delay must be at least the `disorderMs` of
// the generator, and the input must be bounded, so that the last watermark closes all windows. Then order
// of arrival makes no difference, and these functions need none. Windows start at multiples of their size or
// slide since 1970.

import { NexmarkGenerator, type NexmarkOptions } from './generator.ts'
import type { Bid, Event } from './model.ts'

/** The first `count` events of a generator with these options. */
export function* firstEvents(count: number, options: NexmarkOptions = {}): Generator<Event> {
  const generator = new NexmarkGenerator(options)
  for (let i = 0; i < count; i++) yield generator.next()
}

/** q0, pass-through: all bids. */
export function q0(events: Iterable<Event>): Bid[] {
  return [...bidsOf(events)]
}

/** A bid with its price in another currency. */
export interface ConvertedBid {
  readonly auction: number
  readonly bidder: number
  readonly price: number
  readonly dateTime: number
  readonly extra: string
}

/** q1, currency conversion: all bids with 0.908 of their price. */
export function q1(events: Iterable<Event>): ConvertedBid[] {
  return [...bidsOf(events)].map(({ auction, bidder, price, dateTime, extra }) => ({
    auction,
    bidder,
    price: price * 0.908,
    dateTime,
    extra,
  }))
}

/** The auction and the price of a bid. */
export interface AuctionPrice {
  readonly auction: number
  readonly price: number
}

/** q2, selection: the bids for auctions whose id is a multiple of 123. */
export function q2(events: Iterable<Event>): AuctionPrice[] {
  return [...bidsOf(events)]
    .filter((bid) => bid.auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }))
}

/** An auction that got the most bids of all in a window. */
export interface HotItem {
  readonly windowStart: number
  readonly windowEnd: number
  readonly auction: number
  readonly bidCount: number
}

/** q5, hot items: for windows of 10 s every 2 s, the auctions with the most bids; all of them when several have. */
export function q5(events: Iterable<Event>): HotItem[] {
  const sizeMs = 10_000
  const slideMs = 2_000
  const countsByWindow = new Map<number, Map<number, number>>()
  for (const bid of bidsOf(events)) {
    const lastStart = windowStart(bid.dateTime, slideMs)
    for (let start = lastStart; start > bid.dateTime - sizeMs; start -= slideMs) {
      const counts = getOrAdd(countsByWindow, start, () => new Map<number, number>())
      counts.set(bid.auction, (counts.get(bid.auction) ?? 0) + 1)
    }
  }
  return [...countsByWindow].sort(byFirst).flatMap(([start, counts]) => {
    const most = [...counts.values()].reduce((a, b) => Math.max(a, b))
    return [...counts]
      .filter(([, bidCount]) => bidCount === most)
      .sort(byFirst)
      .map(([auction, bidCount]) => ({
        windowStart: start,
        windowEnd: start + sizeMs,
        auction,
        bidCount,
      }))
  })
}

/** A bid of the highest price in a window. */
export interface HighestBid {
  readonly windowStart: number
  readonly windowEnd: number
  readonly auction: number
  readonly bidder: number
  readonly price: number
  readonly dateTime: number
  readonly extra: string
}

/** q7, highest bid: for each 10 s, the bids of the highest price; all of them when several have it. */
export function q7(events: Iterable<Event>): HighestBid[] {
  const sizeMs = 10_000
  const highestByWindow = new Map<number, Bid[]>()
  for (const bid of bidsOf(events)) {
    const highest = getOrAdd(highestByWindow, windowStart(bid.dateTime, sizeMs), (): Bid[] => [])
    const price = highest[0]?.price ?? Number.NEGATIVE_INFINITY
    if (bid.price > price) highest.length = 0
    if (bid.price >= price) highest.push(bid)
  }
  return [...highestByWindow].sort(byFirst).flatMap(([start, bids]) =>
    bids.map(({ auction, bidder, price, dateTime, extra }) => ({
      windowStart: start,
      windowEnd: start + sizeMs,
      auction,
      bidder,
      price,
      dateTime,
      extra,
    })),
  )
}

/** The bids of one person without a pause of more than 10 s; the session ends 10 s after the last. */
export interface BidderSession {
  readonly bidder: number
  readonly bidCount: number
  readonly sessionStart: number
  readonly sessionEnd: number
}

/**
 * q11, user sessions: how often each person bid in each session with a gap of 10 s. Bids exactly 10 s apart share a
 * session: Flink merges session windows that touch.
 */
export function q11(events: Iterable<Event>): BidderSession[] {
  const gapMs = 10_000
  const timesByBidder = new Map<number, number[]>()
  for (const bid of bidsOf(events)) {
    getOrAdd(timesByBidder, bid.bidder, (): number[] => []).push(bid.dateTime)
  }
  return [...timesByBidder].sort(byFirst).flatMap(([bidder, times]) => {
    const sessions: {
      bidder: number
      bidCount: number
      sessionStart: number
      sessionEnd: number
    }[] = []
    for (const time of times.sort((a, b) => a - b)) {
      const session = sessions.at(-1)
      if (session !== undefined && time <= session.sessionEnd) {
        session.bidCount++
        session.sessionEnd = time + gapMs
      } else {
        sessions.push({ bidder, bidCount: 1, sessionStart: time, sessionEnd: time + gapMs })
      }
    }
    return sessions
  })
}

/**
 * q12, processing time windows: how often each person bid at all. Which window a bid falls into depends on the
 * clock, so of an engine's output only the sum for each bidder can be compared.
 */
export function q12(events: Iterable<Event>): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { bidder } of bidsOf(events)) counts.set(bidder, (counts.get(bidder) ?? 0) + 1)
  return counts
}

function* bidsOf(events: Iterable<Event>): Generator<Bid> {
  for (const { bid } of events) if (bid !== null) yield bid
}

/** The largest multiple of `everyMs` that is not after `timeMs`. */
function windowStart(timeMs: number, everyMs: number): number {
  return Math.floor(timeMs / everyMs) * everyMs
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = create()
    map.set(key, value)
  }
  return value
}

function byFirst(a: readonly [number, unknown], b: readonly [number, unknown]): number {
  return a[0] - b[0]
}
