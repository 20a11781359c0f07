import { describe, expect, test } from 'vitest'
import {
  AuctionRecord,
  BidRecord,
  type Event,
  EventKind,
  EventRecord,
  PersonRecord,
} from './model.ts'
import { firstEvents, q0, q1, q11, q12, q2, q5, q7 } from './reference.ts'

function bid(
  at: number,
  { auction = 1, bidder = 1, price = 100 }: { auction?: number; bidder?: number; price?: number },
): Event {
  const record = new BidRecord(auction, bidder, price, 'Google', 'https://x', at, 'extra')
  return new EventRecord(EventKind.bid, null, null, record)
}

const person = new EventRecord(
  EventKind.person,
  new PersonRecord(1, 'Kate Jones', 'a@b.com', '0000', 'Bend', 'OR', 0, ''),
  null,
  null,
)
const auction = new EventRecord(
  EventKind.auction,
  null,
  new AuctionRecord(123, 'a', 'b', 1, 2, 0, 1, 1, 10, ''),
  null,
)

describe('queries without state', () => {
  const events = [person, bid(1, { auction: 123, price: 1000 }), auction, bid(2, { auction: 124 })]

  test('when people and auctions lie between the bids, then q0 passes only the bids, in order', () => {
    expect(q0(events)).toEqual([events[1]?.bid, events[3]?.bid])
  })

  test('when q1 converts, then only the price changes, and channel and url are gone', () => {
    expect(q1(events)[0]).toEqual({
      auction: 123,
      bidder: 1,
      price: 908,
      dateTime: 1,
      extra: 'extra',
    })
  })

  test('when an auction id is a multiple of 123, then q2 selects its bids and no others', () => {
    expect(q2(events)).toEqual([{ auction: 123, price: 1000 }])
  })
})

describe('q5', () => {
  test('when there is one bid, then it is hot in all five windows around it', () => {
    expect(q5([bid(10_500, {})]).map(({ windowStart }) => windowStart)).toEqual([
      2000, 4000, 6000, 8000, 10_000,
    ])
  })

  test('when a bid lies on a window border, then it belongs to the window that starts there', () => {
    const starts = q5([bid(10_000, {})]).map(({ windowStart }) => windowStart)
    expect(starts).toEqual([2000, 4000, 6000, 8000, 10_000])
  })

  test('when two auctions have the most bids, then both are hot and a third is not', () => {
    const events = [2, 1, 3, 1, 2].map((auction) => bid(9_999, { auction }))
    expect(q5(events).filter(({ windowStart }) => windowStart === 0)).toEqual([
      { windowStart: 0, windowEnd: 10_000, auction: 1, bidCount: 2 },
      { windowStart: 0, windowEnd: 10_000, auction: 2, bidCount: 2 },
    ])
  })
})

describe('q7', () => {
  test('when windows have one or several highest bids, then each window gives all of its own', () => {
    const events = [
      bid(10_000, { bidder: 4, price: 5 }),
      bid(9_999, { bidder: 1, price: 7 }),
      bid(0, { bidder: 2, price: 9 }),
      bid(1, { bidder: 3, price: 9 }),
    ]
    expect(
      q7(events).map(({ windowStart, bidder, price }) => [windowStart, bidder, price]),
    ).toEqual([
      [0, 2, 9],
      [0, 3, 9],
      [10_000, 4, 5],
    ])
  })
})

describe('q11', () => {
  test('when bids arrive out of order, then a pause of more than 10 s parts sessions and 10 s do not', () => {
    const events = [bid(20_001, {}), bid(0, {}), bid(10_000, {}), bid(5, { bidder: 2 })]
    expect(q11(events)).toEqual([
      { bidder: 1, bidCount: 2, sessionStart: 0, sessionEnd: 20_000 },
      { bidder: 1, bidCount: 1, sessionStart: 20_001, sessionEnd: 30_001 },
      { bidder: 2, bidCount: 1, sessionStart: 5, sessionEnd: 10_005 },
    ])
  })
})

describe('q12', () => {
  test('when people bid, then their counts do not depend on time', () => {
    const events = [
      bid(0, { bidder: 7 }),
      bid(99_999, { bidder: 7 }),
      bid(1, { bidder: 8 }),
      person,
    ]
    expect(q12(events)).toEqual(
      new Map([
        [7, 2],
        [8, 1],
      ]),
    )
  })
})

describe('firstEvents', () => {
  test('when so many are asked for, then so many come, and the answers agree with each other', () => {
    const events = [...firstEvents(50_000, { eventsPerSecond: 1000 })]
    const bids = q0(events)
    expect(events).toHaveLength(50_000)
    expect(bids).toHaveLength(46_000)
    expect([...q12(events).values()].reduce((a, b) => a + b)).toBe(46_000)
    expect(q11(events).reduce((sum, { bidCount }) => sum + bidCount, 0)).toBe(46_000)
    // The events span 50 s and, moved back by up to a second, touch one window more.
    expect(new Set(q7(events).map(({ windowStart }) => windowStart)).size).toBe(6)
  })
})
