// Numbers by numbers in typed arrays, so that a million entries are two objects for the garbage collector, and no number is boxed.
//
//   entries  17,v  9,v  4,v  25,v                     in the order in which they came, as in a Map
//
//   place    0     1     2     3     4     5     6     7
//   points   .     17    9     25    .     .     4     .     9 and 25 belong to place 1: they lie after it, without a gap
//
// Open addressing with linear probing. Removing moves later places of a run back into the gap, so there are no marks of what was, and
// the last entry to where the removed one was.
//
// Entries are not kept in the order of their places: whoever copies one map into another would fill the other's first places alone for as
// long as it is small, and wait for the square of their number.

import { hashKey } from '@millrace/core'
import { NumericCut } from './numeric-cut.ts'

/** A map from numbers to numbers. `-0` is the key `0`; `NaN` is no key. */
export class NumericMap {
  /** Where the value of an entry lies in the entries; 0 in an empty place. */
  #places: Int32Array
  /** Key, value, key, value … */
  #entries: Float64Array
  #mask: number
  #shift: number
  #size = 0
  /** Set while a cut holds the map; see numeric-cut.ts. */
  holder: NumericCut | undefined

  /** Has room for `sizeHint` entries before it grows. */
  constructor(sizeHint: number = 0) {
    const capacity = capacityFor(sizeHint)
    this.#places = new Int32Array(capacity)
    this.#entries = new Float64Array(capacity * LOAD_MAX * 2)
    this.#mask = capacity - 1
    this.#shift = Math.clz32(capacity) + 1
  }

  get size(): number {
    return this.#size
  }

  get(key: number): number | undefined {
    const places = this.#places
    const entries = this.#entries
    const mask = this.#mask
    let place = this.#placeOf(key)
    for (let at = places[place] as number; at !== 0; at = places[place] as number) {
      if (entries[at - 1] === key) return entries[at]
      place = (place + 1) & mask
    }
    return undefined
  }

  set(key: number, value: number): void {
    const places = this.#places
    const entries = this.#entries
    const mask = this.#mask
    let place = this.#placeOf(key)
    for (let at = places[place] as number; at !== 0; at = places[place] as number) {
      if (entries[at - 1] === key) {
        if (this.holder !== undefined) this.holder.keep(at)
        entries[at] = value
        return
      }
      place = (place + 1) & mask
    }
    this.#insert(place, key, value)
  }

  delete(key: number): void {
    const mask = this.#mask
    let place = this.#placeOf(key)
    for (let at = this.#places[place] as number; at !== 0; at = this.#places[place] as number) {
      if (this.#entries[at - 1] === key) {
        this.#closeGap(place)
        this.#moveLastTo(at)
        this.#size--
        if (mask >= CAPACITY_MIN && this.#size < (mask + 1) * LOAD_MIN) this.#resize((mask + 1) / 2)
        return
      }
      place = (place + 1) & mask
    }
  }

  /** Calls `each` for all entries, in the order in which they came unless some were deleted; as with a Map, the value comes first. */
  forEach(each: (value: number, key: number) => void): void {
    const entries = this.#entries
    for (let at = 1, end = this.#size * 2; at < end; at += 2) {
      each(entries[at] as number, entries[at - 1] as number)
    }
  }

  /** The entries at this moment. */
  cut(): NumericCut {
    return new NumericCut(this, this.#entries, this.#size)
  }

  /** Where a key would lie if it were alone. The key groups are made of other bits, so keys of one group spread too. */
  #placeOf(key: number): number {
    const whole = key | 0
    return Math.imul(whole === key ? whole : hashKey(key), GOLDEN_RATIO) >>> this.#shift
  }

  #insert(place: number, key: number, value: number): void {
    const at = this.#size * 2 + 1
    // Others may have lain there before they were removed.
    if (this.holder !== undefined) this.holder.keep(at)
    this.#places[place] = at
    // Zero has one sign as a key.
    this.#entries[at - 1] = key + 0
    this.#entries[at] = value
    this.#size++
    // The entries are full as soon as the places are as full as they may be.
    if (at === this.#entries.length - 1) this.#resize((this.#mask + 1) * 2)
  }

  #closeGap(start: number): void {
    const places = this.#places
    const mask = this.#mask
    let gap = start
    let place = (gap + 1) & mask
    for (let at = places[place] as number; at !== 0; at = places[place] as number) {
      const home = this.#placeOf(this.#entries[at - 1] as number)
      // It may move back unless its own place lies behind the gap.
      if (((place - home) & mask) >= ((place - gap) & mask)) {
        places[gap] = at
        gap = place
      }
      place = (place + 1) & mask
    }
    places[gap] = 0
  }

  #moveLastTo(at: number): void {
    const entries = this.#entries
    const last = this.#size * 2 - 1
    if (at === last) return
    const key = entries[last - 1] as number
    let place = this.#placeOf(key)
    while (this.#places[place] !== last) place = (place + 1) & this.#mask
    this.#places[place] = at
    if (this.holder !== undefined) this.holder.keep(at)
    entries[at - 1] = key
    entries[at] = entries[last] as number
  }

  #resize(capacity: number): void {
    // The old entries do not change any more: a cut reads them there.
    this.holder = undefined
    const entries = new Float64Array(capacity * LOAD_MAX * 2)
    const end = this.#size * 2
    entries.set(this.#entries.subarray(0, end))
    const places = new Int32Array(capacity)
    const mask = capacity - 1
    this.#places = places
    this.#entries = entries
    this.#mask = mask
    this.#shift = Math.clz32(capacity) + 1
    for (let at = 1; at < end; at += 2) {
      let place = this.#placeOf(entries[at - 1] as number)
      while (places[place] !== 0) place = (place + 1) & mask
      places[place] = at
    }
  }
}

/** The smallest power of two whose places have room for so many. */
function capacityFor(size: number): number {
  let capacity = CAPACITY_MIN
  while (capacity * LOAD_MAX <= size) capacity *= 2
  return capacity
}

const CAPACITY_MIN = 8
/** Above it, runs grow long; below the other one, memory is given back. Far apart, so that one key more or less copies nothing. */
const LOAD_MAX = 0.5
const LOAD_MIN = 0.1
/** 2^32 divided by the golden ratio: its multiples spread evenly. */
const GOLDEN_RATIO = 0x9e3779b1 | 0
