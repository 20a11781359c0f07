import {
  type Collector,
  type DataStream,
  type Infer,
  type KeyedCoProcessFunction,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type ListState,
  Types,
  type ValueState,
} from 'millrace'
import type { Auction, Event, Person } from '../model.ts'
import { auctionsOf, peopleOf } from './people-and-auctions.ts'

const CATEGORY = 10
const STATES: ReadonlySet<string> = new Set(['OR', 'ID', 'CA'])

/** Who sells what, and where. */
export const LocalItem = Types.record({
  name: Types.string,
  city: Types.string,
  state: Types.string,
  auction: Types.int,
})
export type LocalItem = Infer<typeof LocalItem>

/** q3, local item suggestion: who in Oregon, Idaho or California sells something of category 10. */
export function q3(events: DataStream<Event>): DataStream<LocalItem> {
  const auctions = auctionsOf(events).filter(({ category }) => category === CATEGORY)
  const people = peopleOf(events).filter(({ state }) => STATES.has(state))
  return auctions
    .keyBy(({ seller }) => seller, { type: Types.int })
    .connect(people.keyBy(({ id }) => id, { type: Types.int }))
    .process(() => new SellersItems(), { type: LocalItem })
    .uid('sellers-items')
}

const Seller = Types.record({ name: Types.string, city: Types.string, state: Types.string })
type Seller = Infer<typeof Seller>

/** Joins the auctions of a person with the person, whichever comes first. */
class SellersItems implements KeyedCoProcessFunction<number, Auction, Person, LocalItem> {
  #seller!: ValueState<Seller | undefined>
  #waitingAuctions!: ListState<number>

  open(context: KeyedRuntimeContext): void {
    this.#seller = context.getValueState({ name: 'seller', type: Seller })
    this.#waitingAuctions = context.getListState({ name: 'waiting-auctions', type: Types.int })
  }

  processElement1(
    { id }: Auction,
    _context: KeyedProcessContext<number>,
    out: Collector<LocalItem>,
  ): void {
    const seller = this.#seller.value()
    if (seller === undefined) this.#waitingAuctions.add(id)
    else out.collect(itemOf(seller, id))
  }

  processElement2(
    { name, city, state }: Person,
    _context: KeyedProcessContext<number>,
    out: Collector<LocalItem>,
  ): void {
    const seller = { name, city, state }
    this.#seller.update(seller)
    for (const auction of this.#waitingAuctions.get()) out.collect(itemOf(seller, auction))
    this.#waitingAuctions.clear()
  }
}

function itemOf({ name, city, state }: Seller, auction: number): LocalItem {
  return { name, city, state, auction }
}
