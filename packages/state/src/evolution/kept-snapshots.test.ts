// Snapshots that the first version wrote, kept in the repository: read with the types of then and with types of today.
// scripts/write-state-test-data.ts wrote them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  migrateFrom,
  MillraceError,
  type StateTtl,
  type TypeDescriptor,
  type TypeInfo,
  Types,
} from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { HeapKeyedStateBackend } from '../keyed/heap-keyed-state-backend.ts'
import { OperatorStateBackend } from '../operator-state/operator-state-backend.ts'
import { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'

const FOLDER = join(import.meta.dirname, '../../test-data/v1')
const MAX_PARALLELISM = 128
const ALL = { start: 0, end: MAX_PARALLELISM - 1 }

const Stop = Types.record({ airport: Types.string, minutes: Types.int })
const Flight = Types.record({
  id: Types.int,
  origin: Types.string,
  stops: Types.array(Stop),
  gate: Types.nullable(Types.string),
})
const add = (left: number, right: number): number => left + right

function kept(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, name)))
}

function backendOf(
  keyType: TypeDescriptor = Types.int,
  restored: readonly Uint8Array[] = [kept('keyed.snapshot')],
): HeapKeyedStateBackend<number> {
  const backend = new HeapKeyedStateBackend<number>({
    keyType,
    maxParallelism: MAX_PARALLELISM,
    keyGroupRange: ALL,
    restored,
    now: () => 5000,
  })
  backend.setCurrentKey(5)
  return backend
}

function snapshotOf(backend: HeapKeyedStateBackend<number>): Uint8Array {
  const writer = new KeyedSnapshotWriter({
    keyType: backend.keyType,
    maxParallelism: MAX_PARALLELISM,
  })
  backend.snapshotInto(writer)
  return writer.finish()
}

function aggregateOf<ACC extends { sum: number }>(
  accumulatorType: TypeInfo<ACC>,
  createAccumulator: () => ACC,
): {
  accumulatorType: TypeInfo<ACC>
  createAccumulator: () => ACC
  add: (accumulator: ACC, value: number) => ACC
  getResult: (accumulator: ACC) => ACC
  merge: (left: ACC) => ACC
} {
  return {
    accumulatorType,
    createAccumulator,
    add: (accumulator, value) => ({ ...accumulator, sum: accumulator.sum + value }),
    getResult: (accumulator) => accumulator,
    merge: (left) => left,
  }
}

describe('keyed state of version 1', () => {
  test('when the types are the same, then it is all there', () => {
    const backend = backendOf()
    expect(backend.getValueState({ name: 'value', type: Flight }).value()).toEqual({
      id: 5,
      origin: 'origin 5',
      stops: [
        { airport: 'airport 0', minutes: 0 },
        { airport: 'airport 1', minutes: 10 },
      ],
      gate: 'B7',
    })
    expect(backend.getListState({ name: 'list', type: Stop }).get()).toEqual([
      { airport: 'SFO', minutes: 5 },
      { airport: 'JFK', minutes: 6 },
    ])
    const map = backend.getMapState({ name: 'map', keyType: Types.string, valueType: Stop })
    expect([...map.entries()]).toEqual([['first', { airport: 'LAX', minutes: 5 }]])
    const sum = backend.getReducingState({ name: 'reducing', type: Types.int, reduce: add })
    expect(sum.get()).toBe(105)
    const Sum = Types.record({ count: Types.int, sum: Types.int })
    const aggregate = aggregateOf(Sum, () => ({ count: 0, sum: 0 }))
    expect(backend.getAggregatingState({ name: 'aggregating', aggregate }).get()).toEqual({
      count: 2,
      sum: 10,
    })
    expect(backend.getValueState({ name: 'untyped' }).value()).toEqual({
      id: 5,
      tags: ['a', 'b'],
      when: new Date(5),
    })
  })

  test('when all types changed, then it is converted, and what is written next is of the new types', () => {
    const Moved = Types.record({ minutes: Types.double, place: Types.nullable(Types.string) })
    const states = (backend: HeapKeyedStateBackend<number>) => ({
      value: backend.getValueState({
        name: 'value',
        type: Types.record({
          stops: Types.array(
            Types.record({ minutes: Types.long, isOpen: Types.boolean, airport: Types.string }),
          ),
          gate: Types.nullable(Types.string),
          tail: Types.nullable(Types.string),
          id: Types.long,
        }),
        fieldDefaults: { 'stops[].isOpen': true },
      }),
      list: backend.getListState({
        name: 'list',
        type: Moved,
        migrate: migrateFrom(Stop, ({ airport, minutes }) => ({ minutes, place: airport })),
      }),
      map: backend.getMapState({
        name: 'map',
        keyType: Types.any<string>(),
        valueType: Types.nullable(Types.record({ airport: Types.string, gate: Types.string })),
        fieldDefaults: { gate: 'none' },
      }),
      reducing: backend.getReducingState({ name: 'reducing', type: Types.double, reduce: add }),
      aggregating: backend.getAggregatingState({
        name: 'aggregating',
        aggregate: aggregateOf(Types.record({ sum: Types.double, count: Types.long }), () => ({
          sum: 0,
          count: 0,
        })),
      }),
      untyped: backend.getValueState({
        name: 'untyped',
        type: Types.record({ id: Types.long, when: Types.date }),
      }),
    })
    const seen = (backend: HeapKeyedStateBackend<number>): unknown => {
      const { value, list, map, reducing, aggregating, untyped } = states(backend)
      return [
        value.value(),
        list.get(),
        [...map.entries()],
        reducing.get(),
        aggregating.get(),
        untyped.value(),
      ]
    }
    const expected = [
      {
        stops: [
          { minutes: 0, isOpen: true, airport: 'airport 0' },
          { minutes: 10, isOpen: true, airport: 'airport 1' },
        ],
        gate: 'B7',
        tail: null,
        id: 5,
      },
      [
        { minutes: 5, place: 'SFO' },
        { minutes: 6, place: 'JFK' },
      ],
      [['first', { airport: 'LAX', gate: 'none' }]],
      105,
      { sum: 10, count: 2 },
      { id: 5, when: new Date(5) },
    ]
    const backend = backendOf(Types.double)
    expect(seen(backend)).toEqual(expected)
    expect(seen(backendOf(Types.double, [snapshotOf(backend)]))).toEqual(expected)
  })

  test('when keys are widened, then state that nobody asks for is written under the new type', () => {
    const after = backendOf(Types.long, [snapshotOf(backendOf(Types.long))])
    expect(after.getValueState({ name: 'value', type: Flight }).value()).toMatchObject({ id: 5 })
    expect(() => backendOf(Types.string)).toThrow(/STATE_INCOMPATIBLE.*key type.*int.*widened/)
  })

  test('when typed state becomes untyped, then it can become typed again', () => {
    const backend = backendOf()
    expect(backend.getValueState({ name: 'value' }).value()).toMatchObject({ gate: 'B7' })
    const after = backendOf(Types.int, [snapshotOf(backend)])
    expect(after.getValueState({ name: 'value', type: Flight }).value()).toMatchObject({ id: 5 })
  })

  test('when a time to live comes or goes, then the state stays', () => {
    const ttl: StateTtl = { duration: 1000 }
    const read = (backend: HeapKeyedStateBackend<number>, isTimed: boolean): unknown => {
      const life = isTimed ? { ttl } : {}
      return [
        backend.getValueState({ name: 'value', type: Flight, ...life }).value()?.id,
        backend.getListState({ name: 'list', type: Stop, ...life }).get().length,
        backend
          .getMapState({ name: 'map', keyType: Types.string, valueType: Stop, ...life })
          .get('first')?.airport,
        backend
          .getReducingState({ name: 'reducing', type: Types.long, reduce: add, ...life })
          .get(),
      ]
    }
    const timed = backendOf()
    expect(read(timed, true)).toEqual([5, 2, 'LAX', 105])
    const stillTimed = backendOf(Types.int, [snapshotOf(timed)])
    expect(read(stillTimed, true)).toEqual([5, 2, 'LAX', 105])
    const untimed = backendOf(Types.int, [snapshotOf(stillTimed)])
    expect(read(untimed, false)).toEqual([5, 2, 'LAX', 105])
  })

  test('when a field cannot follow, then the message names state, field and remedy', () => {
    const changed = Types.record({
      id: Types.int,
      stops: Types.array(Types.record({ airport: Types.int })),
    })
    const error = failureOf(() => backendOf().getValueState({ name: 'value', type: changed }))
    expect(error.code).toBe('STATE_INCOMPATIBLE')
    expect(error.message).toMatch(
      /"value".*"stops\[\]\.airport": string cannot become int.*migrate/,
    )
  })

  test('when an untyped value does not fit, then the message names the field', () => {
    const type = Types.record({ id: Types.string })
    const error = failureOf(() => backendOf().getValueState({ name: 'untyped', type }))
    expect(error.code).toBe('STATE_INCOMPATIBLE')
    expect(error.message).toMatch(/"untyped".*field "id": expected string/)
  })

  test('when a migration throws, then the message names the state', () => {
    const broken = migrateFrom(Stop, (): string => {
      throw new Error('cannot do that')
    })
    const error = failureOf(() =>
      backendOf().getListState({ name: 'list', type: Types.string, migrate: broken }),
    )
    expect(error).toMatchObject({ code: 'FUNCTION_FAILED', isRetryable: false })
    expect(error.message).toMatch(/"list".*cannot do that/)
  })

  test('when a migration or an option is none, then it is refused', () => {
    const noFunction = { name: 'list', migrate: { from: Stop } } as never
    expect(failureOf(() => backendOf().getListState(noFunction)).code).toBe('OPTION_INVALID')
    const misspelt = { name: 'list', migrates: [] } as never
    expect(failureOf(() => backendOf().getListState(misspelt)).message).toMatch(/"migrate"/)
  })
})

describe('timers of version 1', () => {
  test.each([Types.int, Types.long, Types.double, Types.any()])(
    'when keys are of type %j, then they are there',
    (keyType) => {
      const reader = new KeyedSnapshotReader([kept('timers.snapshot')], ALL)
      const timers: unknown[] = []
      const table = { kind: 'timers', keyType, valueType: undefined }
      reader.readTable('$timers.event-time', table, (key, time) => timers.push([key, time]))
      expect(timers).toHaveLength(10)
      expect(timers).toContainEqual([5, 1005])
    },
  )
})

describe('operator state of version 1', () => {
  const Position = Types.record({ file: Types.string, offset: Types.int })

  function operatorBackend(restored = kept('operator.snapshot')): OperatorStateBackend {
    return new OperatorStateBackend({ subtaskIndex: 0, parallelism: 1, restored: [restored] })
  }

  test('when the types are the same, then it is all there', () => {
    const backend = operatorBackend()
    expect(backend.getListState({ name: 'split', type: Position }).get()).toEqual([
      { file: 'a', offset: 1 },
      { file: 'b', offset: 2 },
    ])
    expect(backend.getUnionListState({ name: 'union', type: Types.int }).get()).toEqual([1, 2, 3])
    const rules = { name: 'broadcast', keyType: Types.string, valueType: Position }
    expect(backend.getBroadcastState(rules).get('rule')).toEqual({ file: 'c', offset: 3 })
  })

  test('when the types changed, then it is converted, and what is written next is of the new types', () => {
    const Wide = Types.record({ offset: Types.long, size: Types.nullable(Types.long) })
    const read = (backend: OperatorStateBackend): unknown => [
      backend.getListState({ name: 'split', type: Wide }).get(),
      backend.getUnionListState({ name: 'union', type: Types.double }).get(),
      [
        ...backend
          .getBroadcastState({
            name: 'broadcast',
            keyType: Types.any<string>(),
            valueType: Types.string,
            migrate: migrateFrom(Position, ({ file, offset }) => `${file}@${offset}`),
          })
          .entries(),
      ],
    ]
    const expected = [
      [
        { offset: 1, size: null },
        { offset: 2, size: null },
      ],
      [1, 2, 3],
      [['rule', 'c@3']],
    ]
    const backend = operatorBackend()
    expect(read(backend)).toEqual(expected)
    expect(read(operatorBackend(backend.snapshot()))).toEqual(expected)
  })

  test('when a type cannot follow, then the message names the state', () => {
    const error = failureOf(() =>
      operatorBackend().getListState({ name: 'split', type: Types.string }),
    )
    expect(error.code).toBe('STATE_INCOMPATIBLE')
    expect(error.message).toMatch(/"split".*cannot become string/)
  })

  test('when a time to live is asked for, then it is refused', () => {
    const timed = { name: 'split', type: Position, ttl: { duration: 1 } }
    expect(failureOf(() => operatorBackend().getListState(timed)).code).toBe('OPTION_UNKNOWN')
  })
})

function failureOf(act: () => unknown): MillraceError {
  try {
    act()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
