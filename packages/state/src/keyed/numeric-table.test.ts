import { MillraceError, type TypeDescriptor, Types } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'
import { runSteps } from '../snapshot/steps.ts'
import { CurrentKey } from './current-key.ts'
import { HeapKeyedStateBackend } from './heap-keyed-state-backend.ts'
import { KeyedTable } from './keyed-table.ts'
import { NumericMap } from './numeric-map.ts'
import { isNumericTable, NumericTable } from './numeric-table.ts'
import type { StateTable } from './state-table.ts'

describe('NumericMap', () => {
  test('when keys collide, come and go, then it is as a Map', () => {
    // Few places for many keys, so that runs wrap around and gaps are closed in them.
    const key = fc.oneof(
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: 0, max: 20 }).map((index) => index * 2 ** 32),
      fc.integer({ min: 0, max: 20 }).map((index) => index / 8),
      fc.constantFrom(-0, 0, Number.MAX_SAFE_INTEGER, 1e300, -1e-300, Number.POSITIVE_INFINITY),
    )
    const action = fc.tuple(fc.constantFrom('set', 'set', 'delete'), key, fc.double())
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 300, size: 'max' }),
        fc.nat(100),
        (actions, sizeHint) => {
          const [map, model] = [new NumericMap(sizeHint), new Map<number, number>()]
          for (const [kind, each, value] of actions) {
            if (kind === 'set') {
              map.set(each, value)
              model.set(each, value)
            } else {
              map.delete(each)
              model.delete(each)
            }
            expect(map.get(each)).toBe(model.get(each))
          }
          const entries: [number, number][] = []
          map.forEach((value, each) => entries.push([each, value]))
          expect(map.size).toBe(model.size)
          expect(new Map(entries)).toEqual(model)
          for (const [each, value] of model) expect(map.get(each)).toBe(value)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('when nothing was removed, then entries are in the order in which they came', () => {
    // In the order of their places, copying a map into another would take the square of their number.
    const [map, copy] = [new NumericMap(), new NumericMap()]
    const keys = Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_007)
    for (const key of keys) map.set(key, key / 2)
    map.forEach((value, key) => copy.set(key, value))
    const copied: number[] = []
    copy.forEach((value, key) => copied.push(value === key / 2 ? key : Number.NaN))
    expect(copied).toEqual(keys)
  })

  test('when a hundred thousand keys came and went, then it is empty and works on', () => {
    const map = new NumericMap()
    for (let key = 0; key < 100_000; key++) map.set(key * 7, key)
    for (let key = 0; key < 100_000; key++) expect(map.get(key * 7)).toBe(key)
    for (let key = 0; key < 100_000; key++) map.delete(key * 7)
    expect([map.size, map.get(7)]).toEqual([0, undefined])
    map.set(7, 1)
    expect(map.get(7)).toBe(1)
  })
})

const RANGE = { start: 0, end: 7 }
const MAX_PARALLELISM = 8

describe('a table of numbers', () => {
  test.each<[TypeDescriptor, TypeDescriptor, fc.Arbitrary<number | boolean>]>([
    [Types.int, Types.int, fc.integer()],
    [Types.long, Types.double, fc.double()],
    [Types.double, Types.long, fc.maxSafeInteger()],
    [Types.int, Types.boolean, fc.boolean()],
  ])(
    'when keys are %j and values %j, then it does and writes what the table of all types does and writes',
    (keyType, valueType, value) => {
      const key = keyType.kind === 'double' ? fc.double({ noNaN: true }) : fc.nat(40)
      const action = fc.tuple(fc.constantFrom('put', 'put', 'remove'), key, value)
      fc.assert(
        fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
          const current = new CurrentKey(MAX_PARALLELISM)
          const info = { name: 'state', kind: 'value', valueType }
          const numeric: StateTable<number | boolean> = new NumericTable(info, current, RANGE)
          const general = new KeyedTable<number | boolean>(info, current, RANGE)
          for (const [kind, each, put] of actions) {
            current.set(each)
            for (const table of [numeric, general]) {
              if (kind === 'put') table.put(put)
              else table.remove()
            }
            expect(numeric.get()).toBe(general.get())
          }
          const snapshot = snapshotOf(numeric, keyType)
          expect(entriesOf(snapshot)).toEqual(entriesOf(snapshotOf(general, keyType)))
          const restored = new NumericTable(info, current, RANGE)
          restored.restoreFrom(new KeyedSnapshotReader([snapshot], RANGE), keyType)
          expect(entriesOf(snapshotOf(restored, keyType))).toEqual(entriesOf(snapshot))
        }),
      )
    },
  )

  test('when the declared types are numbers, then the backend chooses it', () => {
    expect(isNumericTable('value', Types.int, Types.boolean)).toBe(true)
    expect(isNumericTable('reducing', Types.long, Types.double)).toBe(true)
    expect(isNumericTable('list', Types.int, Types.array(Types.int))).toBe(false)
    expect(isNumericTable('value', Types.string, Types.int)).toBe(false)
    expect(isNumericTable('value', Types.int, Types.nullable(Types.int))).toBe(false)
    expect(isNumericTable('value', Types.int, Types.record({ count: Types.int }))).toBe(false)
  })

  test('when a key or a value is no number, then it is refused by name at once', () => {
    const backend = new HeapKeyedStateBackend<number | string>({
      keyType: Types.int,
      maxParallelism: MAX_PARALLELISM,
      keyGroupRange: RANGE,
    })
    const count = backend.getValueState<unknown>({ name: 'count', type: Types.int })
    backend.setCurrentKey(1)
    expect(() => count.update('many')).toThrow(
      /TYPE_MISMATCH.*values of the state "count" to be int/,
    )
    backend.setCurrentKey('one')
    expect(() => count.update(1)).toThrow(MillraceError)
  })
})

function snapshotOf(table: StateTable<number | boolean>, keyType: TypeDescriptor): Uint8Array {
  const writer = new KeyedSnapshotWriter({ keyType, maxParallelism: MAX_PARALLELISM })
  runSteps(table.cut().writeInto(writer))
  return writer.finish()
}

function entriesOf(snapshot: Uint8Array): ReadonlyMap<unknown, unknown> {
  const entries = new Map<unknown, unknown>()
  for (const table of new KeyedSnapshotReader([snapshot], RANGE).unclaimedTables()) {
    table.forEachEntry((key, _namespace, value) => entries.set(key, value))
  }
  return entries
}
