// Non-keyed state: lists and broadcast maps of one operator subtask. It is small (source positions, rules), so it is
// kept on the heap, read whole at the start and written whole at each barrier.

import {
  checkOptions,
  describeType,
  type ListState,
  type ListStateDescriptor,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  show,
  type StateEvolution,
  type TypeEvolution,
  Types,
} from '@millrace/core'
import { conversionOf, evolutionOf } from '../evolution/stored-type-conversion.ts'
import { ownedStrings } from '../snapshot/owned-strings.ts'
import { BroadcastMapState } from './broadcast-map-state.ts'
import { OperatorListState } from './operator-list-state.ts'
import {
  decodeOperatorState,
  encodeOperatorState,
  type OperatorStateContent,
  type OperatorStateInfo,
} from './operator-state-snapshot.ts'
import { SnapshotEntry } from '../snapshot/snapshot-entry.ts'
import { isSameState, shareOut, type SubtaskPlace } from './share-out.ts'

/** What a backend is made from. */
export interface OperatorStateBackendInit extends SubtaskPlace {
  /** The snapshots of all old subtasks, in any order. Default: none, a fresh start. */
  readonly restored?: readonly Uint8Array[]
}

/**
 * The non-keyed states of one operator subtask.
 *
 * @example
 * ```ts
 * import { Types } from '@millrace/core'
 * import { OperatorStateBackend } from '@millrace/state'
 *
 * const before = new OperatorStateBackend({ subtaskIndex: 0, parallelism: 1 })
 * before.getListState({ name: 'offsets', type: Types.long }).update([10, 20, 30])
 * const restored = [before.snapshot()]
 * const after = new OperatorStateBackend({ subtaskIndex: 1, parallelism: 2, restored })
 * console.log(after.getListState({ name: 'offsets', type: Types.long }).get()) // [ 20, 30 ]
 * ```
 */
export class OperatorStateBackend {
  readonly #place: SubtaskPlace
  readonly #states = new Map<string, HeldState>()
  /** The states that were asked for: their types are settled. */
  readonly #claimed = new Set<string>()

  /** @throws MillraceError `CHECKPOINT_CORRUPT` */
  constructor({ subtaskIndex, parallelism, restored = [] }: OperatorStateBackendInit) {
    this.#place = { subtaskIndex, parallelism }
    const snapshots = restored.map(decodeOperatorState)
    for (const content of shareOut(snapshots, this.#place)) this.#hold(content)
  }

  /** A list whose elements are dealt out evenly when the parallelism changes. */
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#list<T>('split', descriptor)
  }

  /** A list of which every subtask is restored with the elements of all. */
  getUnionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#list<T>('union', descriptor)
  }

  /** A map that is the same in every subtask, also after a change of the parallelism. */
  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    checkOptions('a broadcast state', descriptor, ['keyType', 'valueType', ...KNOWN_OPTIONS])
    const { name, keyType = Types.any(), valueType = Types.any() } = descriptor
    const { map } = this.#state({ name, mode: 'broadcast', keyType, valueType }, descriptor)
    return map as BroadcastMapState<UK, UV>
  }

  /** All states as bytes, also those that were restored and that nobody asked for. */
  snapshot(): Uint8Array {
    const states = Array.from(this.#states.values(), ({ info, list, map }) => ({
      ...info,
      entries: (list ?? map)?.entriesOfSnapshot() ?? [],
    }))
    return encodeOperatorState({ ...this.#place, states })
  }

  #list<T>(mode: 'split' | 'union', descriptor: ListStateDescriptor<T>): ListState<T> {
    checkOptions('an operator list', descriptor, ['type', ...KNOWN_OPTIONS])
    const { name, type = Types.any() } = descriptor
    const { list } = this.#state({ name, mode, keyType: type, valueType: undefined }, descriptor)
    return list as OperatorListState<T>
  }

  #state(wanted: OperatorStateInfo, evolving: StateEvolution<unknown>): HeldState {
    const { name } = wanted
    const held = this.#states.get(name)
    if (held !== undefined && isSameState(held.info, wanted)) {
      this.#claimed.add(name)
      return held
    }
    const entries =
      held === undefined ? [] : this.#evolvedEntries(held, wanted, evolutionOf(evolving))
    this.#claimed.add(name)
    return this.#hold({ ...wanted, entries })
  }

  /** The restored entries of a state as they are declared now. */
  #evolvedEntries(
    { info, list, map }: HeldState,
    wanted: OperatorStateInfo,
    evolution: TypeEvolution,
  ): readonly SnapshotEntry[] {
    const isMap = info.valueType !== undefined
    const isOtherShape = info.mode !== wanted.mode || isMap !== (wanted.valueType !== undefined)
    if (isOtherShape || this.#claimed.has(info.name)) throw incompatible(info, wanted)
    const entries = (list ?? map)?.entriesOfSnapshot() ?? []
    if (info.valueType === undefined || wanted.valueType === undefined) {
      const convert = conversionOf(info.name, 'type', info.keyType, wanted.keyType, evolution)
      return entries.map(({ key }) => new SnapshotEntry(convert ? convert(key) : key, undefined))
    }
    const toKey = conversionOf(info.name, 'key type', info.keyType, wanted.keyType)
    const toValue = conversionOf(info.name, 'type', info.valueType, wanted.valueType, evolution)
    return entries.map(
      ({ key, value }) =>
        new SnapshotEntry(toKey ? toKey(key) : key, toValue ? toValue(value) : value),
    )
  }

  #hold({ name, mode, keyType, valueType, entries }: OperatorStateContent): HeldState {
    const info = { name, mode, keyType, valueType }
    const held: HeldState =
      valueType === undefined
        ? {
            info,
            list: new OperatorListState(
              entries.map((entry) => entry.key),
              ownedStrings(keyType),
            ),
          }
        : {
            info,
            map: new BroadcastMapState(
              entries.map((entry) => [entry.key, entry.value]),
              ownedStrings(valueType),
            ),
          }
    this.#states.set(name, held)
    return held
  }
}

/** The options that states of all kinds have; time to live is for keyed state only. */
const KNOWN_OPTIONS = ['name', 'migrate', 'fieldDefaults']

/** A state and what it is: a list or a map. */
interface HeldState {
  readonly info: OperatorStateInfo
  readonly list?: OperatorListState<unknown>
  readonly map?: BroadcastMapState<unknown, unknown>
}

function incompatible(before: OperatorStateInfo, now: OperatorStateInfo): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the operator state ${show(before.name)} to be ${described(before)}, as declared before or in the checkpoint`,
    came: described(now),
    todo: 'Declare the state in the same way again, or give the new state another name.',
    ids: { state: before.name },
  })
}

function described({ mode, keyType, valueType }: OperatorStateInfo): string {
  return valueType === undefined
    ? `a ${mode} list of ${describeType(keyType)}`
    : `a ${mode} map of ${describeType(keyType)} to ${describeType(valueType)}`
}
