import type { MapState } from '@millrace/core'
import { type OwnStrings, ownString } from '../snapshot/owned-strings.ts'
import { SnapshotEntry } from '../snapshot/snapshot-entry.ts'

/** A broadcast map: every subtask applies the same changes and so holds the same content. */
export class BroadcastMapState<UK, UV> implements MapState<UK, UV> {
  readonly #map: Map<UK, UV>
  readonly #ownStrings: OwnStrings | undefined

  /** `ownStrings` is that of the values. */
  constructor(entries: Iterable<readonly [UK, UV]>, ownStrings: OwnStrings | undefined) {
    this.#map = new Map(entries)
    this.#ownStrings = ownStrings
  }

  get(key: UK): UV | undefined {
    return this.#map.get(key)
  }

  put(key: UK, value: UV): void {
    const own = this.#ownStrings
    const keptKey = this.#map.has(key) ? key : (ownString(key) as UK)
    this.#map.set(keptKey, own === undefined ? value : (own(value) as UV))
  }

  contains(key: UK): boolean {
    return this.#map.has(key)
  }

  remove(key: UK): void {
    this.#map.delete(key)
  }

  entries(): Iterable<readonly [UK, UV]> {
    return this.#map.entries()
  }

  keys(): Iterable<UK> {
    return this.#map.keys()
  }

  values(): Iterable<UV> {
    return this.#map.values()
  }

  isEmpty(): boolean {
    return this.#map.size === 0
  }

  clear(): void {
    this.#map.clear()
  }

  /** The map as entries of a snapshot. */
  entriesOfSnapshot(): readonly SnapshotEntry[] {
    return Array.from(this.#map, ([key, value]) => new SnapshotEntry(key, value))
  }
}
