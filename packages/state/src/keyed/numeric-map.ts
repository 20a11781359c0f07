// Numbers by numbers: open addressing with linear probing in typed arrays, so that a million entries are a few objects for
// the garbage collector, and no number is boxed.
//
//   place    0     1     2     3     4     5     6     7
//   used     .     x     x     x     .     .     x     .
//   key            17    9     25                4            9 and 25 belong to place 1: they lie after it, without a gap
//
// Removing moves later entries of a run back into the gap, so there are no marks of what was.

import { hashKey } from '@millrace/core'

/** A map from numbers to numbers. `-0` is the key `0`; `NaN` is no key. */
export class NumericMap {
  #keys: Float64Array
  #values: Float64Array
  #used: Uint8Array
  #mask: number
  #shift: number
  #size = 0

  constructor() {
    this.#keys = new Float64Array(CAPACITY_MIN)
    this.#values = new Float64Array(CAPACITY_MIN)
    this.#used = new Uint8Array(CAPACITY_MIN)
    this.#mask = CAPACITY_MIN - 1
    this.#shift = Math.clz32(CAPACITY_MIN) + 1
  }

  get size(): number {
    return this.#size
  }

  get(key: number): number | undefined {
    const keys = this.#keys
    const used = this.#used
    const mask = this.#mask
    for (let place = this.#placeOf(key); used[place] !== 0; place = (place + 1) & mask) {
      if (keys[place] === key) return this.#values[place]
    }
    return undefined
  }

  set(key: number, value: number): void {
    const keys = this.#keys
    const used = this.#used
    const mask = this.#mask
    let place = this.#placeOf(key)
    for (; used[place] !== 0; place = (place + 1) & mask) {
      if (keys[place] !== key) continue
      this.#values[place] = value
      return
    }
    used[place] = 1
    // Zero has one sign as a key.
    keys[place] = key + 0
    this.#values[place] = value
    this.#size++
    if (this.#size > (mask + 1) * LOAD_MAX) this.#resize((mask + 1) * 2)
  }

  delete(key: number): void {
    const used = this.#used
    const mask = this.#mask
    for (let place = this.#placeOf(key); used[place] !== 0; place = (place + 1) & mask) {
      if (this.#keys[place] !== key) continue
      this.#closeGap(place)
      this.#size--
      if (mask >= CAPACITY_MIN && this.#size < (mask + 1) * LOAD_MIN) this.#resize((mask + 1) / 2)
      return
    }
  }

  forEach(each: (key: number, value: number) => void): void {
    const used = this.#used
    for (let place = 0; place <= this.#mask; place++) {
      if (used[place] !== 0) each(this.#keys[place] as number, this.#values[place] as number)
    }
  }

  /** Where a key would lie if it were alone. The key groups are made of other bits, so keys of one group spread too. */
  #placeOf(key: number): number {
    const whole = key | 0
    return Math.imul(whole === key ? whole : hashKey(key), GOLDEN_RATIO) >>> this.#shift
  }

  #closeGap(start: number): void {
    const keys = this.#keys
    const used = this.#used
    const mask = this.#mask
    let gap = start
    for (let place = (gap + 1) & mask; used[place] !== 0; place = (place + 1) & mask) {
      const home = this.#placeOf(keys[place] as number)
      // It may move back unless its own place lies behind the gap.
      if (((place - home) & mask) < ((place - gap) & mask)) continue
      keys[gap] = keys[place] as number
      this.#values[gap] = this.#values[place] as number
      gap = place
    }
    used[gap] = 0
  }

  #resize(capacity: number): void {
    const keys = this.#keys
    const values = this.#values
    const used = this.#used
    this.#keys = new Float64Array(capacity)
    this.#values = new Float64Array(capacity)
    this.#used = new Uint8Array(capacity)
    this.#mask = capacity - 1
    this.#shift = Math.clz32(capacity) + 1
    for (let before = 0; before < used.length; before++) {
      if (used[before] === 0) continue
      const key = keys[before] as number
      let place = this.#placeOf(key)
      while (this.#used[place] !== 0) place = (place + 1) & this.#mask
      this.#used[place] = 1
      this.#keys[place] = key
      this.#values[place] = values[before] as number
    }
  }
}

const CAPACITY_MIN = 8
/** Above it, runs grow long; below the other one, memory is given back. Far apart, so that one key more or less copies nothing. */
const LOAD_MAX = 0.7
const LOAD_MIN = 0.15
/** 2^32 divided by the golden ratio: its multiples spread evenly. */
const GOLDEN_RATIO = 0x9e3779b1 | 0
