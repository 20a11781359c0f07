// The Nexmark event generator: event number n is the same event for a seed wherever reading starts.
//
//   n:  0 | 1 2 3 | 4 ... 49 | 50 | 51 52 53 | 54 ... 99 | ...      an epoch is 50 events:
//       P | A A A | B ... B  | P  | A  A  A  | B ... B   |          1 person, 3 auctions, 46 bids
//
// Everything about an event is computed from (seed, n): ids and hot choices from n itself, chance from random
// states that start at a hash of both. So a reader can start at any event number, `parallelism` readers
// share the events by `n % parallelism` without generating what others read, and a restored reader goes
// on from its position. The strings of a hundred bids, or of some thirty people and auctions, are written together
// (see `text-block.ts`), but each from its own event's states, so where a block begins makes no difference.
//
// The model follows the generator of github.com/nexmark/nexmark, which follows Apache Beam's: proportions, first ids,
// hot ratios, ids that run a little ahead of their person or auction, prices, channels, average sizes kept by
// `extra`. It differs in this:
//
// - Event times are out of order: each is moved back by an even chance of 0 to `disorderMs`. There, all
//   events are in order unless they are shuffled within groups.
// - `extra` has the letters a to z evenly. There, negative remainders give other characters too.

import { MillraceError, show } from '@millrace/core'
import { BidTexts } from './bid-texts.ts'
import {
  AuctionRecord,
  BidRecord,
  type Event,
  EventKind,
  EventRecord,
  PersonRecord,
} from './model.ts'
import { below, fork, seedOf, step } from './random.ts'
import { TextBlock } from './text-block.ts'

/** What to generate, and which part of it. */
export interface NexmarkOptions {
  /** Chooses one of 2^32 streams of events. Default 1. */
  readonly seed?: number
  /** Events for each second of event time. Default 100 000. */
  readonly eventsPerSecond?: number
  /**
   * How far an event time may lie behind a later one's, in milliseconds: with a watermark delay of at least
   * this, no event is late. Default 1000.
   */
  readonly disorderMs?: number
  /** The event time of event 0 before disorder. Default 2015-07-15T00:00:00Z, the start of a 10 s window. */
  readonly startTimeMs?: number
  /** The number of the first event to make. Default 0. */
  readonly firstEvent?: number
  /** The distance to the next event to make: the number of readers that share the events. Default 1. */
  readonly eventStep?: number
}

/** Ids are 32-bit integers: no event number may reach this. */
export const EVENT_COUNT_MAX = 35_000_000_000

/**
 * Makes events, one at a time and without end.
 *
 * @example
 * ```ts
 * const generator = new NexmarkGenerator({ seed: 7, firstEvent: 4 })
 * const event = generator.next() // event 4, a bid
 * console.log(generator.nextEvent) // 5
 * ```
 */
export class NexmarkGenerator {
  readonly #seed: number
  readonly #eventsPerSecond: number
  readonly #disorderMs: number
  readonly #startTimeMs: number
  readonly #eventStep: number
  readonly #bidTexts = new BidTexts()
  /** The strings of people and auctions. */
  readonly #texts = new TextBlock()
  #nextEvent: number

  /** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` */
  constructor(options: NexmarkOptions = {}) {
    const checked = check(options)
    this.#seed = checked.seed
    this.#eventsPerSecond = checked.eventsPerSecond
    this.#disorderMs = checked.disorderMs
    this.#startTimeMs = checked.startTimeMs
    this.#eventStep = checked.eventStep
    this.#nextEvent = checked.firstEvent
  }

  /** The number of the event that {@link next} makes next: the `firstEvent` of a generator that goes on from here. */
  get nextEvent(): number {
    return this.#nextEvent
  }

  /**
   * The next event. There is always one; whoever needs a bounded input counts.
   *
   * @throws MillraceError `OPTION_INVALID`, within a block of strings after {@link EVENT_COUNT_MAX}.
   */
  next(): Event {
    const n = this.#nextEvent
    this.#nextEvent = n + this.#eventStep
    const epoch = (n / EVENTS_PER_EPOCH) | 0
    const offset = n - epoch * EVENTS_PER_EPOCH
    const state = seedOf(this.#seed, n)
    if (offset >= FIRST_BID) return this.#bid(n, epoch, state)
    return offset === 0 ? this.#person(n, epoch, state) : this.#auction(n, epoch, offset, state)
  }

  #bid(n: number, epoch: number, state: number): Event {
    const texts = this.#bidTexts
    if (texts.isEmpty) this.#writeBidTexts(n)
    const channel = channelOf(state)
    state = step(fork(state))
    const extraBytes = extraLength(AVERAGE_BID_BYTES - 4 * 8, state)
    state = step(state)
    const dateTime = this.#dateTime(n, state)

    // Auction and bidder are hot with a chance of 1 - 1/ratio. One random number decides this and which:
    // of `ratio` equal parts all but the first are hot, and the first is spread over the candidates.
    const lastAuction = epoch * AUCTIONS_PER_EPOCH + AUCTIONS_PER_EPOCH - 1
    const oldestAuction = Math.max(lastAuction - IN_FLIGHT_AUCTIONS, 0)
    const auctions = lastAuction - oldestAuction + 1 + ID_LEAD
    state = step(state)
    const auctionChoice = below(state, HOT_AUCTION_RATIO * auctions)
    const hotAuction = lastAuction - (lastAuction % HOT_GROUP)
    const auction = coldOrHot(auctionChoice, auctions, oldestAuction, hotAuction)

    const people = Math.min(epoch + 1, ACTIVE_PEOPLE)
    state = step(state)
    const bidderChoice = below(state, HOT_BIDDER_RATIO * (people + ID_LEAD))
    // The second of the group, so that hot bidders and hot sellers are different people.
    const hotBidder = epoch - (epoch % HOT_GROUP) + 1
    const bidder = coldOrHot(bidderChoice, people + ID_LEAD, epoch + 1 - people, hotBidder)

    state = step(state)
    const bid = new BidRecord(
      FIRST_AUCTION_ID + auction,
      FIRST_PERSON_ID + bidder,
      priceOf(state),
      CHANNELS[channel] as string,
      CHANNEL_URLS[channel] as string,
      dateTime,
      texts.extra(extraBytes),
    )
    texts.advance()
    return new EventRecord(EventKind.bid, null, null, bid)
  }

  #auction(n: number, epoch: number, offset: number, state: number): Event {
    if (this.#texts.isEmpty) this.#writeTexts(n)
    state = step(fork(state))
    const dateTime = this.#dateTime(n, state)

    const people = Math.min(epoch + 1, ACTIVE_PEOPLE)
    state = step(state)
    const sellerChoice = below(state, HOT_SELLER_RATIO * (people + ID_LEAD))
    const hotSeller = epoch - (epoch % HOT_GROUP)
    const seller = coldOrHot(sellerChoice, people + ID_LEAD, epoch + 1 - people, hotSeller)

    state = step(state)
    const category = FIRST_CATEGORY_ID + below(state, CATEGORIES)
    state = step(state)
    const initialBid = priceOf(state)
    state = step(state)
    const reserve = initialBid + priceOf(state)
    // Auctions last, on average, until as many others have been opened as shall be in flight.
    const horizonMs = this.#timeInOrder(n + EVENTS_IN_FLIGHT) - this.#timeInOrder(n)
    state = step(state)
    const lengthMs = 1 + belowAny(state, Math.max(2 * horizonMs, 1))

    const auction = new AuctionRecord(
      FIRST_AUCTION_ID + epoch * AUCTIONS_PER_EPOCH + offset - 1,
      this.#texts.take().trim(),
      this.#texts.take().trim(),
      initialBid,
      reserve,
      dateTime,
      dateTime + lengthMs,
      FIRST_PERSON_ID + seller,
      category,
      this.#texts.take(),
    )
    return new EventRecord(EventKind.auction, null, auction, null)
  }

  #person(n: number, epoch: number, state: number): Event {
    if (this.#texts.isEmpty) this.#writeTexts(n)
    const identity = identityOf(state)
    state = step(fork(state))
    const dateTime = this.#dateTime(n, state)
    let creditCard = ''
    for (let i = 0; i < 3; i++) {
      state = step(state)
      creditCard += FOUR_DIGITS_AND_SPACE[below(state, 10_000)] as string
    }
    state = step(state)
    creditCard += FOUR_DIGITS[below(state, 10_000)] as string
    const emailAddress = `${this.#texts.take().trim()}@${this.#texts.take().trim()}.com`
    const person = new PersonRecord(
      FIRST_PERSON_ID + epoch,
      `${identity.firstName} ${identity.lastName}`,
      emailAddress,
      creditCard,
      identity.city,
      identity.state,
      dateTime,
      this.#texts.take(),
    )
    return new EventRecord(EventKind.person, person, null, null)
  }

  #dateTime(n: number, state: number): number {
    return this.#timeInOrder(n) - belowAny(state, this.#disorderMs + 1)
  }

  #timeInOrder(n: number): number {
    return this.#startTimeMs + Math.floor((n * 1000) / this.#eventsPerSecond)
  }

  /** Writes the strings of the bids from event `n` on, as many as a block holds. */
  #writeBidTexts(n: number): void {
    checkEventNumber(n)
    const texts = this.#bidTexts
    texts.clear()
    for (; texts.hasRoom; n += this.#eventStep) {
      if (n % EVENTS_PER_EPOCH < FIRST_BID) continue
      texts.write(step(seedOf(this.#seed, n)))
    }
    texts.seal()
  }

  /** Writes the strings of the people and auctions from event `n` on, as many as a block holds. */
  #writeTexts(n: number): void {
    checkEventNumber(n)
    const texts = this.#texts
    texts.clear()
    for (; texts.hasRoom(EVENT_WORDS_MAX); n += this.#eventStep) {
      const offset = n % EVENTS_PER_EPOCH
      if (offset >= FIRST_BID) continue
      const state = seedOf(this.#seed, n)
      if (offset === 0) writePersonTexts(texts, state)
      else writeAuctionTexts(texts, state)
    }
    texts.seal()
  }
}

// In average sizes each number of a record counts 8 bytes, and channel and url of a bid count nothing: as in
// the original.

function writeAuctionTexts(texts: TextBlock, state: number): void {
  state = step(state)
  const nameLength = textLength(20, state)
  texts.writeWords(nameLength, step(state))
  state = fork(state)
  const descriptionLength = textLength(100, state)
  texts.writeWords(descriptionLength, step(state))
  state = fork(state)
  const otherBytes = 6 * 8 + nameLength + descriptionLength
  texts.writeLetters(extraLength(AVERAGE_AUCTION_BYTES - otherBytes, state), step(state))
}

function writePersonTexts(texts: TextBlock, state: number): void {
  const identity = identityOf(state)
  state = fork(step(state))
  const userLength = textLength(7, state)
  texts.writeWords(userLength, step(state))
  state = fork(state)
  const hostLength = textLength(5, state)
  texts.writeWords(hostLength, step(state))
  state = fork(state)
  const nameLength = identity.firstName.length + 1 + identity.lastName.length
  const emailLength = userLength + 1 + hostLength + 4
  const creditCardLength = 19
  const placeLength = identity.city.length + identity.state.length
  const otherBytes = 8 + nameLength + emailLength + creditCardLength + placeLength
  texts.writeLetters(extraLength(AVERAGE_PERSON_BYTES - otherBytes, state), step(state))
}

/** From 3 to `lengthMax` - 1. */
function textLength(lengthMax: number, state: number): number {
  return 3 + below(state, lengthMax - 3)
}

/** From 80 % to 120 % of `averageLength`. */
function extraLength(averageLength: number, state: number): number {
  const delta = Math.round(averageLength * 0.2)
  return averageLength - delta + below(state, 2 * delta)
}

/**
 * A price in cents: 100 * 10^(6 u) for an even u from 0 to 1, to a millionth. The upper ten bits of u choose a power
 * out of a table; the rest is so small that three terms of the exponential series do.
 */
function priceOf(state: number): number {
  const rest = (state & 0x3fffff) * ((6 * Math.LN10) / 2 ** 32)
  return ((PRICES[state >>> 22] as number) * (1 + rest * (1 + rest / 2)) + 0.5) | 0
}

/** An index of {@link CHANNELS}: with even chances one of the four hot ones or one of the others. */
function channelOf(state: number): number {
  const choice = below(state, 2 * COLD_CHANNELS)
  return coldOrHot(choice, COLD_CHANNELS, 0, COLD_CHANNELS + (choice & 3))
}

/** `first + choice` when `choice` is below `coldChoices`, otherwise `hot`: without a branch, as none could predict it. */
function coldOrHot(choice: number, coldChoices: number, first: number, hot: number): number {
  const allBitsIfCold = (choice - coldChoices) >> 31
  return hot + ((first + choice - hot) & allBitsIfCold)
}

function identityOf(state: number): {
  readonly firstName: string
  readonly lastName: string
  readonly city: string
  readonly state: string
} {
  const first = step(state)
  const last = step(first)
  const city = step(last)
  return {
    firstName: pick(FIRST_NAMES, first),
    lastName: pick(LAST_NAMES, last),
    city: pick(CITIES, city),
    state: pick(STATES, step(city)),
  }
}

function pick(texts: readonly string[], state: number): string {
  return texts[below(state, texts.length)] as string
}

/** A whole number from 0 to `bound` - 1, for bounds above 65536 too. */
function belowAny(state: number, bound: number): number {
  return Math.floor(((state >>> 0) * bound) / 2 ** 32)
}

const PERSONS_PER_EPOCH = 1
const AUCTIONS_PER_EPOCH = 3
const BIDS_PER_EPOCH = 46
const EVENTS_PER_EPOCH = PERSONS_PER_EPOCH + AUCTIONS_PER_EPOCH + BIDS_PER_EPOCH
const FIRST_BID = PERSONS_PER_EPOCH + AUCTIONS_PER_EPOCH

const FIRST_PERSON_ID = 1000
const FIRST_AUCTION_ID = 1000
const FIRST_CATEGORY_ID = 10
const CATEGORIES = 5

const HOT_AUCTION_RATIO = 2
const HOT_BIDDER_RATIO = 4
const HOT_SELLER_RATIO = 4
/** One of so many consecutive auctions or people is hot. */
const HOT_GROUP = 100
const ACTIVE_PEOPLE = 1000
const IN_FLIGHT_AUCTIONS = 100
const EVENTS_IN_FLIGHT = Math.floor((IN_FLIGHT_AUCTIONS * EVENTS_PER_EPOCH) / AUCTIONS_PER_EPOCH)
/** How far a chosen id may lie beyond the last one that was generated. */
const ID_LEAD = 10

const AVERAGE_PERSON_BYTES = 200
const AVERAGE_AUCTION_BYTES = 500
const AVERAGE_BID_BYTES = 100
/** More than the longest auction has: 20 + 100 characters and an `extra` of 534. */
const EVENT_WORDS_MAX = 96

const PRICES = Float64Array.from({ length: 1024 }, (_, i) => 100 * 10 ** ((6 * i) / 1024))

const COLD_CHANNELS = 10_000
const CHANNELS: readonly string[] = [
  ...Array.from({ length: COLD_CHANNELS }, (_, number) => `channel-${number}`),
  'Google',
  'Facebook',
  'Baidu',
  'Apple',
]

/** The url of each channel, always the same. Hot channels and a tenth of the others have no `channel_id`. */
const CHANNEL_URLS: readonly string[] = CHANNELS.map((_, channel) => {
  const state = seedOf(0, channel)
  const hasId = channel < COLD_CHANNELS && below(state, 10) > 0
  const id = hasId ? `&channel_id=${Math.abs(reverseBits(channel))}` : ''
  const url = `https://www.nexmark.com/${directoriesOf(state)}/item.htm?query=1${id}`
  // Copied, so that it is one flat string as a decoder would give, not a chain of parts.
  return Buffer.from(url, 'latin1').toString('latin1')
})

/** Three directories of three or four letters. */
function directoriesOf(state: number): string {
  const directories: string[] = []
  for (let directory = 0; directory < 3; directory++) {
    let letters = ''
    for (let left = 3 + below((state = step(state)), 2); left > 0; left--) {
      letters += String.fromCharCode(97 + below((state = step(state)), 26))
    }
    directories.push(letters)
  }
  return directories.join('/')
}

function reverseBits(bits: number): number {
  let reversed = 0
  for (let i = 0; i < 32; i++) reversed |= ((bits >>> i) & 1) << (31 - i)
  return reversed
}

const FOUR_DIGITS: readonly string[] = Array.from({ length: 10_000 }, (_, number) =>
  String(number).padStart(4, '0'),
)
const FOUR_DIGITS_AND_SPACE: readonly string[] = FOUR_DIGITS.map((digits) => `${digits} `)
const FIRST_NAMES = 'Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter'.split(',')
const LAST_NAMES = 'Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris'.split(',')
const CITIES =
  'Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne'.split(',')
const STATES = 'AZ,CA,ID,OR,WA,WY'.split(',')

const DEFAULTS: Required<NexmarkOptions> = {
  seed: 1,
  eventsPerSecond: 100_000,
  disorderMs: 1000,
  startTimeMs: Date.UTC(2015, 6, 15),
  firstEvent: 0,
  eventStep: 1,
}

/** The smallest and the largest value of each option. */
const BOUNDS: Readonly<Record<keyof NexmarkOptions, readonly [number, number]>> = {
  seed: [0, 2 ** 32 - 1],
  eventsPerSecond: [1, 1_000_000_000],
  disorderMs: [0, 86_400_000],
  startTimeMs: [-8.64e15, 8.64e15],
  firstEvent: [0, EVENT_COUNT_MAX - 1],
  eventStep: [1, 32_768],
}

function check(options: NexmarkOptions): Required<NexmarkOptions> {
  for (const [name, value] of Object.entries(options)) {
    const bounds = (BOUNDS as Readonly<Record<string, readonly [number, number]>>)[name]
    if (bounds === undefined) {
      throw new MillraceError('OPTION_UNKNOWN', {
        expected: `one of the options ${Object.keys(BOUNDS).join(', ')}`,
        came: show(name),
        todo: 'Remove the option or correct its name.',
      })
    }
    if (!Number.isSafeInteger(value) || value < bounds[0] || value > bounds[1]) {
      throw new MillraceError('OPTION_INVALID', {
        expected: `a whole number from ${bounds[0]} to ${bounds[1]} as ${name}`,
        came: show(value),
        todo: `Leave it out to get ${DEFAULTS[name as keyof NexmarkOptions]}.`,
      })
    }
  }
  return { ...DEFAULTS, ...options }
}

function checkEventNumber(eventNumber: number): void {
  if (eventNumber < EVENT_COUNT_MAX) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `event numbers below ${EVENT_COUNT_MAX}, so that ids are 32-bit integers`,
    came: show(eventNumber),
    todo: 'Generate fewer events.',
  })
}
