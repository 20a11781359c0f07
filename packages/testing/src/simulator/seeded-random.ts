// Chance that follows from a seed: the generator sfc32 (Chris Doty-Humphrey's small fast counter).
//
// A simulation has many consumers of chance. Each takes its own stream by `fork(label)`. A fork
// depends on the seed and the labels on the way to it, never on how many numbers were drawn before,
// so a new consumer does not shift the numbers of the others and a seed found last month still
// shows its failure.

import type { Random } from '@millrace/core'
import { Digest } from './trace/digest.ts'

/** A range of numbers, both ends included. */
export interface Range {
  readonly min: number
  readonly max: number
}

/**
 * A stream of chance under a seed.
 *
 * @example
 * ```ts
 * import { SeededRandom } from '@millrace/testing'
 *
 * const first = new SeededRandom(7).fork('disk')
 * const again = new SeededRandom(7).fork('disk')
 * console.log(first.next() === again.next()) // true
 * ```
 */
export class SeededRandom implements Random {
  readonly #seed: string
  #a: number
  #b: number
  #c = 0x9e3779b9
  #counter = 1

  constructor(seed: number | string) {
    this.#seed = String(seed)
    const digest = new Digest()
    digest.mixText(this.#seed)
    this.#a = digest.left
    this.#b = digest.right
    // Similar seeds give similar first numbers; after this many rounds no bit of the state is
    // related.
    for (let round = 0; round < 16; round++) this.uint32()
  }

  /**
   * The stream of a consumer. The same label gives the same stream each time, from its beginning.
   */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.#seed}/${label}`)
  }

  /** A whole number of 32 bits, not negative. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  next(): number {
    return this.uint32() / 0x1_0000_0000
  }

  id(): string {
    let text = ''
    for (let word = 0; word < 4; word++) text += this.uint32().toString(16).padStart(8, '0')
    return text
  }

  /** `true` with the probability `chance`; 0 is never, 1 is always. */
  chance(chance: number): boolean {
    return this.next() < chance
  }

  /** A number in the range, each equally likely. */
  between(range: Range): number {
    return range.min + (range.max - range.min) * this.next()
  }

  /** A whole number in the range, each equally likely. */
  integer(range: Range): number {
    return range.min + Math.floor((range.max - range.min + 1) * this.next())
  }

  /** A number in the range, mostly near its start and now and then far from it, as delays are. */
  skewed(range: Range): number {
    const part = this.next()
    return range.min + (range.max - range.min) * part * part * part
  }
}
