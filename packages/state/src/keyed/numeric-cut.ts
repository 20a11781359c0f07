// The entries of a NumericMap at one moment. Nothing is copied at the cut. Before an entry is overwritten that was not read yet, the
// page that it lies on is copied to the same place of a second array; reading takes a page from there if it is.
//
//   entries   | page 0 | page 1 | page 2 | page 3 |      the map writes here
//   before    |        | copy   |        |        |      made at the first write; what nobody touches is not even allocated
//                read ──────>
//
// A page is what the operating system hands out at once. Larger ones would make the first touch of each dearer, smaller ones would
// not make it cheaper: a burst of writes after the cut pays a microsecond or two a page, never a pause. A map that grows or shrinks
// moves to a new array and leaves the old one to the cut.

import type { EntriesCut } from './entries-cut.ts'

/** What a cut needs of its map. */
export interface CutNumericMap {
  /** Set while a cut holds the map: it is to be asked before an entry is overwritten. */
  holder: NumericCut | undefined
}

/** The entries of a numeric map, as they were. */
export class NumericCut implements EntriesCut<number, number> {
  readonly size: number
  readonly #map: CutNumericMap
  #entries: Float64Array
  /** Pages as they were before they were written to, and which of them are. */
  #before: Float64Array | undefined
  #isKept: Uint8Array = NONE_KEPT
  /** Where reading goes on, and where it ends. */
  #at = 0
  readonly #end: number

  /** `entries` are pairs of key and value, of which the first `size` count. */
  constructor(map: CutNumericMap, entries: Float64Array, size: number) {
    this.#map = map
    this.#entries = entries
    this.size = size
    this.#end = size * 2
  }

  hold(): void {
    if (this.#at < this.#end) this.#map.holder = this
  }

  /** The number at `at` is about to change. */
  keep(at: number): void {
    if (at >= this.#end || at < this.#at) return
    const page = at >> PAGE_SHIFT
    if (this.#isKept[page] === 1) return
    if (this.#before === undefined) {
      this.#before = new Float64Array(this.#end)
      this.#isKept = new Uint8Array((this.#end >> PAGE_SHIFT) + 1)
    }
    this.#isKept[page] = 1
    const start = page << PAGE_SHIFT
    this.#before.set(this.#entries.subarray(start, Math.min(start + PAGE, this.#end)), start)
  }

  read(countMax: number, each: (value: number, key: number) => void): number {
    const start = this.#at
    const end = Math.min(this.#end, start + countMax * 2)
    while (this.#at < end) {
      const page = this.#at >> PAGE_SHIFT
      const pageEnd = Math.min(end, (page + 1) << PAGE_SHIFT)
      const source = (this.#isKept[page] === 1 ? this.#before : this.#entries) as Float64Array
      for (let at = this.#at; at < pageEnd; at += 2) {
        each(source[at + 1] as number, source[at] as number)
      }
      this.#at = pageEnd
    }
    return (end - start) >> 1
  }

  release(): void {
    if (this.#map.holder === this) this.#map.holder = undefined
    this.#at = this.#end
    this.#entries = NO_ENTRIES
    this.#before = undefined
    this.#isKept = NONE_KEPT
  }
}

/** 512 numbers, 256 entries: 4 KiB. */
const PAGE_SHIFT = 9
const PAGE: number = 1 << PAGE_SHIFT

const NONE_KEPT: Uint8Array = new Uint8Array(0)
const NO_ENTRIES: Float64Array = new Float64Array(0)
