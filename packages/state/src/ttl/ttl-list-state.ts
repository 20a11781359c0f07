import type { ListState } from '@millrace/core'
import type { OwnStrings } from '../snapshot/owned-strings.ts'
import type { TimedValue, TimedValueClass } from './timed-values.ts'
import type { TtlTable } from './ttl-table.ts'

/** A list state of which each element expires by itself. */
export class TtlListState<T> implements ListState<T> {
  readonly #ttl: TtlTable<TimedValue<T>[]>
  readonly #Timed: TimedValueClass<T>
  readonly #ownStrings: OwnStrings | undefined

  /** `ownStrings` is that of the elements. */
  constructor(
    ttl: TtlTable<TimedValue<T>[]>,
    Timed: TimedValueClass<T>,
    ownStrings: OwnStrings | undefined,
  ) {
    this.#ttl = ttl
    this.#Timed = Timed
    this.#ownStrings = ownStrings
  }

  get(): readonly T[] {
    const nowMs = this.#ttl.access()
    const { table, settings } = this.#ttl
    const list = table.get()
    if (list === undefined) return []
    const left: TimedValue<T>[] = []
    const seen: T[] = []
    for (const timed of list) {
      const isExpired = this.#ttl.isExpired(timed, nowMs)
      if (!isExpired || settings.showsExpired) seen.push(timed.value)
      if (isExpired) continue
      if (settings.updatesOnRead) timed.accessedAt = nowMs
      left.push(timed)
    }
    if (left.length === 0) table.remove()
    else if (left.length < list.length) table.put(left)
    return seen
  }

  add(element: T): void {
    const nowMs = this.#ttl.access()
    const list = this.#ttl.table.get()
    if (list === undefined) this.#ttl.table.put([new this.#Timed(element, nowMs)])
    else list.push(new this.#Timed(this.#owned(element), nowMs))
  }

  addAll(elements: Iterable<T>): void {
    for (const element of Array.from(elements)) this.add(element)
  }

  update(elements: Iterable<T>): void {
    const nowMs = this.#ttl.access()
    const list = Array.from(elements, (element) => new this.#Timed(element, nowMs))
    if (list.length === 0) this.#ttl.table.remove()
    else this.#ttl.table.put(list)
  }

  clear(): void {
    this.#ttl.table.remove()
  }

  #owned(element: T): T {
    const own = this.#ownStrings
    return own === undefined ? element : (own(element) as T)
  }
}
