import type { MapState } from '@millrace/core'
import { type OwnStrings, ownString } from '../snapshot/owned-strings.ts'
import type { TimedValue, TimedValueClass } from './timed-values.ts'
import type { TtlTable } from './ttl-table.ts'

/** A map state of which each entry expires by itself. */
export class TtlMapState<UK, UV> implements MapState<UK, UV> {
  readonly #ttl: TtlTable<Map<UK, TimedValue<UV>>>
  readonly #Timed: TimedValueClass<UV>
  readonly #ownStrings: OwnStrings | undefined

  /** `ownStrings` is that of the values. */
  constructor(
    ttl: TtlTable<Map<UK, TimedValue<UV>>>,
    Timed: TimedValueClass<UV>,
    ownStrings: OwnStrings | undefined,
  ) {
    this.#ttl = ttl
    this.#Timed = Timed
    this.#ownStrings = ownStrings
  }

  get(key: UK): UV | undefined {
    return this.#read(key, this.#ttl.access())?.value
  }

  put(key: UK, value: UV): void {
    const nowMs = this.#ttl.access()
    const map = this.#ttl.table.get()
    if (map === undefined) {
      this.#ttl.table.put(new Map([[key, new this.#Timed(value, nowMs)]]))
      return
    }
    const own = this.#ownStrings
    const kept = own === undefined ? value : (own(value) as UV)
    const isNewText = typeof key === 'string' && !map.has(key)
    map.set(isNewText ? (ownString(key) as UK) : key, new this.#Timed(kept, nowMs))
  }

  /** Removes nothing that `get` may still answer. */
  contains(key: UK): boolean {
    const nowMs = this.#ttl.access()
    const { table, settings } = this.#ttl
    const timed = table.get()?.get(key)
    if (timed === undefined) return false
    if (this.#ttl.isExpired(timed, nowMs)) return settings.showsExpired
    if (settings.updatesOnRead) timed.accessedAt = nowMs
    return true
  }

  remove(key: UK): void {
    this.#ttl.access()
    this.#delete(key)
  }

  entries(): Iterable<readonly [UK, UV]> {
    const nowMs = this.#ttl.access()
    const seen: [UK, UV][] = []
    for (const key of [...(this.#ttl.table.get()?.keys() ?? [])]) {
      const timed = this.#read(key, nowMs)
      if (timed !== undefined) seen.push([key, timed.value])
    }
    return seen
  }

  keys(): Iterable<UK> {
    return Array.from(this.entries(), ([key]) => key)
  }

  values(): Iterable<UV> {
    return Array.from(this.entries(), ([, value]) => value)
  }

  isEmpty(): boolean {
    const nowMs = this.#ttl.access()
    const { table, settings } = this.#ttl
    const map = table.get()
    if (map === undefined) return true
    if (settings.showsExpired) return false
    for (const timed of map.values()) {
      if (!this.#ttl.isExpired(timed, nowMs)) return false
    }
    return true
  }

  clear(): void {
    this.#ttl.table.remove()
  }

  /** An entry as a reader sees it; removes it if it has expired. */
  #read(key: UK, nowMs: number): TimedValue<UV> | undefined {
    const { table, settings } = this.#ttl
    const timed = table.get()?.get(key)
    if (timed === undefined) return undefined
    if (this.#ttl.isExpired(timed, nowMs)) {
      this.#delete(key)
      return settings.showsExpired ? timed : undefined
    }
    if (settings.updatesOnRead) timed.accessedAt = nowMs
    return timed
  }

  #delete(key: UK): void {
    const map = this.#ttl.table.get()
    if (map?.delete(key) === true && map.size === 0) this.#ttl.table.remove()
  }
}
