// Non-keyed state: lists and broadcast maps of one operator subtask. It is small (source positions, rules), so it is
// kept on the heap, read whole at the start and written whole at each barrier.

import {
  describeType,
  type ListState,
  type ListStateDescriptor,
  type MapState,
  type MapStateDescriptor,
  MillraceError,
  show,
  Types,
} from '@millrace/core'
import { ownedStrings } from '../snapshot/owned-strings.ts'
import { BroadcastMapState } from './broadcast-map-state.ts'
import { OperatorListState } from './operator-list-state.ts'
import {
  decodeOperatorSnapshot,
  encodeOperatorSnapshot,
  type OperatorStateContent,
  type OperatorStateInfo,
} from './operator-snapshot.ts'
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

  /** @throws MillraceError `CHECKPOINT_CORRUPT` */
  constructor({ subtaskIndex, parallelism, restored = [] }: OperatorStateBackendInit) {
    this.#place = { subtaskIndex, parallelism }
    const snapshots = restored.map(decodeOperatorSnapshot)
    for (const content of shareOut(snapshots, this.#place)) this.#hold(content)
  }

  /** A list whose elements are dealt out evenly when the parallelism changes. */
  getListState<T>({ name, type = Types.any() }: ListStateDescriptor<T>): ListState<T> {
    return this.#list<T>({ name, mode: 'split', keyType: type, valueType: undefined })
  }

  /** A list of which every subtask is restored with the elements of all. */
  getUnionListState<T>({ name, type = Types.any() }: ListStateDescriptor<T>): ListState<T> {
    return this.#list<T>({ name, mode: 'union', keyType: type, valueType: undefined })
  }

  /** A map that is the same in every subtask, also after a change of the parallelism. */
  getBroadcastState<UK, UV>({
    name,
    keyType = Types.any(),
    valueType = Types.any(),
  }: MapStateDescriptor<UK, UV>): MapState<UK, UV> {
    const { map } = this.#state({ name, mode: 'broadcast', keyType, valueType })
    return map as BroadcastMapState<UK, UV>
  }

  /** All states as bytes, also those that were restored and that nobody asked for. */
  snapshot(): Uint8Array {
    const states = Array.from(this.#states.values(), ({ info, list, map }) => ({
      ...info,
      entries: (list ?? map)?.entriesOfSnapshot() ?? [],
    }))
    return encodeOperatorSnapshot({ ...this.#place, states })
  }

  #list<T>(wanted: OperatorStateInfo): ListState<T> {
    return this.#state(wanted).list as OperatorListState<T>
  }

  #state(wanted: OperatorStateInfo): HeldState {
    const held = this.#states.get(wanted.name)
    if (held === undefined) return this.#hold({ ...wanted, entries: [] })
    if (!isSameState(held.info, wanted)) throw incompatible(held.info, wanted)
    return held
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
