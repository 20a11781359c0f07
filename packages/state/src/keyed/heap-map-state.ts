import type { MapState } from '@millrace/core'
import { type OwnStrings, ownString } from '../snapshot/owned-strings.ts'
import type { StateCell } from './state-cell.ts'

/** A map state on the heap: a Map a key, gone when it is empty. Its order is that of the first `put`. */
export class HeapMapState<UK, UV> implements MapState<UK, UV> {
  readonly #table: StateCell<Map<UK, UV>>
  readonly #ownStrings: OwnStrings | undefined

  /** `ownStrings` is that of the values. */
  constructor(table: StateCell<Map<UK, UV>>, ownStrings: OwnStrings | undefined) {
    this.#table = table
    this.#ownStrings = ownStrings
  }

  get(key: UK): UV | undefined {
    return this.#table.get()?.get(key)
  }

  put(key: UK, value: UV): void {
    const map = this.#table.get()
    if (map === undefined) {
      this.#table.put(new Map([[key, value]]))
      return
    }
    const own = this.#ownStrings
    const isSameObject = typeof value === 'object' && map.get(key) === value
    if (isSameObject) return
    const keptKey = typeof key === 'string' && !map.has(key) ? (ownString(key) as UK) : key
    map.set(keptKey, own === undefined ? value : (own(value) as UV))
  }

  contains(key: UK): boolean {
    return this.#table.get()?.has(key) ?? false
  }

  remove(key: UK): void {
    const map = this.#table.get()
    if (map?.delete(key) === true && map.size === 0) this.#table.remove()
  }

  entries(): Iterable<readonly [UK, UV]> {
    return this.#table.get()?.entries() ?? EMPTY
  }

  keys(): Iterable<UK> {
    return this.#table.get()?.keys() ?? EMPTY
  }

  values(): Iterable<UV> {
    return this.#table.get()?.values() ?? EMPTY
  }

  isEmpty(): boolean {
    return this.#table.get() === undefined
  }

  clear(): void {
    this.#table.remove()
  }
}

const EMPTY: readonly never[] = Object.freeze([])
