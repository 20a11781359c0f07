// A table of state with a time to live: what all five kinds of such state have in common. Expired values are removed when
// somebody finds them. What nobody asks for is found by a sweep, which goes round the table a few keys at each access, so
// that no access costs more than others.

import type { KeyedTable } from '../keyed/keyed-table.ts'
import type { TimedValue } from './timed-values.ts'
import { isExpired, type TtlClock, type TtlSettings } from './ttl-policy.ts'

/**
 * What is left at `nowMs` of what a key has: the same object, changed or not, or undefined if nothing is left.
 * With `isCopied` what is there stays as it is.
 */
export type RemoveExpired<V> = (
  held: V,
  isExpiredAt: ExpiryTest,
  isCopied: boolean,
) => V | undefined

/** Whether a value of this time has expired. */
export type ExpiryTest = (timed: TimedValue<unknown>) => boolean

/** A keyed table, its time to live, and the sweep of it. */
export class TtlTable<V> {
  readonly table: KeyedTable<V>
  readonly settings: TtlSettings
  readonly #clock: TtlClock
  readonly #removeExpired: RemoveExpired<V>
  #sweep: Iterator<readonly [unknown, V | undefined]> | undefined
  #sweptGroup = -1

  constructor(
    table: KeyedTable<V>,
    settings: TtlSettings,
    clock: TtlClock,
    removeExpired: RemoveExpired<V>,
  ) {
    this.table = table
    this.settings = settings
    this.#clock = clock
    this.#removeExpired = removeExpired
    if (settings.isLeftOutOfSnapshots) {
      const { durationMs } = settings
      table.leaveOut(() => {
        const nowMs = clock.now()
        const hasExpired: ExpiryTest = (timed) => isExpired(timed.accessedAt, durationMs, nowMs)
        return (held) => removeExpired(held, hasExpired, true)
      })
    }
  }

  /** Each access begins here: sweeps on, and answers the time. */
  access(): number {
    this.sweep()
    return this.#clock.now()
  }

  now(): number {
    return this.#clock.now()
  }

  isExpired(timed: TimedValue<unknown>, nowMs: number): boolean {
    return isExpired(timed.accessedAt, this.settings.durationMs, nowMs)
  }

  /** Looks at the next few keys and removes what has expired. */
  sweep(): void {
    const { entriesPerAccess, durationMs } = this.settings
    if (entriesPerAccess === 0) return
    const nowMs = this.#clock.now()
    const hasExpired: ExpiryTest = (timed) => isExpired(timed.accessedAt, durationMs, nowMs)
    let stepsLeft = entriesPerAccess + EMPTY_GROUPS_MAX
    let entriesLeft = entriesPerAccess
    while (entriesLeft > 0 && stepsLeft > 0) {
      stepsLeft--
      const group = this.table.groups[this.#sweptGroup]
      const next = this.#sweep?.next()
      if (group === undefined || next === undefined || next.done === true) {
        this.#sweptGroup = (this.#sweptGroup + 1) % this.table.groups.length
        this.#sweep = this.table.groups[this.#sweptGroup]?.entries()
        continue
      }
      entriesLeft--
      const [key, held] = next.value
      if (held === undefined) continue
      // What a snapshot may still have to read is not changed in place.
      const left = this.#removeExpired(held, hasExpired, group.isHeld)
      if (left === undefined) group.delete(key)
      else if (left !== held) {
        // What is left is part of both: from here on it may change, so the snapshot gets a copy.
        group.get(key)
        group.set(key, left)
      }
    }
  }
}

/** How many key groups without keys one sweep passes: an operator may have 32768. */
const EMPTY_GROUPS_MAX = 16

/** How expired values are removed from a table of a kind of state. */
export function removeExpiredOf(kind: string): RemoveExpired<unknown> {
  switch (kind) {
    case 'list':
      return removeExpiredElements as RemoveExpired<unknown>
    case 'map':
      return removeExpiredEntries as RemoveExpired<unknown>
    default:
      return removeExpiredValue as RemoveExpired<unknown>
  }
}

function removeExpiredValue(
  timed: TimedValue<unknown>,
  hasExpired: ExpiryTest,
): TimedValue<unknown> | undefined {
  return hasExpired(timed) ? undefined : timed
}

function removeExpiredElements(
  list: TimedValue<unknown>[],
  hasExpired: ExpiryTest,
  isCopied: boolean,
): TimedValue<unknown>[] | undefined {
  if (!list.some(hasExpired)) return list
  const left = list.filter((timed) => !hasExpired(timed))
  if (left.length === 0) return undefined
  if (isCopied) return left
  list.length = 0
  for (const timed of left) list.push(timed)
  return list
}

function removeExpiredEntries(
  map: Map<unknown, TimedValue<unknown>>,
  hasExpired: ExpiryTest,
  isCopied: boolean,
): Map<unknown, TimedValue<unknown>> | undefined {
  let isAnyExpired = false
  for (const timed of map.values()) if (hasExpired(timed)) isAnyExpired = true
  if (!isAnyExpired) return map
  const left = isCopied ? new Map(map) : map
  for (const [key, timed] of left) {
    if (hasExpired(timed)) left.delete(key)
  }
  return left.size === 0 ? undefined : left
}
