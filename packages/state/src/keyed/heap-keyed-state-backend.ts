// Keyed state in memory: the states of one operator subtask, found by name. A state that the subtask was restored
// with is read when somebody asks for it, in `open` or later; one that nobody asks for goes unread from
// checkpoint to checkpoint.

import {
  type AggregatingState,
  type AggregatingStateDescriptor,
  assert,
  checkOptions,
  describeType,
  type Key,
  type KeyedStateStore,
  type KeyGroupRange,
  type ListState,
  type ListStateDescriptor,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  type ReducingState,
  type ReducingStateDescriptor,
  show,
  type StateEvolution,
  type StateTtl,
  type TypeDescriptor,
  Types,
  typesEqual,
  type ValueState,
  type ValueStateDescriptor,
} from '@millrace/core'
import { placeOfUserValues } from '../evolution/stored-table-conversion.ts'
import { evolutionOf } from '../evolution/stored-type-conversion.ts'
import { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { KeyedSnapshotCut } from '../snapshot/keyed-snapshot-cut.ts'
import type { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'
import { ownedStrings } from '../snapshot/owned-strings.ts'
import { runSteps } from '../snapshot/steps.ts'
import type { TableCut } from '../snapshot/table-cut.ts'
import { timedTableType, type TimedValue, timedValueClass } from '../ttl/timed-values.ts'
import { TtlListState } from '../ttl/ttl-list-state.ts'
import { TtlMapState } from '../ttl/ttl-map-state.ts'
import { TtlClock, type TtlSettings, ttlSettings } from '../ttl/ttl-policy.ts'
import { TtlAggregatingState, TtlReducingState, TtlValueState } from '../ttl/ttl-single-states.ts'
import { removeExpiredOf, TtlTable } from '../ttl/ttl-table.ts'
import { CurrentKey } from './current-key.ts'
import { HeapAggregatingState } from './heap-aggregating-state.ts'
import { HeapListState } from './heap-list-state.ts'
import { HeapMapState } from './heap-map-state.ts'
import { HeapReducingState } from './heap-reducing-state.ts'
import { HeapValueState } from './heap-value-state.ts'
import { KeyedTable } from './keyed-table.ts'
import { isNumericTable, NumericTable } from './numeric-table.ts'
import type { StateTable } from './state-table.ts'

/** The five kinds of keyed state, as their tables are called in snapshots. */
export type KeyedStateKind = 'value' | 'list' | 'map' | 'reducing' | 'aggregating'

/** What a backend is made from. */
export interface HeapKeyedStateBackendInit {
  readonly keyType: TypeDescriptor
  readonly maxParallelism: number
  /** The key groups of this subtask. */
  readonly keyGroupRange: KeyGroupRange
  /** The keyed snapshots of all old subtasks that overlap the range. Default: none, a fresh start. */
  readonly restored?: readonly Uint8Array[]
  /** Milliseconds since 1970, for state with a time to live. Default: none, so such state is refused. */
  readonly now?: () => number
}

/** What goes into a cut beside the states. */
export interface KeyedStateCutInit {
  /** The size of the last snapshot. Default: unknown. */
  readonly sizeBytesHint?: number
  /** The operator's own tables. Default: none. */
  readonly tables?: readonly TableCut[]
}

/**
 * The keyed states of one operator subtask, on the heap.
 *
 * @example
 * ```ts
 * import { Types } from '@millrace/core'
 * import { HeapKeyedStateBackend } from '@millrace/state'
 *
 * const backend = new HeapKeyedStateBackend<string>({
 *   keyType: Types.string,
 *   maxParallelism: 128,
 *   keyGroupRange: { start: 0, end: 127 },
 * })
 * const count = backend.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
 * backend.setCurrentKey('SFO')
 * count.update(count.value() + 1)
 * console.log(count.value()) // 1
 * ```
 */
export class HeapKeyedStateBackend<K extends Key = Key> implements KeyedStateStore {
  readonly keyType: TypeDescriptor
  readonly keyGroupRange: KeyGroupRange
  readonly maxParallelism: number
  /**
   * The restored state that nobody has claimed yet. The operator reads its own tables (timers, windows) from it
   * before the first snapshot is taken.
   */
  readonly restored: KeyedSnapshotReader
  readonly #current: CurrentKey
  readonly #clock: TtlClock | undefined
  readonly #states = new Map<string, DeclaredState>()
  /** The tables that are swept at each record; undefined if there are none. */
  #sweptAtEachRecord: TtlTable<unknown>[] | undefined

  /** @throws MillraceError `CHECKPOINT_CORRUPT`, or `STATE_INCOMPATIBLE` if the restored keys are of another type. */
  constructor(init: HeapKeyedStateBackendInit) {
    this.keyType = init.keyType
    this.keyGroupRange = init.keyGroupRange
    this.maxParallelism = init.maxParallelism
    this.#clock = init.now && new TtlClock(init.now)
    this.#current = new CurrentKey(init.maxParallelism)
    this.restored = new KeyedSnapshotReader(init.restored ?? [], init.keyGroupRange)
    this.restored.checkKeys(init)
  }

  /** The key that all access belongs to, until the next call. The engine calls it for each record and timer. */
  setCurrentKey(key: K): void {
    this.#current.set(key)
    if (this.#sweptAtEachRecord !== undefined) sweepAll(this.#sweptAtEachRecord)
  }

  /** From here on state cannot be used, until the next {@link setCurrentKey}. */
  clearCurrentKey(): void {
    this.#current.clear()
  }

  /** The current key, or `undefined` outside of records and timers. */
  get currentKey(): K | undefined {
    return this.#current.key as K | undefined
  }

  /** The key group of the current key. @throws MillraceError `STATE_ACCESS_INVALID` without one. */
  get currentKeyGroup(): number {
    return this.#current.keyGroup
  }

  /** The keys that have something in the state of that name, as they are now. A state nobody declared has none. */
  keysOf(name: string): readonly K[] {
    return [...(this.#states.get(name)?.table.keys() ?? [])] as K[]
  }

  getValueState<T>(
    descriptor: ValueStateDescriptor<T> & { readonly defaultValue: T },
  ): ValueState<T>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined> {
    checkOptions('a value state', descriptor, ['type', 'defaultValue', ...KNOWN_OPTIONS])
    const { type = Types.any(), defaultValue } = descriptor
    const { table, ttl } = this.#declare<T, TimedValue<T>>('value', type, descriptor)
    return ttl === undefined
      ? new HeapValueState(table, defaultValue)
      : new TtlValueState(ttl, timedValueClass<T>(type), defaultValue)
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    checkOptions('a list state', descriptor, ['type', ...KNOWN_OPTIONS])
    const { type = Types.any() } = descriptor
    const { table, ttl } = this.#declare<T[], TimedValue<T>[]>(
      'list',
      Types.array(type),
      descriptor,
    )
    return ttl === undefined
      ? new HeapListState(table, ownedStrings(type))
      : new TtlListState(ttl, timedValueClass<T>(type), ownedStrings(type))
  }

  getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    checkOptions('a map state', descriptor, ['keyType', 'valueType', ...KNOWN_OPTIONS])
    const { keyType = Types.any(), valueType = Types.any() } = descriptor
    const { table, ttl } = this.#declare<Map<UK, UV>, Map<UK, TimedValue<UV>>>(
      'map',
      Types.map(keyType, valueType),
      descriptor,
    )
    const own = ownedStrings(valueType)
    return ttl === undefined
      ? new HeapMapState(table, own)
      : new TtlMapState<UK, UV>(ttl, timedValueClass<UV>(valueType), own)
  }

  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    checkOptions('a reducing state', descriptor, ['type', 'reduce', ...KNOWN_OPTIONS])
    const { type = Types.any(), reduce } = descriptor
    const { table, ttl } = this.#declare<T, TimedValue<T>>('reducing', type, descriptor)
    return ttl === undefined
      ? new HeapReducingState(table, reduce)
      : new TtlReducingState(ttl, timedValueClass<T>(type), reduce)
  }

  getAggregatingState<IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  ): AggregatingState<IN, OUT> {
    checkOptions('an aggregating state', descriptor, ['type', 'aggregate', ...KNOWN_OPTIONS])
    const { aggregate, type = aggregate.accumulatorType ?? Types.any() } = descriptor
    const evolving = { ...aggregate.accumulatorEvolution, ...descriptor }
    const { table, ttl } = this.#declare<ACC, TimedValue<ACC>>('aggregating', type, evolving)
    return ttl === undefined
      ? new HeapAggregatingState(table, aggregate)
      : new TtlAggregatingState(ttl, timedValueClass<ACC>(type), aggregate)
  }

  /**
   * All state at a barrier, also what was restored and never claimed. The operator's own tables go behind the states. While a cut
   * is held, no other one is made.
   */
  cut(init: KeyedStateCutInit = {}): KeyedSnapshotCut {
    const { keyType, maxParallelism } = this
    const { sizeBytesHint = 0, tables = [] } = init
    const states = Array.from(this.#states.values(), ({ table }) => table.cut())
    return new KeyedSnapshotCut(
      { keyType, maxParallelism, sizeBytesHint },
      [...states, ...tables],
      this.restored.unclaimedTables(),
    )
  }

  /** Writes the same state into a writer, at once. */
  snapshotInto(writer: KeyedSnapshotWriter): void {
    for (const { table } of this.#states.values()) runSteps(table.cut().writeInto(writer))
    for (const table of this.restored.unclaimedTables()) writer.copyTable(table)
  }

  /** The states whose values have no type, so that snapshots write them by msgpackr. */
  untypedStates(): readonly string[] {
    return [...this.#states].filter(([, { type }]) => isUntyped(type)).map(([name]) => name)
  }

  /** The state of this name: the one that was declared before in the same way, or a new one, restored. */
  #declare<V, TIMED>(
    kind: KeyedStateKind,
    type: TypeDescriptor,
    descriptor: AnyDescriptor,
  ): DeclaredState<V, TIMED> {
    const { name } = descriptor
    const settings = descriptor.ttl && ttlSettings(descriptor.ttl)
    const known = this.#states.get(name)
    if (known !== undefined) {
      const isAlike = known.table.kind === kind && typesEqual(known.type, type)
      if (!isAlike || JSON.stringify(known.ttl?.settings) !== JSON.stringify(settings)) {
        throw declaredTwice(known, kind, type, settings)
      }
      return known as unknown as DeclaredState<V, TIMED>
    }
    assertStateName(name)
    const evolution = evolutionOf(descriptor, placeOfUserValues(kind))
    const { table, ttl } = this.#newTable(name, kind, type, settings)
    table.restoreFrom(this.restored, this.keyType, { evolution, nowMs: ttl?.now() })
    const state = { table, type, ttl }
    this.#states.set(name, state)
    return state as unknown as DeclaredState<V, TIMED>
  }

  #newTable(
    name: string,
    kind: KeyedStateKind,
    valueType: TypeDescriptor,
    settings: TtlSettings | undefined,
  ): Pick<DeclaredState, 'table' | 'ttl'> {
    const { keyType, keyGroupRange } = this
    if (settings !== undefined) {
      const info = {
        name,
        kind,
        valueType: timedTableType(kind, valueType),
        hasTimes: true,
      } as const
      const table = new KeyedTable<unknown>(info, this.#current, keyGroupRange)
      assert(this.#clock !== undefined, 'a backend for state with a time to live has a clock')
      const ttl = new TtlTable(table, settings, this.#clock, removeExpiredOf(kind))
      if (settings.looksAtEveryRecord) (this.#sweptAtEachRecord ??= []).push(ttl)
      return { table, ttl }
    }
    const Table = isNumericTable(kind, keyType, valueType) ? NumericTable : KeyedTable
    const table = new Table({ name, kind, valueType }, this.#current, keyGroupRange)
    return { table: table as StateTable<unknown>, ttl: undefined }
  }
}

/** A state that was asked for: its table holds values of V, or with a time to live those of TIMED. */
interface DeclaredState<V = unknown, TIMED = unknown> {
  readonly table: StateTable<V>
  /** The type of its values, without times. */
  readonly type: TypeDescriptor
  readonly ttl: TtlTable<TIMED> | undefined
}

type AnyDescriptor = StateEvolution<unknown> & { readonly name: string; readonly ttl?: StateTtl }

/** The options that states of all kinds have. */
const KNOWN_OPTIONS = ['name', 'ttl', 'migrate', 'fieldDefaults']

function sweepAll(tables: readonly TtlTable<unknown>[]): void {
  for (const table of tables) table.sweep()
}

/** Whether a table's values have no type: as a whole, as elements of a list, or as entries of a map. */
function isUntyped(type: TypeDescriptor): boolean {
  if (type.kind === 'array') return isUntyped(type.element)
  return type.kind === 'map' ? isUntyped(type.value) : type.kind === 'any'
}

function assertStateName(name: string): void {
  if (typeof name === 'string' && name !== '' && !name.startsWith('$')) return
  throw new MillraceError('STATE_ACCESS_INVALID', {
    expected: 'a state name that is not empty and does not start with $',
    came: show(name),
    todo: 'Rename the state. Names that start with $ belong to the engine.',
  })
}

function declaredTwice(
  { table: { name, kind }, type, ttl }: DeclaredState,
  kindNow: KeyedStateKind,
  typeNow: TypeDescriptor,
  settingsNow: TtlSettings | undefined,
): MillraceError {
  const lifeBefore = lifeOf(ttl?.settings)
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the ${kind} state ${show(name)} of type ${describeType(type)}${lifeBefore} that was declared before`,
    came: `a ${kindNow} state of type ${describeType(typeNow)}${lifeOf(settingsNow)} with the same name`,
    todo: 'Give each state of an operator a name of its own, or declare it the same way everywhere.',
    ids: { state: name },
  })
}

function lifeOf(settings: TtlSettings | undefined): string {
  return settings === undefined ? '' : ` with the time to live ${JSON.stringify(settings)}`
}
