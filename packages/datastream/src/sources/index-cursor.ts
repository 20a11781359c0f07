// Splits of a numbered input: every `step`-th index from `next` up to `end`. The readers of a source take turns, so that
// they move through the input side by side; a reader of several splits merges them, smallest index first.
//
//   index   0 1 2 3 4 5 6 7          2 readers: one reads 0 2 4 6, the other 1 3 5 7

import { checkRestored, isCount, type PollResult, type SourceSplit } from '@millrace/core'

/** Where one split stands: the next index to read. `end` is the first index after it, `null` for no end. */
export interface IndexSplit extends SourceSplit {
  readonly next: number
  readonly step: number
  readonly end: number | null
}

/** The splits of an input of `count` values (`null`: without end) for so many readers. */
export function indexSplits(count: number | null, readers: number): readonly IndexSplit[] {
  return Array.from({ length: readers }, (_, next) => ({
    splitId: `${next} of ${readers}`,
    next,
    step: readers,
    end: count,
  }))
}

/** The splits of one reader: hands out their indices in order and remembers how far it came. */
export class IndexCursor {
  readonly #splits: Moving<IndexSplit>[] = []
  #isComplete = false

  addSplits(splits: readonly IndexSplit[]): void {
    for (const split of splits) {
      const { next, step, end } = split
      const isWhole = isCount(next) && isCount(step) && step > 0 && (end === null || isCount(end))
      checkRestored(isWhole, 'the next index, the step and the end of a split', split)
      this.#splits.push({ ...split })
    }
  }

  /** There will be no other splits. */
  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  /** The next index, or `undefined` at the end. */
  take(): number | undefined {
    let first: Moving<IndexSplit> | undefined
    for (const split of this.#splits) {
      if (split.end !== null && split.next >= split.end) continue
      if (first === undefined || split.next < first.next) first = split
    }
    if (first === undefined) return undefined
    const index = first.next
    first.next += first.step
    return index
  }

  /** What a reader answers that has just taken what it could. */
  get pollResult(): PollResult {
    if (!this.#splits.every(({ next, end }) => end !== null && next >= end)) return 'more'
    return this.#isComplete ? 'end' : 'nothing-now'
  }

  snapshot(): readonly IndexSplit[] {
    return this.#splits.map((split) => ({ ...split }))
  }
}

type Moving<Split> = { -readonly [Field in keyof Split]: Split[Field] }
