import type { ReduceFunction, ReducingState } from '@millrace/core'
import type { StateCell } from './state-cell.ts'

/** A reducing state on the heap. A reduce function that changes and returns its left argument costs no store. */
export class HeapReducingState<T> implements ReducingState<T> {
  readonly #table: StateCell<T>
  readonly #reduce: ReduceFunction<T>

  constructor(table: StateCell<T>, reduce: ReduceFunction<T>) {
    this.#table = table
    this.#reduce = reduce
  }

  get(): T | undefined {
    return this.#table.get()
  }

  add(value: T): void {
    const before = this.#table.get()
    const after = before === undefined ? value : this.#reduce(before, value)
    if (typeof after !== 'object' || after !== before) this.#table.put(after)
  }

  clear(): void {
    this.#table.remove()
  }
}
