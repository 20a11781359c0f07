import {
  type Collector,
  type DataStream,
  type Infer,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  Types,
  type ValueState,
} from 'millrace'
import type { Event } from '../model.ts'
import { type WinningBid, winningBids } from './q9.ts'

/** The average price of a category so far. */
export const CategoryPrice = Types.record({ category: Types.int, averagePrice: Types.double })
export type CategoryPrice = Infer<typeof CategoryPrice>

/**
 * q4, average price for a category: what the auctions of each category were sold for, on average. A new average with each
 * auction that ends; the last one of a category is its answer.
 */
export function q4(events: DataStream<Event>): DataStream<CategoryPrice> {
  return winningBids(events)
    .keyBy(({ category }) => category, { type: Types.int })
    .process(() => new AveragePrice(), { type: CategoryPrice })
    .uid('average-prices')
}

const PriceSum = Types.record({ sum: Types.long, count: Types.long })
type PriceSum = Infer<typeof PriceSum>

class AveragePrice implements KeyedProcessFunction<number, WinningBid, CategoryPrice> {
  #prices!: ValueState<PriceSum | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#prices = context.getValueState({ name: 'prices', type: PriceSum })
  }

  processElement(
    { category, price }: WinningBid,
    _context: KeyedProcessContext<number>,
    out: Collector<CategoryPrice>,
  ): void {
    const prices = this.#prices.value() ?? { sum: 0, count: 0 }
    prices.sum += price
    prices.count++
    this.#prices.update(prices)
    out.collect({ category, averagePrice: prices.sum / prices.count })
  }
}
