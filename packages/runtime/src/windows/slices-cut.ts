import type { AddEntry, EntriesCut } from '@millrace/state'
import type { OperatorEntriesCut } from '../snapshots/hashed-table-cut.ts'
import type { SliceTable } from './slice-table.ts'

/** All slices of an operator at one moment. A slice that is dropped meanwhile is read nevertheless. */
export class SlicesCut<K, ACC> implements OperatorEntriesCut {
  readonly size: number
  readonly #slices: readonly { readonly start: number; readonly entries: EntriesCut<K, ACC> }[]
  #next = 0

  constructor(slices: ReadonlyMap<number, SliceTable<K, ACC>>) {
    this.#slices = Array.from(slices, ([start, slice]) => ({ start, entries: slice.cut() }))
    this.size = this.#slices.reduce((sum, { entries }) => sum + entries.size, 0)
  }

  hold(): void {
    for (const { entries } of this.#slices) entries.hold()
  }

  read(countMax: number, add: AddEntry): number {
    for (; this.#next < this.#slices.length; this.#next++) {
      const slice = this.#slices[this.#next]
      if (slice === undefined) break
      const { start, entries } = slice
      const count = entries.read(countMax, (accumulator, key) => add(key, start, accumulator))
      if (count > 0) return count
      entries.release()
    }
    return 0
  }

  release(): void {
    for (const { entries } of this.#slices) entries.release()
  }
}
