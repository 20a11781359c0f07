// Splits of a numbered input: every `step`-th index from `next` up to `end`. The readers of a source take turns, so that
// they move through the input side by side; a reader of several splits merges them, smallest index first.
//
//   index   0 1 2 3 4 5 6 7          2 readers: one reads 0 2 4 6, the other 1 3 5 7

import type { JsonValue } from '@millrace/core'

/** Where one split stands: the next index to read. `end` is the first index after it, `null` for no end. */
export interface IndexSplit {
  next: number
  readonly step: number
  readonly end: number | null
}

/** The splits of an input of `count` values (`null`: without end) for so many readers. */
export function indexSplits(count: number | null, readers: number): readonly JsonValue[] {
  return Array.from({ length: readers }, (_, next) => ({ next, step: readers, end: count }))
}

/** The splits of one reader: hands out their indices in order and remembers how far it came. */
export class IndexCursor {
  #splits: readonly IndexSplit[] = []

  open(splits: readonly JsonValue[]): void {
    this.#splits = (splits as unknown as readonly IndexSplit[]).map((split) => ({ ...split }))
  }

  /** The next index, or `undefined` at the end. */
  take(): number | undefined {
    let first: IndexSplit | undefined
    for (const split of this.#splits) {
      if (split.end !== null && split.next >= split.end) continue
      if (first === undefined || split.next < first.next) first = split
    }
    if (first === undefined) return undefined
    const index = first.next
    first.next += first.step
    return index
  }

  get isAtEnd(): boolean {
    return this.#splits.every(({ next, end }) => end !== null && next >= end)
  }

  snapshot(): readonly JsonValue[] {
    return this.#splits.map((split) => ({ ...split }))
  }
}
