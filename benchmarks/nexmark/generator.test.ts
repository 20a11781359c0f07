import { describe, expect, test } from 'vitest'
import { EVENT_COUNT_MAX, NexmarkGenerator, type NexmarkOptions } from './generator.ts'
import { type Auction, type Bid, type Event, eventTimeOf, type Person } from './model.ts'
import { firstEvents } from './reference.ts'

const COUNT = 200_000
const events: readonly Event[] = [...firstEvents(COUNT)]
const people: readonly Person[] = events.flatMap(({ person }) => person ?? [])
const auctions: readonly Auction[] = events.flatMap(({ auction }) => auction ?? [])
const bids: readonly Bid[] = events.flatMap(({ bid }) => bid ?? [])

describe('determinism', () => {
  test('when two generators have the same seed, then they make the same events', () => {
    expect([...firstEvents(5000)]).toEqual(events.slice(0, 5000))
  })

  test('when the seed is another, then the events are others', () => {
    const others = [...firstEvents(5000, { seed: 2 })]
    const equalPrices = others.filter(
      ({ bid }, n) => bid?.price === bidAt(n)?.price && bid !== null,
    )
    expect(equalPrices.length).toBeLessThan(50)
  })

  test.each([0, 1, 4, 49, 50, 99, 101, 7777, 12_345])(
    'when reading starts at event %i, then it makes what a reader from 0 makes there',
    (firstEvent) => {
      expect([...firstEvents(1500, { firstEvent })]).toEqual(
        events.slice(firstEvent, firstEvent + 1500),
      )
    },
  )

  test.each([2, 3, 16, 25, 50, 64])(
    'when %i readers share the events, then none is lost',
    (step) => {
      const readers = Array.from(
        { length: step },
        (_, firstEvent) => new NexmarkGenerator({ firstEvent, eventStep: step }),
      )
      const shared = Array.from({ length: 6000 }, (_, n) => readers[n % step]?.next())
      expect(shared).toEqual(events.slice(0, 6000))
    },
  )

  test('when a reader goes on from its position, then it makes the next event of its share', () => {
    const share: NexmarkOptions = { firstEvent: 1, eventStep: 3 }
    const first = new NexmarkGenerator(share)
    for (let i = 0; i < 1000; i++) first.next()
    const second = new NexmarkGenerator({ ...share, firstEvent: first.nextEvent })
    expect(first.nextEvent).toBe(3001)
    for (let i = 0; i < 1000; i++) expect(second.next()).toEqual(first.next())
  })

  test('when event numbers pass 2^31 and 2^32, then events stay the same from any start', () => {
    for (const border of [2 ** 31, 2 ** 32]) {
      const before = [...firstEvents(400, { firstEvent: border - 200 })]
      expect([...firstEvents(200, { firstEvent: border })]).toEqual(before.slice(200))
      expect(before[200]?.bid?.extra).not.toBe(bidAt(0)?.extra)
    }
  })
})

describe('the model', () => {
  test('when many events are made, then there are 1 person, 3 auctions and 46 bids in each 50', () => {
    for (let n = 0; n < 500; n++) {
      const offset = n % 50
      const kind = offset === 0 ? 0 : offset < 4 ? 1 : 2
      const { person, auction, bid } = events[n] as Event
      expect(events[n]?.kind).toBe(kind)
      expect([person, auction, bid].map((record) => record !== null)).toEqual(
        [0, 1, 2].map((each) => each === kind),
      )
    }
    expect(bids).toHaveLength((COUNT * 46) / 50)
  })

  test('when people and auctions are made, then their ids count up from 1000', () => {
    expect(people.map(({ id }) => id)).toEqual(people.map((_, i) => 1000 + i))
    expect(auctions.map(({ id }) => id)).toEqual(auctions.map((_, i) => 1000 + i))
  })

  test('when bids are made, then half are for hot auctions and three quarters by hot bidders', () => {
    // A cold choice hits a hot id in one of a hundred cases.
    expect(share(bids, ({ auction }) => auction % 100 === 0)).toBeCloseTo(0.505, 2)
    expect(share(bids, ({ bidder }) => bidder % 100 === 1)).toBeCloseTo(0.7525, 2)
    expect(share(auctions, ({ seller }) => seller % 100 === 0)).toBeCloseTo(0.7525, 1)
  })

  test('when a bid is made, then its auction and bidder are recent or a little ahead', () => {
    const strays = events.filter(({ bid }, n) => {
      if (bid === null) return false
      const epoch = Math.floor(n / 50)
      const lastAuction = 1000 + epoch * 3 + 2
      return (
        bid.auction < Math.max(1000, lastAuction - 100) ||
        bid.auction > lastAuction + 10 ||
        bid.bidder < Math.max(1000, 1000 + epoch - 999) ||
        bid.bidder > 1000 + epoch + 10
      )
    })
    expect(strays).toEqual([])
    // The lead is used: some bids come before their auction.
    expect(
      events.some(({ bid }, n) => (bid?.auction ?? 0) > 1000 + Math.floor(n / 50) * 3 + 2),
    ).toBe(true)
  })

  test('when prices are made, then their logarithm is even between 1 and 10^6 units', () => {
    const logs = bids.map(({ price }) => Math.log10(price / 100))
    expect(smallest(logs)).toBeGreaterThanOrEqual(0)
    expect(largest(logs)).toBeLessThanOrEqual(6)
    for (let decade = 0; decade < 6; decade++) {
      expect(share(logs, (log) => log >= decade && log < decade + 1)).toBeCloseTo(1 / 6, 2)
    }
    expect(new Set(bids.map(({ price }) => price)).size).toBeGreaterThan(bids.length * 0.6)
  })

  test('when an auction is made, then reserve, category and end are within their ranges', () => {
    const reserves = auctions.map(({ initialBid, reserve }) => reserve - initialBid)
    expect(smallest(reserves)).toBeGreaterThanOrEqual(100)
    expect(new Set(auctions.map(({ category }) => category))).toEqual(new Set([10, 11, 12, 13, 14]))
    // A hundred auctions are opened in 1666 events, which are 16.66 ms: on average so long, at most twice.
    const lengthsMs = auctions.map(({ dateTime, expires }) => expires - dateTime)
    expect(smallest(lengthsMs)).toBe(1)
    expect(largest(lengthsMs)).toBe(34)
    expect(mean(lengthsMs)).toBeCloseTo(17, 0)
  })

  test('when records are made, then their average sizes are those of the benchmark', () => {
    expect(mean(people.map((p) => 8 + textBytes(p)))).toBeCloseTo(200, -1)
    expect(mean(auctions.map((a) => 6 * 8 + textBytes(a)))).toBeCloseTo(500, -1)
    expect(mean(bids.map(({ extra }) => 4 * 8 + extra.length))).toBeCloseTo(100, 0)
  })
})

describe('text', () => {
  test('when bids are made, then no two have the same extra text', () => {
    expect(new Set(bids.map(({ extra }) => extra)).size).toBe(bids.length)
  })

  test('when bids have the same channel, then they have the same url', () => {
    const urls = new Map(bids.map(({ channel, url }) => [channel, url]))
    expect(bids.filter(({ channel, url }) => urls.get(channel) !== url)).toEqual([])
    expect(new Set(urls.values()).size).toBeGreaterThan(urls.size * 0.99)
  })

  test('when texts are made, then they have the form of the benchmark', () => {
    for (const { channel, url, extra } of bids.slice(0, 20_000)) {
      const path = String.raw`[a-z]{3,4}/[a-z]{3,4}/[a-z]{3,4}/item\.htm\?query=1`
      expect(url).toMatch(new RegExp(`^https://www\\.nexmark\\.com/${path}(&channel_id=\\d+)?$`))
      expect(extra).toMatch(/^[a-z]{54,81}$/)
      expect(channel).toMatch(/^(channel-\d{1,4}|Google|Facebook|Baidu|Apple)$/)
    }
    for (const { itemName, description, extra } of auctions) {
      expect(itemName).toMatch(/^([a-z][a-z ]{0,17}[a-z]|[a-z]?)$/)
      expect(description).toMatch(/^([a-z][a-z ]{0,97}[a-z]|[a-z]?)$/)
      expect(extra).toMatch(/^[a-z]+$/)
    }
    for (const { name, emailAddress, creditCard, state } of people) {
      expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/)
      expect(emailAddress).toMatch(/^[a-z ]*@[a-z ]*\.com$/)
      expect(creditCard).toMatch(/^\d{4}( \d{4}){3}$/)
      expect(state).toMatch(/^(AZ|CA|ID|OR|WA|WY)$/)
    }
  })

  test('when letters are made, then all from a to z are about equally frequent', () => {
    const counts = new Map<string, number>()
    for (const letter of bids.map(({ extra }) => extra).join('')) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    const letters = bids.reduce((sum, { extra }) => sum + extra.length, 0)
    expect(counts.size).toBe(26)
    for (const count of counts.values()) {
      expect(count / letters).toBeGreaterThan(0.8 / 26)
      expect(count / letters).toBeLessThan(1.2 / 26)
    }
  })

  test('when a channel is cold, then its channel id is always the same, and hot ones have none', () => {
    const idsByChannel = new Map<string, Set<string | undefined>>()
    for (const { channel, url } of bids) {
      const ids = idsByChannel.get(channel) ?? new Set()
      idsByChannel.set(channel, ids.add(/channel_id=(\d+)$/.exec(url)?.[1]))
    }
    const channels = [...idsByChannel].map(([channel, ids]) => ({ channel, ids: [...ids] }))
    const withId = channels.filter(({ ids }) => ids[0] !== undefined)
    expect(channels.filter(({ ids }) => ids.length > 1)).toEqual([])
    expect(withId.filter(({ channel, ids }) => ids[0] !== reversedNumberOf(channel))).toEqual([])
    expect(withId.length / channels.length).toBeCloseTo(0.9, 1)
    expect(share(bids, ({ channel }) => !channel.startsWith('channel-'))).toBeCloseTo(0.5, 2)
  })
})

describe('event time', () => {
  test('when events are made, then none lies further behind an earlier one than disorderMs', () => {
    let latest = Number.NEGATIVE_INFINITY
    let greatestLag = 0
    let outOfOrder = 0
    for (const event of events) {
      const time = eventTimeOf(event)
      if (time < latest) outOfOrder++
      greatestLag = Math.max(greatestLag, latest - time)
      latest = Math.max(latest, time)
    }
    expect(greatestLag).toBeLessThanOrEqual(1000)
    expect(greatestLag).toBeGreaterThan(900)
    expect(outOfOrder).toBeGreaterThan(COUNT / 2)
  })

  test('when disorderMs is 0, then event times follow the rate exactly', () => {
    const startTimeMs = 1_000_000
    const times = [...firstEvents(2000, { eventsPerSecond: 300, disorderMs: 0, startTimeMs })]
    expect(times.map(eventTimeOf)).toEqual(
      times.map((_, n) => startTimeMs + Math.floor((n * 1000) / 300)),
    )
  })
})

describe('options', () => {
  test('when an option is unknown, then the error names those that are known', () => {
    const options = { sede: 1 } as NexmarkOptions
    expect(() => new NexmarkGenerator(options)).toThrow(/OPTION_UNKNOWN.*seed.*"sede"/)
  })

  test.each([
    { seed: -1 },
    { eventsPerSecond: 0 },
    { disorderMs: 0.5 },
    { firstEvent: EVENT_COUNT_MAX },
    { eventStep: 0 },
  ])('when %j is given, then the error names the range', (options) => {
    const name = Object.keys(options)[0] as string
    expect(() => new NexmarkGenerator(options)).toThrow(
      new RegExp(`OPTION_INVALID: expected a whole number from \\d+ to \\d+ as ${name}`),
    )
  })

  test('when the last event numbers are used up, then ids never pass 32 bits and it fails', () => {
    const generator = new NexmarkGenerator({ firstEvent: EVENT_COUNT_MAX - 50 })
    for (let i = 0; i < 50; i++) {
      const { auction, bid } = generator.next()
      expect(bid?.auction ?? auction?.id ?? 0).toBeLessThan(2 ** 31)
    }
    expect(() => {
      for (let i = 0; i < 200; i++) generator.next()
    }).toThrow(/OPTION_INVALID: expected event numbers below/)
  })
})

function bidAt(n: number): Bid | null {
  return events[n]?.bid ?? null
}

function share<T>(items: readonly T[], isCounted: (item: T) => boolean): number {
  return items.filter(isCounted).length / items.length
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b) / numbers.length
}

function textBytes(record: object): number {
  const texts = Object.values(record).filter((value) => typeof value === 'string')
  return texts.join('').length
}

function smallest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b))
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b))
}

/** The number in `channel-123` with its 32 bits reversed, without its sign; no digits for a hot channel. */
function reversedNumberOf(channel: string): string {
  const bits = Number(channel.replace('channel-', '')).toString(2).padStart(32, '0')
  return String(Math.abs(Number.parseInt([...bits].reverse().join(''), 2) | 0))
}
