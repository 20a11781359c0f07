// The state of one operator subtask, read from a snapshot by the backends that write it: what a test sees is what a
// restored operator would see, and looking changes nothing.

import {
  type AggregatingStateDescriptor,
  type Key,
  keyGroupRangeFor,
  type ListStateDescriptor,
  type MapStateDescriptor,
  MillraceError,
  type ReducingStateDescriptor,
  show,
  type TypeDescriptor,
  type ValueStateDescriptor,
} from '@millrace/core'
import {
  decodeOperatorState,
  HeapKeyedStateBackend,
  KeyedSnapshotReader,
  type OperatorStateContent,
  type OperatorStateMode,
} from '@millrace/state'
import type { HarnessSnapshot } from '../operator-harness/operator-snapshot.ts'

/** A timer that is set and has not fired. */
export interface PendingTimer {
  readonly key: Key
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** Reads one snapshot. */
export class StateOfSnapshot {
  readonly #snapshot: HarnessSnapshot
  readonly #keyType: TypeDescriptor
  readonly #nowMs: number

  /** `nowMs` is when the snapshot was taken: state whose time to live is over by then is not there. */
  constructor(snapshot: HarnessSnapshot, keyType: TypeDescriptor | null, nowMs: number) {
    this.#snapshot = snapshot
    this.#nowMs = nowMs
    this.#keyType = keyType ?? { kind: 'any' }
  }

  valueState<T>(key: Key, descriptor: ValueStateDescriptor<T>): T | undefined {
    return this.#keyed(key, descriptor.name).getValueState(descriptor).value()
  }

  listState<T>(key: Key, descriptor: ListStateDescriptor<T>): readonly T[] {
    return this.#keyed(key, descriptor.name).getListState(descriptor).get()
  }

  mapState<UK, UV>(key: Key, descriptor: MapStateDescriptor<UK, UV>): ReadonlyMap<UK, UV> {
    return new Map(this.#keyed(key, descriptor.name).getMapState(descriptor).entries())
  }

  reducingState<T>(key: Key, descriptor: ReducingStateDescriptor<T>): T | undefined {
    return this.#keyed(key, descriptor.name).getReducingState(descriptor).get()
  }

  aggregatingState<IN, ACC, OUT>(
    key: Key,
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  ): OUT | undefined {
    return this.#keyed(key, descriptor.name).getAggregatingState(descriptor).get()
  }

  broadcastState<UK, UV>({ name }: MapStateDescriptor<UK, UV>): ReadonlyMap<UK, UV> {
    const entries = this.#operator(name, 'broadcast')
    return new Map(entries.map(({ key, value }) => [key as UK, value as UV]))
  }

  operatorListState<T>({ name }: ListStateDescriptor<T>): readonly T[] {
    return this.#operator(name, 'split').map(({ key }) => key as T)
  }

  unionListState<T>({ name }: ListStateDescriptor<T>): readonly T[] {
    return this.#operator(name, 'union').map(({ key }) => key as T)
  }

  /** The timers of one time domain, earliest first, and those of one moment in the order of their keys' text. */
  timers(domain: 'event-time' | 'processing-time'): readonly PendingTimer[] {
    const { keyGroupRange } = this.#place()
    const reader = new KeyedSnapshotReader(this.#slot('timers'), keyGroupRange)
    const timers: PendingTimer[] = []
    const table = { kind: 'timers', keyType: this.#keyType, valueType: undefined } as const
    reader.readTable(`$timers.${domain}`, table, (key, timestamp) =>
      timers.push({ key: key as Key, timestamp }),
    )
    return timers.toSorted(
      (left, right) =>
        left.timestamp - right.timestamp || (String(left.key) < String(right.key) ? -1 : 1),
    )
  }

  /** The keyed state with `key` as the current key; a state that the operator has never declared is refused. */
  #keyed(key: Key, name: string): HeapKeyedStateBackend {
    const backend = new HeapKeyedStateBackend({
      keyType: this.#keyType,
      ...this.#place(),
      restored: this.#slot('keyed'),
      now: () => this.#nowMs,
    })
    const names = backend.restored.tables().map((table) => table.name)
    if (!names.includes(name)) throw unknownState(name, 'keyed state', names)
    backend.setCurrentKey(key)
    return backend
  }

  #operator(name: string, mode: OperatorStateMode): OperatorStateContent['entries'] {
    const states = this.#slot('operator').flatMap((bytes) => decodeOperatorState(bytes).states)
    const found = states.find((state) => state.name === name && state.mode === mode)
    if (found !== undefined) return found.entries
    throw unknownState(
      name,
      `${mode} state`,
      states.filter((state) => state.mode === mode).map((state) => state.name),
    )
  }

  #place() {
    const { subtaskIndex, parallelism, maxParallelism } = this.#snapshot
    return {
      maxParallelism,
      keyGroupRange: keyGroupRangeFor(subtaskIndex, parallelism, maxParallelism),
    }
  }

  #slot(name: string): readonly Uint8Array[] {
    const bytes = this.#snapshot.slots[name]
    return bytes === undefined ? [] : [bytes]
  }
}

function unknownState(name: string, what: string, names: readonly string[]): MillraceError {
  const known = names.map((each) => show(each)).join(', ')
  return new MillraceError('STATE_ACCESS_INVALID', {
    expected: known === '' ? `an operator with ${what}` : `a ${what} of the operator: ${known}`,
    came: show(name),
    todo: 'Use the descriptor with which the function declares the state.',
    ids: { state: name },
  })
}
