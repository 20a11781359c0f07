import type { ListState } from '@millrace/core'
import type { OwnStrings } from '../snapshot/owned-strings.ts'
import { SnapshotEntry } from '../snapshot/snapshot-entry.ts'

/** A list of one operator subtask. */
export class OperatorListState<T> implements ListState<T> {
  #elements: T[]
  readonly #ownStrings: OwnStrings | undefined

  constructor(elements: readonly T[], ownStrings: OwnStrings | undefined) {
    this.#elements = [...elements]
    this.#ownStrings = ownStrings
  }

  get(): readonly T[] {
    return this.#elements
  }

  add(element: T): void {
    const own = this.#ownStrings
    this.#elements.push(own === undefined ? element : (own(element) as T))
  }

  addAll(elements: Iterable<T>): void {
    // Taken out first, since `elements` may be this very list.
    for (const element of [...elements]) this.add(element)
  }

  update(elements: Iterable<T>): void {
    const next = [...elements]
    this.#elements = []
    this.addAll(next)
  }

  clear(): void {
    this.#elements = []
  }

  /** The list as entries of a snapshot. */
  entriesOfSnapshot(): readonly SnapshotEntry[] {
    return this.#elements.map((element) => new SnapshotEntry(element, undefined))
  }
}
