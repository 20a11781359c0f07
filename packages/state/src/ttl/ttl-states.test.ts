import { MillraceError, type StateTtl, Types } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeapKeyedStateBackend } from '../keyed/heap-keyed-state-backend.ts'
import { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'

const MAX_PARALLELISM = 8
const ALL = { start: 0, end: MAX_PARALLELISM - 1 }
const LIFE_MS = 10

class TestClock {
  nowMs = 1000
}

function backendOf(
  clock: TestClock,
  restored: readonly Uint8Array[] = [],
): HeapKeyedStateBackend<string> {
  return new HeapKeyedStateBackend<string>({
    keyType: Types.string,
    maxParallelism: MAX_PARALLELISM,
    keyGroupRange: ALL,
    restored,
    now: () => clock.nowMs,
  })
}

function snapshotOf(backend: HeapKeyedStateBackend<string>): Uint8Array {
  const writer = new KeyedSnapshotWriter({ keyType: Types.string, maxParallelism: MAX_PARALLELISM })
  backend.snapshotInto(writer)
  return writer.finish()
}

/** The entries that a snapshot holds of a table. */
function written(snapshot: Uint8Array, name: string): Map<unknown, unknown> {
  const entries = new Map<unknown, unknown>()
  const table = new KeyedSnapshotReader([snapshot], ALL)
    .unclaimedTables()
    .find((each) => each.name === name)
  table?.forEachEntry((key, _namespace, value) => entries.set(key, value))
  return entries
}

function statesOf(backend: HeapKeyedStateBackend<string>, ttl: StateTtl) {
  return {
    value: backend.getValueState({ name: 'value', type: Types.string, ttl }),
    list: backend.getListState({ name: 'list', type: Types.int, ttl }),
    map: backend.getMapState({ name: 'map', keyType: Types.string, valueType: Types.int, ttl }),
    reducing: backend.getReducingState({
      name: 'reducing',
      type: Types.int,
      reduce: (left, right) => left + right,
      ttl,
    }),
    aggregating: backend.getAggregatingState({
      name: 'aggregating',
      aggregate: {
        accumulatorType: Types.record({ texts: Types.array(Types.string) }),
        createAccumulator: () => ({ texts: [] as string[] }),
        add: (accumulator, text: string) => {
          accumulator.texts.push(text)
          return accumulator
        },
        getResult: ({ texts }) => texts.join(),
        merge: (left) => left,
      },
      ttl,
    }),
  }
}

type States = ReturnType<typeof statesOf>

interface Timed<T> {
  readonly value: T
  at: number
}

/** What one key has, kept in the plainest way: times beside values, and nothing is ever removed because it is old. */
class ModelOfKey {
  value: Timed<string> | undefined
  list: Timed<number>[] = []
  map = new Map<string, Timed<number>>()
  sum: Timed<number> | undefined
  texts: Timed<string> | undefined
  readonly #isLive: (timed: Timed<unknown>) => boolean
  readonly #touch: (timed: Timed<unknown>) => void

  constructor(clock: ModelClock, updatesOnRead: boolean) {
    this.#isLive = ({ at }) => at + LIFE_MS > clock.now()
    this.#touch = (timed) => {
      if (updatesOnRead) timed.at = clock.now()
    }
  }

  read<T>(timed: Timed<T> | undefined): T | undefined {
    if (timed === undefined || !this.#isLive(timed)) return undefined
    this.#touch(timed)
    return timed.value
  }

  live<T>(timed: Timed<T> | undefined): T | undefined {
    return timed !== undefined && this.#isLive(timed) ? timed.value : undefined
  }

  readAll<T>(all: Iterable<Timed<T>>): T[] {
    return [...all].filter(this.#isLive).map((timed) => {
      this.#touch(timed)
      return timed.value
    })
  }
}

/** Never goes back. */
class ModelClock {
  readonly #clock: TestClock
  #latest = 0

  constructor(clock: TestClock) {
    this.#clock = clock
    // States look at the clock when they are declared.
    this.now()
  }

  now(): number {
    this.#latest = Math.max(this.#latest, this.#clock.nowMs)
    return this.#latest
  }
}

interface Step {
  readonly name: string
  readonly run: (states: States, model: ModelOfKey, now: number) => [unknown, unknown]
}

const nothing: [unknown, unknown] = [0, 0]
const text = fc.constantFrom('x', 'y', 'a text of more than 13 characters')
const number = fc.integer({ min: -9, max: 9 })

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step[]>(
    { name: 'value()', run: (s, m) => [s.value.value(), m.read(m.value)] },
    { name: 'list.get', run: (s, m) => [s.list.get(), m.readAll(m.list)] },
    { name: 'map.values', run: (s, m) => [[...s.map.values()], m.readAll(m.map.values())] },
    {
      name: 'map.isEmpty',
      run: (s, m) => [
        s.map.isEmpty(),
        [...m.map.values()].every((timed) => m.live(timed) === undefined),
      ],
    },
    { name: 'reducing.get', run: (s, m) => [s.reducing.get(), m.read(m.sum)] },
    { name: 'aggregating.get', run: (s, m) => [s.aggregating.get(), m.read(m.texts)] },
    {
      name: 'clear all',
      run: (s, m) => {
        for (const state of Object.values(s)) state.clear()
        m.value = m.sum = m.texts = undefined
        m.list = []
        m.map.clear()
        return nothing
      },
    },
  ),
  text.map((key) => ({
    name: `map.get ${key}`,
    run: (s: States, m: ModelOfKey): [unknown, unknown] => [s.map.get(key), m.read(m.map.get(key))],
  })),
  text.map((key) => ({
    name: `map.contains ${key}`,
    run: (s: States, m: ModelOfKey): [unknown, unknown] => [
      s.map.contains(key),
      m.read(m.map.get(key)) !== undefined,
    ],
  })),
  text.map((key) => ({
    name: `map.remove ${key}`,
    run: (s: States, m: ModelOfKey): [unknown, unknown] => {
      s.map.remove(key)
      m.map.delete(key)
      return nothing
    },
  })),
  fc.tuple(text, number).map(([key, value]) => ({
    name: `map.put ${key} ${value}`,
    run: (s: States, m: ModelOfKey, now: number): [unknown, unknown] => {
      s.map.put(key, value)
      // An entry that was removed as expired goes to the end of the order.
      if (m.live(m.map.get(key)) === undefined) m.map.delete(key)
      m.map.set(key, { value, at: now })
      return nothing
    },
  })),
  text.map((value) => ({
    name: `write ${value}`,
    run: (s: States, m: ModelOfKey, now: number): [unknown, unknown] => {
      s.value.update(value)
      m.value = { value, at: now }
      s.aggregating.add(value)
      const before = m.live(m.texts)
      m.texts = { value: before === undefined ? value : `${before},${value}`, at: now }
      return nothing
    },
  })),
  number.map((value) => ({
    name: `add ${value}`,
    run: (s: States, m: ModelOfKey, now: number): [unknown, unknown] => {
      s.list.add(value)
      m.list.push({ value, at: now })
      s.reducing.add(value)
      m.sum = { value: (m.live(m.sum) ?? 0) + value, at: now }
      return nothing
    },
  })),
  fc.array(number, { maxLength: 3 }).map((values) => ({
    name: `list.update ${values.join()}`,
    run: (s: States, m: ModelOfKey, now: number): [unknown, unknown] => {
      s.list.update(values)
      m.list = values.map((value) => ({ value, at: now }))
      return nothing
    },
  })),
)

const event = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      key: fc.constantFrom('a', 'b', 'c'),
      step,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      byMs: fc.integer({ min: -8, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)

describe('state with a time to live', () => {
  test('when time passes, jumps back, and the job restarts, then it is as values with times beside them', () => {
    const settings = fc.record({
      update: fc.constantFrom('on-create-and-write' as const, 'on-read-and-write' as const),
      cleanup: fc.record({
        fullSnapshot: fc.boolean(),
        incremental: fc.constantFrom(
          false as const,
          {},
          { entriesPerAccess: 1 },
          { entriesPerAccess: 3, runForEveryRecord: true },
        ),
      }),
    })
    fc.assert(
      fc.property(settings, fc.array(event, { maxLength: 60, size: 'max' }), (options, events) => {
        const clock = new TestClock()
        const modelClock = new ModelClock(clock)
        const ttl: StateTtl = { duration: LIFE_MS, ...options }
        const updatesOnRead = options.update === 'on-read-and-write'
        const models = new Map<string, ModelOfKey>()
        let backend = backendOf(clock)
        let states = statesOf(backend, ttl)
        for (const each of events) {
          if (each.kind === 'time') {
            clock.nowMs += each.byMs
            // Both clocks see every time, so that both know how far it went.
            modelClock.now()
            backend.setCurrentKey('nobody')
            states.value.value()
          } else if (each.kind === 'restart') {
            clock.nowMs = modelClock.now()
            backend = backendOf(clock, [snapshotOf(backend)])
            states = statesOf(backend, ttl)
          } else {
            const model = models.get(each.key) ?? new ModelOfKey(modelClock, updatesOnRead)
            models.set(each.key, model)
            backend.setCurrentKey(each.key)
            const [came, expected] = each.step.run(states, model, modelClock.now())
            expect(came, each.step.name).toEqual(expected)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('when a value is as old as its duration, then it has expired, and not a moment before', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const { value } = statesOf(backend, { duration: LIFE_MS })
    backend.setCurrentKey('a')
    value.update('x')
    clock.nowMs += LIFE_MS - 1
    expect(value.value()).toBe('x')
    clock.nowMs += 1
    expect(value.value()).toBeUndefined()
  })

  test('when the clock goes back, then what had expired stays so, and what is written lives its whole life', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const { value } = statesOf(backend, { duration: LIFE_MS, cleanup: { incremental: false } })
    backend.setCurrentKey('a')
    value.update('x')
    clock.nowMs += LIFE_MS
    backend.setCurrentKey('b')
    value.update('y')
    clock.nowMs -= LIFE_MS
    backend.setCurrentKey('a')
    expect(value.value()).toBeUndefined()
    backend.setCurrentKey('b')
    value.update('z')
    clock.nowMs += LIFE_MS + LIFE_MS - 1
    expect(value.value()).toBe('z')
  })

  test('when expired state may be seen, then it is answered once, and folded into', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const { value, list, map, reducing } = statesOf(backend, {
      duration: LIFE_MS,
      visibility: 'return-expired-if-not-cleaned-up',
      cleanup: { incremental: false },
    })
    backend.setCurrentKey('a')
    value.update('x')
    list.addAll([1, 2])
    map.put('k', 1)
    reducing.add(5)
    clock.nowMs += LIFE_MS
    list.add(3)
    expect(value.value()).toBe('x')
    expect(value.value()).toBeUndefined()
    expect(list.get()).toEqual([1, 2, 3])
    expect(list.get()).toEqual([3])
    expect([map.isEmpty(), map.contains('k'), map.get('k')]).toEqual([false, true, 1])
    expect([map.isEmpty(), map.contains('k'), map.get('k')]).toEqual([true, false, undefined])
    reducing.add(1)
    expect(reducing.get()).toBe(6)
  })

  test('when there is a default value, then it stands for an expired one', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const ttl = { duration: LIFE_MS }
    const value = backend.getValueState({ name: 'x', type: Types.int, defaultValue: 7, ttl })
    backend.setCurrentKey('a')
    value.update(1)
    clock.nowMs += LIFE_MS
    expect(value.value()).toBe(7)
  })
})

describe('cleaning up', () => {
  test('when other keys are used, then expired ones are removed although nobody asks for them', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const { value, list, map } = statesOf(backend, { duration: LIFE_MS })
    for (let index = 0; index < 1000; index++) {
      backend.setCurrentKey(`key ${index}`)
      value.update('x')
      list.add(1)
      map.put('k', 1)
    }
    clock.nowMs += LIFE_MS
    backend.setCurrentKey('other')
    for (let index = 0; index < 300; index++) {
      value.update('y')
      list.update([2])
      map.put('k', 2)
    }
    const snapshot = snapshotOf(backend)
    for (const name of ['value', 'list', 'map']) {
      expect([...written(snapshot, name).keys()]).toEqual(['other'])
    }
  })

  test('when the sweep runs for every record, then it needs no access of the state', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const cleanup = { incremental: { entriesPerAccess: 1, runForEveryRecord: true } }
    const { value } = statesOf(backend, { duration: LIFE_MS, cleanup })
    for (let index = 0; index < 50; index++) {
      backend.setCurrentKey(`key ${index}`)
      value.update('x')
    }
    clock.nowMs += LIFE_MS
    for (let index = 0; index < 200; index++) backend.setCurrentKey('other')
    expect(written(snapshotOf(backend), 'value').size).toBe(0)
  })

  test('when it is switched off, then expired state stays until somebody finds it', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const { value } = statesOf(backend, {
      duration: LIFE_MS,
      cleanup: { incremental: false },
    })
    backend.setCurrentKey('a')
    value.update('x')
    clock.nowMs += LIFE_MS
    backend.setCurrentKey('b')
    for (let index = 0; index < 100; index++) value.update('y')
    const keys = written(snapshotOf(backend), 'value').keys()
    expect(new Set(keys)).toEqual(new Set(['a', 'b']))
  })

  test('when snapshots are full, then what has expired is left out of them, and the state itself is not changed', () => {
    const clock = new TestClock()
    const backend = backendOf(clock)
    const { value, list, map } = statesOf(backend, {
      duration: LIFE_MS,
      visibility: 'return-expired-if-not-cleaned-up',
      cleanup: { fullSnapshot: true, incremental: false },
    })
    backend.setCurrentKey('a')
    value.update('x')
    list.add(1)
    map.put('old', 1)
    clock.nowMs += LIFE_MS
    list.add(2)
    map.put('new', 2)
    const snapshot = snapshotOf(backend)
    expect(written(snapshot, 'value').size).toBe(0)
    expect(written(snapshot, 'list').get('a')).toEqual([{ value: 2, accessedAt: 1010 }])
    expect([...(written(snapshot, 'map').get('a') as Map<string, unknown>).keys()]).toEqual(['new'])
    expect([value.value(), list.get(), [...map.keys()]]).toEqual(['x', [1, 2], ['old', 'new']])
  })
})

describe('options of a time to live', () => {
  test.each([
    [{ duration: 0 }, 'OPTION_INVALID'],
    [{ duration: 'soon' }, 'DURATION_INVALID'],
    [{ duration: 1, updates: 'on-read-and-write' }, 'OPTION_UNKNOWN'],
    [{ duration: 1, update: 'never' }, 'OPTION_INVALID'],
    [{ duration: 1, visibility: 'always' }, 'OPTION_INVALID'],
    [{ duration: 1, cleanup: { incremental: { entriesPerAccess: 0 } } }, 'OPTION_INVALID'],
    [{ duration: 1, cleanup: { incremental: { perRecord: true } } }, 'OPTION_UNKNOWN'],
    [{ duration: 1, cleanup: { fullSnapshot: 'yes' } }, 'OPTION_INVALID'],
  ])('when it is %j, then it is refused with %s', (ttl, code) => {
    const declare = (): unknown =>
      backendOf(new TestClock()).getValueState({ name: 'x', ttl: ttl as StateTtl })
    expect(declare).toThrow(MillraceError)
    expect(declare).toThrow(new RegExp(`^${code}`))
  })

  test('when a state is declared again with another time to live, then both are named', () => {
    const backend = backendOf(new TestClock())
    backend.getValueState({ name: 'x', type: Types.int, ttl: { duration: 5 } })
    backend.getValueState({ name: 'x', type: Types.int, ttl: { duration: '5 ms' } })
    expect(() => backend.getValueState({ name: 'x', type: Types.int })).toThrow(
      /STATE_INCOMPATIBLE.*"durationMs":5/,
    )
  })
})
