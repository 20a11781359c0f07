import {
  keyGroupOf,
  keyGroupRangeFor,
  MAX_PARALLELISM_LIMIT,
  subtaskForKeyGroup,
  type TypeDescriptor,
  Types,
} from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OperatorStateBackend } from '../operator-state/operator-state-backend.ts'
import { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'
import { HeapKeyedStateBackend } from './heap-keyed-state-backend.ts'

type AnyKey = string | number

/** Keyed states of all kinds, with and without a time to live, and a table of the operator's own. */
class Subtask {
  readonly backend: HeapKeyedStateBackend<AnyKey>
  readonly ownTable = new Map<AnyKey, number>()
  readonly add: (value: number) => void
  readonly seen: () => unknown

  constructor(
    keyType: TypeDescriptor,
    maxParallelism: number,
    subtaskIndex: number,
    parallelism: number,
    restored: readonly Uint8Array[],
  ) {
    const keyGroupRange = keyGroupRangeFor(subtaskIndex, parallelism, maxParallelism)
    this.backend = new HeapKeyedStateBackend<AnyKey>({
      keyType,
      maxParallelism,
      keyGroupRange,
      restored,
      now: () => 0,
    })
    this.backend.restored.readTable('$own', { ...OWN, keyType }, (key, namespace) => {
      this.ownTable.set(key as AnyKey, namespace)
    })
    const { backend } = this
    const value = backend.getValueState({ name: 'value', type: Types.int })
    const list = backend.getListState({ name: 'list', type: Types.int })
    const map = backend.getMapState({ name: 'map', keyType: Types.int, valueType: Types.string })
    const sum = (left: number, right: number): number => left + right
    const reducing = backend.getReducingState({ name: 'reducing', type: Types.long, reduce: sum })
    const aggregating = backend.getAggregatingState({
      name: 'aggregating',
      aggregate: {
        accumulatorType: Types.record({ sum: Types.double }),
        createAccumulator: () => ({ sum: 0 }),
        add: (accumulator, added: number) => {
          accumulator.sum += added
          return accumulator
        },
        getResult: (accumulator) => accumulator.sum,
        merge: (left) => left,
      },
    })
    const timed = backend.getListState({ name: 'timed', type: Types.int, ttl: { duration: 1 } })
    this.add = (added) => {
      value.update(added)
      list.add(added)
      map.put(added, `text ${added}`)
      reducing.add(added)
      aggregating.add(added)
      timed.add(added)
    }
    this.seen = () => [
      value.value(),
      list.get(),
      [...map.entries()],
      reducing.get(),
      aggregating.get(),
      timed.get(),
    ]
  }

  snapshot(): Uint8Array {
    const { keyType, maxParallelism } = this.backend
    const writer = new KeyedSnapshotWriter({ keyType, maxParallelism })
    this.backend.snapshotInto(writer)
    writer.writeTable(OWN, (add) => {
      for (const [key, namespace] of this.ownTable) add(key, namespace, undefined)
    })
    return writer.finish()
  }
}

const OWN = { name: '$own', kind: 'timers', valueType: undefined }

/** The whole range now and then: its few runs take the most time. */
const maxParallelisms = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(4096, MAX_PARALLELISM_LIMIT) },
)

const keysOfType: readonly [TypeDescriptor, fc.Arbitrary<AnyKey>][] = [
  [Types.string, fc.string({ maxLength: 20 })],
  [Types.int, fc.integer()],
  [Types.double, fc.double({ noNaN: true, noDefaultInfinity: true })],
  [Types.any(), fc.oneof(fc.string({ maxLength: 3 }), fc.integer())],
]

describe('state of a rescaled job', () => {
  test.each(keysOfType)(
    'when keys are of type %j and the job is rescaled again and again, then each key keeps all its state',
    (keyType, key) => {
      const run = fc.record({
        maxParallelism: maxParallelisms,
        rounds: fc.array(
          fc.record({
            parallelism: fc.integer({ min: 1, max: 9 }),
            added: fc.array(fc.tuple(key, fc.integer({ min: 0, max: 9 })), {
              maxLength: 12,
              size: 'max',
            }),
          }),
          { maxLength: 5, size: 'max' },
        ),
      })
      fc.assert(
        fc.property(run, ({ maxParallelism, rounds }) => {
          const model = new Map<AnyKey, number[]>()
          let snapshots: readonly Uint8Array[] = []
          for (const { parallelism: wanted, added } of rounds) {
            const parallelism = Math.min(wanted, maxParallelism)
            const subtasks = Array.from(
              { length: parallelism },
              (_, index) => new Subtask(keyType, maxParallelism, index, parallelism, snapshots),
            )
            const subtaskAt = (each: AnyKey): Subtask => {
              const group = keyGroupOf(each, maxParallelism)
              const subtask = subtasks[subtaskForKeyGroup(group, parallelism, maxParallelism)]
              subtask?.backend.setCurrentKey(each)
              return subtask as Subtask
            }
            for (const [each, value] of added) {
              subtaskAt(each).add(value)
              subtaskAt(each).ownTable.set(each, value)
              model.set(each, [...(model.get(each) ?? []), value])
            }
            for (const [each, values] of model) {
              expect(subtaskAt(each).seen()).toEqual(expectedOf(values))
              expect(subtaskAt(each).ownTable.get(each)).toBe(values.at(-1))
            }
            snapshots = subtasks.map((subtask) => subtask.snapshot())
          }
          const held = snapshots.flatMap((snapshot) => keysIn(snapshot, maxParallelism))
          expect(held).toHaveLength(rounds.length === 0 ? 0 : model.size)
        }),
        { numRuns: 40 },
      )
    },
  )

  test('when operator state is rescaled again and again, then lists lose and double nothing', () => {
    const rounds = fc.array(
      fc.record({
        parallelism: fc.integer({ min: 1, max: 7 }),
        added: fc.array(fc.nat(6), { maxLength: 10 }),
      }),
      { minLength: 1, maxLength: 6, size: 'max' },
    )
    fc.assert(
      fc.property(rounds, (all) => {
        let snapshots: readonly Uint8Array[] = []
        let next = 0
        let expectedUnion: readonly number[] = []
        for (const { parallelism, added } of all) {
          const subtasks = Array.from({ length: parallelism }, (_, subtaskIndex) => {
            const backend = new OperatorStateBackend({
              subtaskIndex,
              parallelism,
              restored: snapshots,
            })
            return {
              backend,
              split: backend.getListState({ name: 'split', type: Types.int }),
              union: backend.getUnionListState({ name: 'union', type: Types.int }),
              rules: backend.getBroadcastState({ name: 'rules', valueType: Types.int }),
            }
          })
          for (const { union, rules } of subtasks) {
            expect(union.get()).toEqual(expectedUnion)
            expect([...rules.values()]).toEqual(next === 0 ? [] : [next])
          }
          const numbers = subtasks.flatMap(({ split }) => split.get()).toSorted((a, b) => a - b)
          expect(numbers).toEqual(Array.from({ length: next }, (_, index) => index))
          for (const at of added) subtasks[at % parallelism]?.split.add(next++)
          for (const [index, { union, rules }] of subtasks.entries()) {
            union.update([index])
            rules.put('next', next)
            if (next === 0) rules.clear()
          }
          expectedUnion = subtasks.map((_, index) => index)
          snapshots = subtasks.map(({ backend }) => backend.snapshot())
        }
      }),
      { numRuns: 100 },
    )
  })
})

function expectedOf(values: readonly number[]): unknown {
  const sum = values.reduce((left, right) => left + right)
  return [
    values.at(-1),
    values,
    [...new Set(values)].map((value) => [value, `text ${value}`]),
    sum,
    sum,
    values,
  ]
}

/** The keys that one snapshot holds of a state. */
function keysIn(snapshot: Uint8Array, maxParallelism: number): readonly unknown[] {
  const keys: unknown[] = []
  new KeyedSnapshotReader([snapshot], { start: 0, end: maxParallelism - 1 })
    .unclaimedTables()
    .find(({ name }) => name === 'value')
    ?.forEachEntry((key) => keys.push(key))
  return keys
}
