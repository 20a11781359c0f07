// The records of Nexmark: an auction site where people put things up for auction and bid for them.
//
// The generator makes instances of the classes that belong to these types, as the engine does: a literal would
// share its hidden class with every look-alike in the program.
//
// An event is a small envelope around one of the three records, because a stream has one record type that
// can be written to a channel, and because a filter on `kind` then reads one hidden class only.

import { type Infer, recordClass, Types } from '@millrace/core'

/** A person who can open auctions and bid. */
export const Person = Types.record({
  id: Types.int,
  name: Types.string,
  emailAddress: Types.string,
  creditCard: Types.string,
  city: Types.string,
  state: Types.string,
  dateTime: Types.long,
  extra: Types.string,
})
export type Person = Infer<typeof Person>

/** An auction. Prices are whole cents, times are milliseconds since 1970. */
export const Auction = Types.record({
  id: Types.int,
  itemName: Types.string,
  description: Types.string,
  initialBid: Types.int,
  reserve: Types.int,
  dateTime: Types.long,
  expires: Types.long,
  seller: Types.int,
  category: Types.int,
  extra: Types.string,
})
export type Auction = Infer<typeof Auction>

/** A bid of a person (`bidder`) for an auction. `price` is in whole cents. */
export const Bid = Types.record({
  auction: Types.int,
  bidder: Types.int,
  price: Types.int,
  channel: Types.string,
  url: Types.string,
  dateTime: Types.long,
  extra: Types.string,
})
export type Bid = Infer<typeof Bid>

/** Which of an event's three records is there. */
export const EventKind = { person: 0, auction: 1, bid: 2 } as const
export type EventKind = (typeof EventKind)[keyof typeof EventKind]

/** What the generator makes: exactly one of `person`, `auction` and `bid` is there, as `kind` says. */
export const Event = Types.record({
  kind: Types.int,
  person: Types.nullable(Person),
  auction: Types.nullable(Auction),
  bid: Types.nullable(Bid),
})
export type Event = Infer<typeof Event>

/** The event time of an event, in milliseconds since 1970. */
export function eventTimeOf(event: Event): number {
  const record = event.bid ?? event.auction ?? event.person
  return (record as Bid | Auction | Person).dateTime
}

/** The class of all people; like those below, it takes the fields in the order of the type. */
export const PersonRecord = recordClass(Person).Class as new (
  id: number,
  name: string,
  emailAddress: string,
  creditCard: string,
  city: string,
  state: string,
  dateTime: number,
  extra: string,
) => Person

/** The class of all auctions. */
export const AuctionRecord = recordClass(Auction).Class as new (
  id: number,
  itemName: string,
  description: string,
  initialBid: number,
  reserve: number,
  dateTime: number,
  expires: number,
  seller: number,
  category: number,
  extra: string,
) => Auction

/** The class of all bids. */
export const BidRecord = recordClass(Bid).Class as new (
  auction: number,
  bidder: number,
  price: number,
  channel: string,
  url: string,
  dateTime: number,
  extra: string,
) => Bid

/** The class of all events. */
export const EventRecord = recordClass(Event).Class as new (
  kind: EventKind,
  person: Person | null,
  auction: Auction | null,
  bid: Bid | null,
) => Event
