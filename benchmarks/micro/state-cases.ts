// One access to each kind of keyed state, keys in no simple order; then snapshots, for each entry.

import type { AggregateFunction, TypeDescriptor } from '@millrace/core'
import { Types } from '@millrace/core'
import { HeapKeyedStateBackend, KeyedSnapshotWriter } from '@millrace/state'
import type { MicroCase, MicroRun } from './micro-case.ts'

const KEYS = 100_000
const MAX_PARALLELISM = 128
const ALL_GROUPS = { start: 0, end: MAX_PARALLELISM - 1 }

type Key = number | string
type Backend = HeapKeyedStateBackend<Key>

/** A program on one kind of state: what it does for the current key. */
type Access = (backend: Backend) => (n: number) => void

const ACCESSES: Readonly<Record<string, Access>> = {
  'value long': (backend) => {
    const state = backend.getValueState({ name: 's', type: Types.long, defaultValue: 0 })
    return (n) => state.update(state.value() + n)
  },
  'value record': (backend) => {
    const type = Types.record({ count: Types.long, name: Types.string })
    const state = backend.getValueState({ name: 's', type })
    return (n) => {
      const value = state.value() ?? { count: 0, name: 'somebody' }
      value.count += n
      state.update(value)
    }
  },
  list: (backend) => {
    const state = backend.getListState({ name: 's', type: Types.int })
    return (n) => (state.get().length < 8 ? state.add(n) : state.clear())
  },
  map: (backend) => {
    const state = backend.getMapState({ name: 's', keyType: Types.int, valueType: Types.int })
    return (n) => state.put(n & 7, (state.get(n & 7) ?? 0) + 1)
  },
  reducing: (backend) => {
    const reduce = (left: number, right: number): number => left + right
    const state = backend.getReducingState({ name: 's', type: Types.long, reduce })
    return (n) => state.add(n)
  },
  aggregating: (backend) => {
    const state = backend.getAggregatingState({ name: 's', aggregate: AVERAGE })
    return (n) => state.add(n)
  },
}

const Average = Types.record({ sum: Types.double, count: Types.long })

const AVERAGE: AggregateFunction<number, { sum: number; count: number }, number> = {
  accumulatorType: Average,
  createAccumulator: () => ({ sum: 0, count: 0 }),
  add(average, value) {
    average.sum += value
    average.count++
    return average
  },
  merge: (left) => left,
  getResult: ({ sum, count }) => sum / count,
}

const KEY_TYPES: Readonly<Record<string, { type: TypeDescriptor; keyOf: (n: number) => Key }>> = {
  'number keys': { type: Types.long, keyOf: (n) => 1000 + n },
  'string keys': {
    type: Types.string,
    keyOf: (n) => Buffer.from(`customer-${n}`).toString('latin1'),
  },
}

/** Access, snapshot and restore of each kind of state, with number and string keys. */
export const STATE_CASES: readonly MicroCase[] = Object.entries(KEY_TYPES).flatMap(
  ([keys, { type, keyOf }]) =>
    Object.entries(ACCESSES).flatMap(([kind, access]): MicroCase[] => [
      {
        name: `state ${kind} access, ${keys}`,
        prepare: () => accessRun(filled(type, keyOf, access), keyOf),
      },
      {
        name: `state ${kind} snapshot, ${keys}`,
        prepare: () => {
          const { backend } = filled(type, keyOf, access)
          return { count: KEYS, run: () => void snapshotOf(backend) }
        },
      },
      {
        name: `state ${kind} restore, ${keys}`,
        prepare: () => {
          const bytes = snapshotOf(filled(type, keyOf, access).backend)
          return { count: KEYS, run: () => void access(newBackend(type, [bytes])) }
        },
      },
    ]),
)

interface Filled {
  readonly backend: Backend
  readonly use: (n: number) => void
}

function filled(type: TypeDescriptor, keyOf: (n: number) => Key, access: Access): Filled {
  const backend = newBackend(type, [])
  const use = access(backend)
  for (let n = 0; n < KEYS; n++) {
    backend.setCurrentKey(keyOf(n))
    use(n)
  }
  return { backend, use }
}

function accessRun({ backend, use }: Filled, keyOf: (n: number) => Key): MicroRun {
  // Multiples of a prime that does not divide the number of keys visit all of them, in no simple order.
  const keys = Array.from({ length: KEYS }, (_, n) => keyOf((n * 7919) % KEYS))
  return {
    count: KEYS,
    run: () => {
      for (let n = 0; n < KEYS; n++) {
        backend.setCurrentKey(keys[n] as Key)
        use(n)
      }
    },
  }
}

function newBackend(keyType: TypeDescriptor, restored: readonly Uint8Array[]): Backend {
  return new HeapKeyedStateBackend<Key>({
    keyType,
    maxParallelism: MAX_PARALLELISM,
    keyGroupRange: ALL_GROUPS,
    restored,
  })
}

function snapshotOf(backend: Backend): Uint8Array {
  const writer = new KeyedSnapshotWriter({
    keyType: backend.keyType,
    maxParallelism: MAX_PARALLELISM,
  })
  backend.snapshotInto(writer)
  return writer.finish()
}
