import type { ValueState } from '@millrace/core'
import type { StateCell } from './state-cell.ts'

/** A value state on the heap. As in Flink, `update(null)` is `clear()`. */
export class HeapValueState<T> implements ValueState<T | undefined> {
  readonly #table: StateCell<T>
  readonly #defaultValue: T | undefined

  constructor(table: StateCell<T>, defaultValue: T | undefined) {
    this.#table = table
    this.#defaultValue = defaultValue
  }

  value(): T | undefined {
    return this.#table.get() ?? this.#defaultValue
  }

  update(value: T | undefined): void {
    if (value === undefined || value === null) this.#table.remove()
    else if (typeof value !== 'object' || value !== this.#table.get()) this.#table.put(value)
  }

  clear(): void {
    this.#table.remove()
  }
}
