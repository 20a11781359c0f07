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

import type { Merging } from './merging.ts'

/** The accumulators of one slice. */
export type SliceTable<K, ACC> = Map<K, ACC>

interface SuffixMerge<ACC> {
  /** The merge of this key's accumulators from one slice of the front to the last. */
  readonly accumulator: ACC
  /** The same without the first of these slices. */
  readonly next: SuffixMerge<ACC> | undefined
}

/** Merges consecutive, overlapping windows. The slices stay as they are. */
export class SlidingFold<K, ACC> {
  readonly #merging: Merging<ACC>
  readonly #sliceMs: number
  #front = new Map<K, SuffixMerge<ACC>>()
  /** The slices of the front: their owner may drop them before they leave here. */
  #frontSlices: (SliceTable<K, ACC> | undefined)[] = []
  #frontStart = 0
  #frontEnd = 0
  #back: SliceTable<K, ACC> = new Map()
  #backEnd = 0
  #isStale = true

  constructor(merging: Merging<ACC>, sliceMs: number) {
    this.#merging = merging
    this.#sliceMs = sliceMs
  }

  /** A slice before `end` has changed: the next window is merged anew if it was merged already. */
  invalidateBefore(end: number): void {
    if (end <= this.#backEnd) this.#isStale = true
  }

  /** Moves to the window `[start, end)`; windows must be asked for in order. */
  moveTo(
    start: number,
    end: number,
    sliceAt: (start: number) => SliceTable<K, ACC> | undefined,
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
    for (const [key, { accumulator }] of this.#front) {
      const back = this.#back.get(key)
      each(key, back === undefined ? copy(accumulator) : merge(copy(accumulator), back))
    }
    for (const [key, accumulator] of this.#back) {
      if (!this.#front.has(key)) each(key, copy(accumulator))
    }
  }

  #flip(
    start: number,
    end: number,
    sliceAt: (start: number) => SliceTable<K, ACC> | undefined,
  ): void {
    const front = new Map<K, SuffixMerge<ACC>>()
    const slices: (SliceTable<K, ACC> | undefined)[] = []
    for (let at = end - this.#sliceMs; at >= start; at -= this.#sliceMs) {
      const slice = sliceAt(at)
      slices.unshift(slice)
      for (const [key, own] of slice ?? []) {
        const next = front.get(key)
        const accumulator =
          next === undefined ? own : this.#merging.merge(this.#merging.copy(own), next.accumulator)
        front.set(key, { accumulator, next })
      }
    }
    this.#front = front
    this.#frontSlices = slices
    this.#frontStart = start
    this.#frontEnd = end
    this.#back = new Map()
    this.#backEnd = end
    this.#isStale = false
  }

  #dropFirst(slice: SliceTable<K, ACC> | undefined): void {
    for (const key of slice?.keys() ?? []) {
      const next = this.#front.get(key)?.next
      if (next === undefined) this.#front.delete(key)
      else this.#front.set(key, next)
    }
  }

  #mergeIntoBack(slice: SliceTable<K, ACC> | undefined): void {
    for (const [key, own] of slice ?? []) {
      const sum = this.#back.get(key)
      if (sum === undefined) this.#back.set(key, this.#merging.copy(own))
      else {
        const merged = this.#merging.merge(sum, own)
        if (merged !== sum) this.#back.set(key, merged)
      }
    }
  }
}
