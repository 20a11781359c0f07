import type { DataStream } from 'millrace'
import { Auction, type Event, Person } from '../model.ts'

/** The auctions among the events. */
export function auctionsOf(events: DataStream<Event>): DataStream<Auction> {
  return events
    .flatMap<Auction>(
      ({ auction }, out) => {
        if (auction !== null) out.collect(auction)
      },
      { type: Auction },
    )
    .name('auctions')
}

/** The people among the events. */
export function peopleOf(events: DataStream<Event>): DataStream<Person> {
  return events
    .flatMap<Person>(
      ({ person }, out) => {
        if (person !== null) out.collect(person)
      },
      { type: Person },
    )
    .name('people')
}
