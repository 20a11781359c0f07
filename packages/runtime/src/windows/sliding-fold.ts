// The content of sliding windows, merged from slices at a cost that does not grow with size / slide.
//
// Two stacks of slices, as in the two-stacks algorithm for sliding aggregation (see Tangwongsan, Hirzel and
// Schneider, "General incremental sliding-window aggregation", VLDB 2015), kept for each key on its own:
//
//   front: slices [windowStart .. flip)      back: slices [flip .. windowEnd)
//   for each key a list of suffix merges     for each key the merge of all
//
//   slice leaves the window: each of its keys drops its first suffix merge        O(keys of the slice)
//   slice enters the window: it is merged into the back                           O(keys of the slice)
//   front is empty: the slices of the window become the new front, from last      O(entries of the window),
//                   to first                                                       once in size / slide steps
//   content of a key: front's first suffix merge + back                           O(1)
//
// A suffix merge exists only for slices in which the key occurs, so sparse keys cost no more than their entries.
// All suffix merges of a front lie in two arrays, and a list goes from index to index: no object for each of them.

import type { Merging } from './merging.ts'
import type { ValueTable } from './slice-table.ts'

/** Makes an empty table for the keys of one operator; `sizeHint` is how many it may come to have. */
type NewTable<K> = <V>(sizeHint: number) => ValueTable<K, V>

/** Merges consecutive, overlapping windows. The slices stay as they are. */
export class SlidingFold<K, ACC> {
  readonly #merging: Merging<ACC>
  readonly #sliceMs: number
  readonly #newTable: NewTable<K>
  /** For each key of the front, the index of its first suffix merge. */
  #front: ValueTable<K, number>
  /** The merges of a key's accumulators from one slice of the front to the last. */
  #suffixes: ACC[] = []
  /** For each suffix merge, the index of the same without the first of its slices. */
  #nexts: number[] = []
  /** The slices of the front: their owner may drop them before they leave here. */
  #frontSlices: (ValueTable<K, ACC> | undefined)[] = []
  #frontStart = 0
  #frontEnd = 0
  #back: ValueTable<K, ACC>
  #backEnd = 0
  #isStale = true

  constructor(merging: Merging<ACC>, sliceMs: number, newTable: NewTable<K>) {
    this.#merging = merging
    this.#sliceMs = sliceMs
    this.#newTable = newTable
    this.#front = newTable(0)
    this.#back = newTable(0)
  }

  /** A slice before `end` has changed: the next window is merged anew if it was merged already. */
  invalidateBefore(end: number): void {
    if (end <= this.#backEnd) this.#isStale = true
  }

  /** Moves to the window `[start, end)`; windows must be asked for in order. */
  moveTo(
    start: number,
    end: number,
    sliceAt: (start: number) => ValueTable<K, ACC> | undefined,
  ): void {
    if (this.#isStale || start >= this.#frontEnd || start < this.#frontStart) {
      this.#flip(start, end, sliceAt)
      return
    }
    for (; this.#frontStart < start; this.#frontStart += this.#sliceMs) {
      this.#dropFirst(this.#frontSlices.shift())
    }
    for (; this.#backEnd < end; this.#backEnd += this.#sliceMs) {
      this.#mergeIntoBack(sliceAt(this.#backEnd))
    }
  }

  /** Calls `each` for every key of the window. The accumulator is a copy: it may be kept. */
  forEach(each: (key: K, accumulator: ACC) => void): void {
    const { copy, merge } = this.#merging
    this.#front.forEach((index, key) => {
      const front = this.#suffixes[index] as ACC
      const back = this.#back.get(key)
      each(key, back === undefined ? copy(front) : merge(copy(front), back))
    })
    this.#back.forEach((accumulator, key) => {
      if (this.#front.get(key) === undefined) each(key, copy(accumulator))
    })
  }

  #flip(
    start: number,
    end: number,
    sliceAt: (start: number) => ValueTable<K, ACC> | undefined,
  ): void {
    const slices: (ValueTable<K, ACC> | undefined)[] = []
    for (let at = start; at < end; at += this.#sliceMs) slices.push(sliceAt(at))
    this.#frontSlices = slices
    this.#front = this.#newTable(slices.at(-1)?.size ?? 0)
    this.#suffixes = []
    this.#nexts = []
    for (let index = slices.length - 1; index >= 0; index--) this.#pushFirst(slices[index])
    this.#frontStart = start
    this.#frontEnd = end
    this.#back = this.#newTable(0)
    this.#backEnd = end
    this.#isStale = false
  }

  #pushFirst(slice: ValueTable<K, ACC> | undefined): void {
    const { copy, merge } = this.#merging
    slice?.forEach((own, key) => {
      const next = this.#front.get(key)
      this.#front.set(key, this.#suffixes.length)
      this.#nexts.push(next ?? NONE)
      this.#suffixes.push(next === undefined ? own : merge(copy(own), this.#suffixes[next] as ACC))
    })
  }

  #dropFirst(slice: ValueTable<K, ACC> | undefined): void {
    slice?.forEach((_own, key) => {
      const index = this.#front.get(key)
      const next = index === undefined ? NONE : (this.#nexts[index] as number)
      if (next === NONE) this.#front.delete(key)
      else this.#front.set(key, next)
    })
  }

  #mergeIntoBack(slice: ValueTable<K, ACC> | undefined): void {
    const { copy, merge } = this.#merging
    slice?.forEach((own, key) => {
      const sum = this.#back.get(key)
      if (sum === undefined) this.#back.set(key, copy(own))
      else {
        const merged = merge(sum, own)
        if (merged !== sum) this.#back.set(key, merged)
      }
    })
  }
}

/** No index. */
const NONE = -1
