import {
  type AggregateFunction,
  type Collector,
  type DataStream,
  type Infer,
  TumblingEventTimeWindows,
  Types,
} from 'millrace'
import type { Event } from '../model.ts'

/** Who came and sold something in the same window. */
export const NewSeller = Types.record({
  id: Types.int,
  name: Types.string,
  windowStart: Types.long,
})
export type NewSeller = Infer<typeof NewSeller>

/** Somebody who came (with a name), or who opened an auction (`null`). */
const Activity = Types.record({ person: Types.int, name: Types.nullable(Types.string) })
type Activity = Infer<typeof Activity>

/** q8, monitor new users: who opened an auction within the same 10 s in which they registered. */
export function q8(events: DataStream<Event>): DataStream<NewSeller> {
  return events
    .flatMap<Activity>(
      ({ person, auction }, out) => {
        if (person !== null) out.collect({ person: person.id, name: person.name })
        else if (auction !== null) out.collect({ person: auction.seller, name: null })
      },
      { type: Activity },
    )
    .name('activity')
    .keyBy(({ person }) => person, { type: Types.int })
    .window(TumblingEventTimeWindows.of('10 s'))
    .aggregate(
      nameOfNewSeller,
      ({ key, window }, name: string | null, out: Collector<NewSeller>) => {
        if (name !== null) out.collect({ id: key, name, windowStart: window.start })
      },
    )
    .returns(NewSeller)
    .uid('new-sellers')
}

const Seen = Types.record({ name: Types.nullable(Types.string), hasSold: Types.boolean })
type Seen = Infer<typeof Seen>

/** The name of a person who both came and sold; else `null`. */
const nameOfNewSeller: AggregateFunction<Activity, Seen, string | null> = {
  accumulatorType: Seen,
  createAccumulator: () => ({ name: null, hasSold: false }),
  add(seen, { name }) {
    if (name === null) seen.hasSold = true
    else seen.name = name
    return seen
  },
  merge(left, right) {
    left.name ??= right.name
    left.hasSold ||= right.hasSold
    return left
  },
  getResult: ({ name, hasSold }) => (hasSold ? name : null),
}
