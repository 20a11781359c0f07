// Adds up what the subtasks of one operator left, slot by slot. What a slot is its bytes say: a keyed snapshot, an operator
// snapshot, or JSON, which small slots hold whatever their name.

import type { OperatorCheckpoint } from '@millrace/checkpoint'
import { describeType, type JsonValue } from '@millrace/core'
import type { SnapshotOutline, StateSize, TableOutline } from '@millrace/state'
import type {
  KeyedStateDescription,
  KeyGroupSize,
  KeyGroupSizes,
  OperatorDescription,
  OperatorStateDescription,
} from './checkpoint-description.ts'

/** The slot of records on their way, of unaligned checkpoints. */
const IN_FLIGHT_SLOT = 'channels'

/** The slots of times: `time`, `timer-time`, `window-time`, `watermark` … */
const TIME_SLOT = /^(?:watermark|(?:[a-z]+-)?time)$/

/** Sums over the subtasks of one operator. */
export class OperatorTotals {
  readonly #operator: OperatorCheckpoint
  readonly #tables = new Map<string, KeyedTotal>()
  readonly #states = new Map<string, OperatorStateDescription>()
  readonly #times: Record<string, number> = {}
  readonly #splits: JsonValue[] = []
  readonly #lists: Record<string, number> = {}
  readonly #accumulators: Record<string, string> = {}
  #stateBytes = 0
  #inFlightBytes = 0

  constructor(operator: OperatorCheckpoint) {
    this.#operator = operator
  }

  addBytes(slot: string, sizeBytes: number): void {
    this.#stateBytes += sizeBytes
    if (slot === IN_FLIGHT_SLOT) this.#inFlightBytes += sizeBytes
  }

  addOutline(outline: SnapshotOutline): void {
    if (outline.kind === 'keyed') {
      const keyType = describeType(outline.keyType)
      for (const table of outline.tables) this.#addTable(keyType, table)
      return
    }
    for (const { name, mode, keyType, valueType, entries, bytes } of outline.states) {
      const known = this.#states.get(name)
      this.#states.set(name, {
        name,
        mode,
        keyType: describeType(keyType),
        ...(valueType !== undefined && { valueType: describeType(valueType) }),
        entries: entries + (known?.entries ?? 0),
        bytes: bytes + (known?.bytes ?? 0),
      })
    }
  }

  /** A small slot: a time, or a list. Others, such as what a release to come may add, count as bytes only. */
  addJson(slot: string, json: JsonValue): void {
    if (slot === 'splits') this.#splits.push(...listOf(json))
    else if (slot === 'accumulators') this.#addAccumulators(json)
    else if (TIME_SLOT.test(slot)) {
      const times = timesIn(json)
      if (times.length > 0) this.#times[slot] = Math.min(this.#times[slot] ?? Infinity, ...times)
    } else if (Array.isArray(json)) this.#lists[slot] = (this.#lists[slot] ?? 0) + json.length
  }

  describe(): OperatorDescription {
    const { uid, name, kind, parallelism, maxParallelism, subtasks, enumerator } = this.#operator
    return {
      uid,
      name,
      kind,
      parallelism,
      maxParallelism,
      finishedSubtasks: subtasks.filter(({ isFinished }) => isFinished).length,
      stateBytes: this.#stateBytes,
      keyedStates: Array.from(this.#tables.values(), describeTable),
      operatorStates: [...this.#states.values()],
      times: this.#times,
      splits: this.#splits,
      ...(enumerator !== undefined && { enumerator }),
      lists: this.#lists,
      accumulators: this.#accumulators,
      inFlightBytes: this.#inFlightBytes,
    }
  }

  #addTable(keyType: string, { keyGroups, entries, bytes, ...info }: TableOutline): void {
    const { name, kind, valueType, hasTimes } = info
    let total = this.#tables.get(name)
    if (total === undefined) {
      const type = valueType === undefined ? {} : { valueType: describeType(valueType) }
      const facts = { name, kind, keyType, ...type, hasTimeToLive: hasTimes === true }
      total = { facts, entries: 0, bytes: 0, keyGroups: new Map() }
      this.#tables.set(name, total)
    }
    total.entries += entries
    total.bytes += bytes
    for (const [keyGroup, size] of keyGroups) {
      const known = total.keyGroups.get(keyGroup) ?? { entries: 0, bytes: 0 }
      total.keyGroups.set(keyGroup, {
        entries: known.entries + size.entries,
        bytes: known.bytes + size.bytes,
      })
    }
  }

  #addAccumulators(json: JsonValue): void {
    for (const part of listOf(json)) {
      const { name, kind } = (part ?? {}) as { readonly name?: unknown; readonly kind?: unknown }
      if (typeof name === 'string') this.#accumulators[name] = String(kind)
    }
  }
}

interface KeyedTotal {
  readonly facts: Omit<KeyedStateDescription, 'entries' | 'bytes' | 'keyGroups'>
  entries: number
  bytes: number
  readonly keyGroups: Map<number, StateSize>
}

function describeTable({ facts, entries, bytes, keyGroups }: KeyedTotal): KeyedStateDescription {
  return { ...facts, entries, bytes, keyGroups: describeKeyGroups(keyGroups) }
}

function describeKeyGroups(keyGroups: ReadonlyMap<number, StateSize>): KeyGroupSizes {
  const sizes = Array.from(keyGroups, ([keyGroup, size]): KeyGroupSize => ({ keyGroup, ...size }))
  const bySize = sizes.toSorted((a, b) => a.bytes - b.bytes || a.keyGroup - b.keyGroup)
  const [smallest, largest] = [bySize[0], bySize.at(-1)]
  return {
    count: sizes.length,
    ...(largest !== undefined && { largest }),
    ...(smallest !== undefined && { smallest }),
    histogram: histogramOf(sizes.map(({ bytes }) => bytes)),
  }
}

/** The first limit of the histogram; each one is four times the one before it. */
const FIRST_LIMIT_BYTES = 1024
const LIMIT_FACTOR = 4

function histogramOf(sizes: readonly number[]): KeyGroupSizes['histogram'] {
  const counts = new Map<number, number>()
  for (const bytes of sizes) {
    let limit = FIRST_LIMIT_BYTES
    while (bytes >= limit) limit *= LIMIT_FACTOR
    counts.set(limit, (counts.get(limit) ?? 0) + 1)
  }
  return Array.from(counts, ([bytesBelow, keyGroups]) => ({ bytesBelow, keyGroups })).toSorted(
    (a, b) => a.bytesBelow - b.bytesBelow,
  )
}

function listOf(json: JsonValue): readonly JsonValue[] {
  return Array.isArray(json) ? json : []
}

/** A number, a list of numbers, or an object with numbers for times, such as `{ watermark, generator }`. */
function timesIn(json: JsonValue): readonly number[] {
  if (typeof json === 'number') return [json]
  if (Array.isArray(json)) return json.filter(isNumber)
  if (typeof json !== 'object' || json === null) return []
  const { watermark, eventTime } = json as Readonly<Record<string, JsonValue>>
  return [watermark ?? null, eventTime ?? null].filter(isNumber)
}

function isNumber(json: JsonValue): json is number {
  return typeof json === 'number'
}
