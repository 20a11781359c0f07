import type { ListState } from '@millrace/core'
import type { OwnStrings } from '../snapshot/owned-strings.ts'
import type { StateCell } from './state-cell.ts'

/** A list state on the heap: an array a key, gone when it is empty. */
export class HeapListState<T> implements ListState<T> {
  readonly #table: StateCell<T[]>
  readonly #ownStrings: OwnStrings | undefined

  /** `ownStrings` is that of the elements. */
  constructor(table: StateCell<T[]>, ownStrings: OwnStrings | undefined) {
    this.#table = table
    this.#ownStrings = ownStrings
  }

  get(): readonly T[] {
    return this.#table.get() ?? EMPTY
  }

  add(element: T): void {
    const list = this.#table.get()
    if (list === undefined) this.#table.put([element])
    else list.push(this.#owned(element))
  }

  addAll(elements: Iterable<T>): void {
    // Taken out first, since `elements` may be this very list.
    const added = Array.from(elements)
    for (const element of added) this.add(element)
  }

  update(elements: Iterable<T>): void {
    const list = [...elements]
    if (list.length === 0) this.#table.remove()
    else this.#table.put(list)
  }

  clear(): void {
    this.#table.remove()
  }

  #owned(element: T): T {
    const own = this.#ownStrings
    return own === undefined ? element : (own(element) as T)
  }
}

const EMPTY: readonly never[] = Object.freeze([])
