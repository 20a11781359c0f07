// Where windows and slices lie. A slice is the longest piece of time that every window contains whole or not at all,
// so a record goes into one slice, however many windows overlap there.
//
//   size 6, slide 2:      windows   [0      6)
//                                      [2      8)
//                                         [4     10)
//                         slices    |  |  |  |  |      each 2 long: gcd(size, slide)

import type { SlidingWindowAssigner } from '@millrace/core'

/** The geometry of the windows of one assigner. All times are milliseconds. */
export class WindowSlices {
  readonly sizeMs: number
  readonly slideMs: number
  readonly sliceMs: number
  readonly #offsetMs: number

  constructor(assigner: SlidingWindowAssigner) {
    this.sizeMs = assigner.sizeMs
    this.slideMs = assigner.slideMs
    this.sliceMs = greatestCommonDivisor(assigner.sizeMs, assigner.slideMs)
    this.#offsetMs = assigner.offsetMs
  }

  /** Whether windows overlap, so that one is made of several slices or slices belong to several. */
  get isTumbling(): boolean {
    return this.sizeMs === this.slideMs
  }

  /** The start of the slice that holds `timestamp`. */
  sliceStart(timestamp: number): number {
    return Math.floor((timestamp - this.#offsetMs) / this.sliceMs) * this.sliceMs + this.#offsetMs
  }

  /** The end of the first window that contains the slice. */
  firstWindowEnd(sliceStart: number): number {
    // The smallest start s, a multiple of the slide, with s + size >= sliceStart + slice.
    const earliest = sliceStart + this.sliceMs - this.sizeMs - this.#offsetMs
    return Math.ceil(earliest / this.slideMs) * this.slideMs + this.#offsetMs + this.sizeMs
  }

  /** The end of the last window that contains the slice. */
  lastWindowEnd(sliceStart: number): number {
    const start = Math.floor((sliceStart - this.#offsetMs) / this.slideMs) * this.slideMs
    return start + this.#offsetMs + this.sizeMs
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let x = a
  let y = b
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
