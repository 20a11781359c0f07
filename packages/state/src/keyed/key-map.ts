// A Map that can be cut: read as it was at one moment, bit by bit, while it goes on.
//
// A Map is read in the order in which its keys came, and an iterator goes on where it was however the Map changes behind it. So the
// entries of a cut are the first ones, as many as there were, as long as none of them goes: while a cut holds the map, a key that is
// removed stays as a key without a value. What a key had is kept aside before it changes, key by key: the first touch of a key costs a
// copy of what that key has, whatever the size of the map.
//
//   k1 ─ a     k2 ─ (none)     k3 ─ c′     k4 ─ d  |  k5 ─ e          kept:  k2 ─ b    k3 ─ c
//   the cut: a b c d                               |  came later

import { assert } from '@millrace/core'
import type { EntriesCut } from './entries-cut.ts'

/**
 * Copies a value that may be changed in place. What it throws goes to whoever touches the value: it cannot be written into a snapshot
 * either.
 */
export type CopyValue<V> = (value: V) => V

/** Values by key, in the order in which the keys came. No value is `undefined`. */
export class KeyMap<K, V> {
  readonly #values = new Map<K, V | undefined>()
  /** How values are copied before they are given out; undefined if they cannot be changed in place. */
  readonly #copy: CopyValue<V> | undefined
  #cut: MapCut<K, V> | undefined
  /** Keys that are there without a value, for the cut. */
  #removedCount = 0

  constructor(copy?: CopyValue<V>) {
    this.#copy = copy
  }

  get size(): number {
    return this.#values.size - this.#removedCount
  }

  /** What a key has. The caller may change it in place, until its call is over. */
  get(key: K): V | undefined {
    const value = this.#values.get(key)
    if (this.#cut !== undefined && value !== undefined) this.#cut.keepCopy(key, value)
    return value
  }

  /** What a key has, to be looked at. */
  peek(key: K): V | undefined {
    return this.#values.get(key)
  }

  /** Whether a cut holds the map. */
  get isHeld(): boolean {
    return this.#cut !== undefined
  }

  /** A value of the map that is to stay with somebody else: a copy while a cut holds the map, which has to read what it was. */
  handOut(value: V): V {
    return this.#cut === undefined || this.#copy === undefined ? value : this.#copy(value)
  }

  /** Whether the map has a copy of this key already. */
  hasKey(key: K): boolean {
    return this.#values.has(key)
  }

  set(key: K, value: V): void {
    if (this.#cut !== undefined) {
      const before = this.#values.get(key)
      this.#cut.keep(key, before)
      if (before === undefined && this.#values.has(key)) this.#removedCount--
    }
    this.#values.set(key, value)
  }

  delete(key: K): boolean {
    if (this.#cut === undefined) return this.#values.delete(key)
    const before = this.#values.get(key)
    if (before === undefined) return false
    this.#cut.keepRemoved(key, before)
    this.#values.set(key, undefined)
    this.#removedCount++
    return true
  }

  /** Calls `each` for all entries, as a Map does: the value comes first. It must not change values while a cut holds the map. */
  forEach(each: (value: V, key: K) => void): void {
    for (const [key, value] of this.#values) if (value !== undefined) each(value, key)
  }

  *keys(): Iterable<K> {
    for (const [key, value] of this.#values) if (value !== undefined) yield key
  }

  /** Goes on wherever the map changes; to be looked at only. A key may come without a value. */
  entries(): Iterator<readonly [K, V | undefined]> {
    return this.#values.entries()
  }

  /** The entries at this moment. */
  cut(): MapCut<K, V> {
    assert(this.#cut === undefined, 'one cut of a map is read before the next one is made')
    return new MapCut({
      values: this.#values,
      copy: this.#copy,
      setHolder: (cut) => {
        this.#cut = cut
        if (cut === undefined) this.#removedCount = 0
      },
    })
  }
}

interface CutMap<K, V> {
  readonly values: Map<K, V | undefined>
  readonly copy: CopyValue<V> | undefined
  readonly setHolder: (cut: MapCut<K, V> | undefined) => void
}

/** The entries of a map, as they were. */
export class MapCut<K, V> implements EntriesCut<K, V> {
  readonly size: number
  readonly #map: CutMap<K, V>
  #iterator: Iterator<[K, V | undefined]> | undefined
  #left: number
  /** What keys had that have changed since; nothing for a key that came later. */
  readonly #kept = new Map<K, V | undefined>()
  readonly #removed: K[] = []
  #isHolding = false

  constructor(map: CutMap<K, V>) {
    this.#map = map
    this.size = map.values.size
    this.#left = this.size
  }

  hold(): void {
    if (this.#left === 0) return
    this.#isHolding = true
    this.#map.setHolder(this)
  }

  /** The value is about to be given out, and may be changed in place. */
  keepCopy(key: K, value: V): void {
    const { copy } = this.#map
    if (copy === undefined || typeof value !== 'object' || value === null) return
    if (this.#kept.has(key)) return
    this.#kept.set(key, copy(value))
  }

  /** The key is about to get another value. */
  keep(key: K, before: V | undefined): void {
    if (!this.#kept.has(key)) this.#kept.set(key, before)
  }

  keepRemoved(key: K, before: V): void {
    this.keep(key, before)
    this.#removed.push(key)
  }

  read(countMax: number, each: (value: V, key: K) => void): number {
    const iterator = (this.#iterator ??= this.#map.values.entries())
    const count = Math.min(countMax, this.#left)
    const kept = this.#kept
    for (let read = 0; read < count; read++) {
      const [key, now] = iterator.next().value as [K, V | undefined]
      const before = kept.size === 0 ? undefined : kept.get(key)
      const value = before === undefined ? now : before
      assert(value !== undefined, 'a key of a cut has the value that it had')
      each(value, key)
    }
    this.#left -= count
    return count
  }

  release(): void {
    this.#left = 0
    this.#kept.clear()
    if (!this.#isHolding) return
    this.#isHolding = false
    const { values, setHolder } = this.#map
    for (const key of this.#removed) if (values.get(key) === undefined) values.delete(key)
    this.#removed.length = 0
    setHolder(undefined)
  }
}
