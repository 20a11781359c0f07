// Keyed state in memory: the states of one operator subtask, found by name. A state that the subtask was restored
// with is read when somebody asks for it, in `open` or later; one that nobody asks for goes unread from
// checkpoint to checkpoint.

import {
  type AggregateFunction,
  type AggregatingState,
  type AggregatingStateDescriptor,
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
  type TypeDescriptor,
  Types,
  typesEqual,
  type ValueState,
  type ValueStateDescriptor,
} from '@millrace/core'
import { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import type { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'
import { ownedStrings } from '../snapshot/owned-strings.ts'
import { CurrentKey } from './current-key.ts'
import { HeapAggregatingState } from './heap-aggregating-state.ts'
import { HeapListState } from './heap-list-state.ts'
import { HeapMapState } from './heap-map-state.ts'
import { HeapReducingState } from './heap-reducing-state.ts'
import { HeapValueState } from './heap-value-state.ts'
import { KeyedTable } from './keyed-table.ts'

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
  readonly #tables = new Map<string, KeyedTable<unknown>>()

  /** @throws MillraceError `CHECKPOINT_CORRUPT`, or `STATE_INCOMPATIBLE` if the restored keys are of another type. */
  constructor(init: HeapKeyedStateBackendInit) {
    this.keyType = init.keyType
    this.keyGroupRange = init.keyGroupRange
    this.maxParallelism = init.maxParallelism
    this.#current = new CurrentKey(init.maxParallelism)
    this.restored = new KeyedSnapshotReader(init.restored ?? [], init.keyGroupRange)
    this.restored.checkKeys(init)
  }

  /** The key that all access belongs to, until the next call. The engine calls it for each record and timer. */
  setCurrentKey(key: K): void {
    this.#current.set(key)
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
    return [...(this.#tables.get(name)?.keys() ?? [])] as K[]
  }

  getValueState<T>(
    descriptor: ValueStateDescriptor<T> & { readonly defaultValue: T },
  ): ValueState<T>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>
  getValueState<T>({
    name,
    type = Types.any(),
    defaultValue,
  }: ValueStateDescriptor<T>): ValueState<T | undefined> {
    return new HeapValueState(this.#table<T>(name, 'value', type), defaultValue)
  }

  getListState<T>({ name, type = Types.any() }: ListStateDescriptor<T>): ListState<T> {
    return new HeapListState(this.#table<T[]>(name, 'list', Types.array(type)), ownedStrings(type))
  }

  getMapState<UK, UV>({
    name,
    keyType = Types.any(),
    valueType = Types.any(),
  }: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    return new HeapMapState(
      this.#table<Map<UK, UV>>(name, 'map', Types.map(keyType, valueType)),
      ownedStrings(valueType),
    )
  }

  getReducingState<T>({
    name,
    type = Types.any(),
    reduce,
  }: ReducingStateDescriptor<T>): ReducingState<T> {
    return new HeapReducingState(this.#table<T>(name, 'reducing', type), reduce)
  }

  getAggregatingState<IN, ACC, OUT>({
    name,
    aggregate,
    type = accumulatorTypeOf(aggregate),
  }: AggregatingStateDescriptor<IN, ACC, OUT>): AggregatingState<IN, OUT> {
    return new HeapAggregatingState(this.#table<ACC>(name, 'aggregating', type), aggregate)
  }

  /**
   * Writes all state at a barrier, also what was restored and never claimed. The operator's own tables go into the
   * same writer.
   */
  snapshotInto(writer: KeyedSnapshotWriter): void {
    for (const table of this.#tables.values()) table.snapshotInto(writer)
    for (const table of this.restored.unclaimedTables()) writer.copyTable(table)
  }

  /** The states whose values have no type, so that snapshots write them by msgpackr. */
  untypedStates(): readonly string[] {
    return [...this.#tables.values()]
      .filter((table) => isUntyped(table.valueType))
      .map((table) => table.name)
  }

  #table<V>(name: string, kind: KeyedStateKind, valueType: TypeDescriptor): KeyedTable<V> {
    let table = this.#tables.get(name)
    if (table === undefined) {
      assertStateName(name)
      table = new KeyedTable({ name, kind, valueType }, this.#current, this.keyGroupRange)
      table.restoreFrom(this.restored, this.keyType)
      this.#tables.set(name, table)
    } else if (table.kind !== kind || !typesEqual(table.valueType, valueType)) {
      throw declaredTwice(table, kind, valueType)
    }
    return table as KeyedTable<V>
  }
}

function accumulatorTypeOf<IN, ACC, OUT>(
  aggregate: AggregateFunction<IN, ACC, OUT>,
): TypeDescriptor {
  return aggregate.accumulatorType ?? Types.any()
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
  { name, kind, valueType }: KeyedTable<unknown>,
  kindNow: KeyedStateKind,
  valueTypeNow: TypeDescriptor,
): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the ${kind} state ${show(name)} of type ${describeType(valueType)} that was declared before`,
    came: `a ${kindNow} state of type ${describeType(valueTypeNow)} with the same name`,
    todo: 'Give each state of an operator a name of its own, or declare it the same way everywhere.',
    ids: { state: name },
  })
}
