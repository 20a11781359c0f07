import type { AggregateFunction, AggregatingState } from '@millrace/core'
import type { StateCell } from './state-cell.ts'

/** An aggregating state on the heap. An accumulator that is changed in place costs no store. */
export class HeapAggregatingState<IN, ACC, OUT> implements AggregatingState<IN, OUT> {
  readonly #table: StateCell<ACC>
  readonly #aggregate: AggregateFunction<IN, ACC, OUT>

  constructor(table: StateCell<ACC>, aggregate: AggregateFunction<IN, ACC, OUT>) {
    this.#table = table
    this.#aggregate = aggregate
  }

  get(): OUT | undefined {
    const accumulator = this.#table.get()
    return accumulator === undefined ? undefined : this.#aggregate.getResult(accumulator)
  }

  add(value: IN): void {
    const before = this.#table.get()
    const after = this.#aggregate.add(before ?? this.#aggregate.createAccumulator(), value)
    if (typeof after !== 'object' || after !== before) this.#table.put(after)
  }

  clear(): void {
    this.#table.remove()
  }
}
