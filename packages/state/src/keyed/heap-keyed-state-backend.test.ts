import {
  keyGroupOf,
  keyGroupRangeFor,
  MillraceError,
  subtaskForKeyGroup,
  Types,
} from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'
import { HeapKeyedStateBackend } from './heap-keyed-state-backend.ts'

const MAX_PARALLELISM = 16

const KEYS = ['', 'a', 'b', 'a key of more than 13 characters', 'ü', 'z'.repeat(40)]

/** The states of one subtask, as an operator would hold them. */
function statesOf(backend: HeapKeyedStateBackend<string>) {
  return {
    value: backend.getValueState({ name: 'value', type: Types.string }),
    list: backend.getListState({ name: 'list', type: Types.int }),
    map: backend.getMapState({ name: 'map', keyType: Types.string, valueType: Types.double }),
    reducing: backend.getReducingState({
      name: 'reducing',
      type: Types.long,
      reduce: (left, right) => left + right,
    }),
    aggregating: backend.getAggregatingState({
      name: 'aggregating',
      aggregate: {
        accumulatorType: Types.record({ count: Types.int, sum: Types.double }),
        createAccumulator: () => ({ count: 0, sum: 0 }),
        add: (accumulator, value: number) => {
          accumulator.count++
          accumulator.sum += value
          return accumulator
        },
        getResult: ({ count, sum }) => sum / count,
        merge: (left, right) => ({ count: left.count + right.count, sum: left.sum + right.sum }),
      },
    }),
  }
}

type States = ReturnType<typeof statesOf>

/** What one key has, kept in the plainest way. */
interface ModelOfKey {
  value: string | undefined
  list: number[]
  map: Map<string, number>
  added: number[]
  aggregated: number[]
}

interface Command {
  readonly name: string
  readonly act: (states: States) => void
  readonly model: (key: ModelOfKey) => void
}

const number = fc.integer({ min: -100, max: 100 })
const text = fc.constantFrom('', 'x', 'a text of more than 13 characters')

const command: fc.Arbitrary<Command> = fc.oneof(
  text.map((value) => ({
    name: `update ${value}`,
    act: ({ value: state }: States) => state.update(value),
    model: (key: ModelOfKey) => void (key.value = value),
  })),
  fc.constant({
    name: 'update undefined',
    act: ({ value }: States) => value.update(undefined),
    model: (key: ModelOfKey) => void (key.value = undefined),
  }),
  fc.constant({
    name: 'clear the value',
    act: ({ value }: States) => value.clear(),
    model: (key: ModelOfKey) => void (key.value = undefined),
  }),
  number.map((element) => ({
    name: `list add ${element}`,
    act: ({ list }: States) => list.add(element),
    model: (key: ModelOfKey) => void key.list.push(element),
  })),
  fc.array(number, { maxLength: 3 }).map((elements) => ({
    name: `list addAll ${elements.join()}`,
    act: ({ list }: States) => list.addAll(elements),
    model: (key: ModelOfKey) => void key.list.push(...elements),
  })),
  fc.constant({
    name: 'list doubles itself',
    act: ({ list }: States) => list.addAll(list.get()),
    model: (key: ModelOfKey) => void (key.list.length < 50 && key.list.push(...key.list)),
  }),
  fc.array(number, { maxLength: 3 }).map((elements) => ({
    name: `list update ${elements.join()}`,
    act: ({ list }: States) => list.update(elements),
    model: (key: ModelOfKey) => void (key.list = [...elements]),
  })),
  fc.tuple(text, number).map(([userKey, value]) => ({
    name: `map put ${userKey} ${value}`,
    act: ({ map }: States) => map.put(userKey, value),
    model: (key: ModelOfKey) => void key.map.set(userKey, value),
  })),
  text.map((userKey) => ({
    name: `map remove ${userKey}`,
    act: ({ map }: States) => map.remove(userKey),
    model: (key: ModelOfKey) => void key.map.delete(userKey),
  })),
  fc.constant({
    name: 'map clear',
    act: ({ map }: States) => map.clear(),
    model: (key: ModelOfKey) => key.map.clear(),
  }),
  number.map((value) => ({
    name: `reduce and aggregate ${value}`,
    act: ({ reducing, aggregating }: States) => {
      reducing.add(value)
      aggregating.add(value)
    },
    model: (key: ModelOfKey) => {
      key.added.push(value)
      key.aggregated.push(value)
    },
  })),
  fc.constant({
    name: 'clear both',
    act: ({ reducing, aggregating }: States) => {
      reducing.clear()
      aggregating.clear()
    },
    model: (key: ModelOfKey) => {
      key.added = []
      key.aggregated = []
    },
  }),
)

const onKey = fc.record({
  kind: fc.constant('on-key' as const),
  key: fc.constantFrom(...KEYS),
  command,
})
const restart = fc.record({
  kind: fc.constant('restart' as const),
  parallelism: fc.constantFrom(1, 2, 3, 5),
})

describe('the heap backend', () => {
  test('when keys are worked on and the job is restarted and rescaled, then it is as one map a state', () => {
    const steps = fc.array(
      fc.oneof({ weight: 8, arbitrary: onKey }, { weight: 1, arbitrary: restart }),
      {
        maxLength: 80,
      },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const model = new Map<string, ModelOfKey>()
        let subtasks = subtasksOf([], 1)
        for (const step of all) {
          if (step.kind === 'restart') {
            subtasks = subtasksOf(
              subtasks.map(({ backend }) => snapshotOf(backend)),
              step.parallelism,
            )
          } else {
            // A list that doubles itself each time would outgrow the test.
            const isTooLong =
              step.command.name === 'list doubles itself' &&
              (model.get(step.key)?.list.length ?? 0) >= 50
            if (isTooLong) continue
            step.command.act(statesAt(subtasks, step.key))
            step.command.model(modelAt(model, step.key))
          }
          for (const key of KEYS) {
            expect(seen(statesAt(subtasks, key))).toEqual(expected(modelAt(model, key)))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('when everything was cleared, then the snapshot is that of empty states', () => {
    const [{ backend, states }] = subtasksOf([], 1) as [Subtask]
    const empty = snapshotOf(backend)
    backend.setCurrentKey('a')
    states.list.add(1)
    states.list.update([])
    states.map.put('x', 1)
    states.map.remove('x')
    states.value.update('v')
    states.value.clear()
    expect(snapshotOf(backend)).toEqual(empty)
  })

  test('when an object is changed in place and updated, then it is the stored one', () => {
    const backend = newBackend()
    const state = backend.getValueState({ name: 'count', type: Types.record({ count: Types.int }) })
    backend.setCurrentKey('a')
    const count = { count: 1 }
    state.update(count)
    count.count++
    state.update(count)
    expect(state.value()).toBe(count)
  })

  test('when there is a default value, then it stands for a missing one and is not stored', () => {
    const backend = newBackend()
    const count = backend.getValueState({ name: 'count', type: Types.int, defaultValue: 7 })
    backend.setCurrentKey('a')
    expect(count.value()).toBe(7)
    expect(backend.getValueState({ name: 'count', type: Types.int }).value()).toBeUndefined()
    count.update(count.value() + 1)
    expect(count.value()).toBe(8)
    count.clear()
    expect(count.value()).toBe(7)
  })

  test('when a map entry is replaced by an equal object, then the new one counts', () => {
    const backend = newBackend()
    const map = backend.getMapState<string, { note: string }>({ name: 'map' })
    backend.setCurrentKey('a')
    const [first, second] = [{ note: 'first' }, { note: 'first' }]
    map.put('x', first)
    map.put('x', second)
    expect(map.get('x')).toBe(second)
    expect([...map.keys()]).toEqual(['x'])
    expect([...map.values()]).toEqual([second])
  })

  test('when a map entry holds undefined, then the key is there', () => {
    const backend = newBackend()
    const map = backend.getMapState<string, undefined>({ name: 'map' })
    backend.setCurrentKey('a')
    map.put('x', undefined)
    expect([map.contains('x'), map.isEmpty(), map.get('x')]).toEqual([true, false, undefined])
  })
})

describe('keyed access', () => {
  test('when no key is set, then it is refused and says where state may be used', () => {
    const backend = newBackend()
    const { value, list, map, reducing, aggregating } = statesOf(backend)
    const accesses = [
      () => value.value(),
      () => value.update('x'),
      () => list.add(1),
      () => map.put('x', 1),
      () => map.isEmpty(),
      () => reducing.add(1),
      () => aggregating.get(),
      () => backend.currentKeyGroup,
    ]
    for (const access of accesses) expectError(access, 'STATE_ACCESS_INVALID', /processElement/)
    backend.setCurrentKey('a')
    value.update('x')
    expect([backend.currentKey, backend.currentKeyGroup]).toEqual([
      'a',
      keyGroupOf('a', MAX_PARALLELISM),
    ])
    backend.clearCurrentKey()
    for (const access of accesses) expectError(access, 'STATE_ACCESS_INVALID', /processElement/)
    expect(backend.currentKey).toBeUndefined()
  })

  test('when a key of another subtask comes, then that is a bug', () => {
    const backend = new HeapKeyedStateBackend<string>({
      keyType: Types.string,
      maxParallelism: MAX_PARALLELISM,
      keyGroupRange: keyGroupRangeFor(0, 2, MAX_PARALLELISM),
    })
    const state = backend.getValueState({ name: 'value', type: Types.int })
    const foreign = KEYS.find((key) => keyGroupOf(key, MAX_PARALLELISM) >= MAX_PARALLELISM / 2)
    backend.setCurrentKey(foreign!)
    expectError(() => state.update(1), 'ASSERTION_FAILED', /key group \d+ is one of 0 to 7/)
  })
})

describe('declaring a state', () => {
  test('when it is declared twice alike, then both handles are of one state', () => {
    const backend = newBackend()
    const descriptor = { name: 'value', type: Types.int }
    const [one, other] = [backend.getValueState(descriptor), backend.getValueState(descriptor)]
    backend.setCurrentKey('a')
    one.update(1)
    expect(other.value()).toBe(1)
  })

  test('when it is declared with another kind or type, then both are named', () => {
    const backend = newBackend()
    backend.getValueState({ name: 'x', type: Types.int })
    expectError(
      () => backend.getListState({ name: 'x', type: Types.int }),
      'STATE_INCOMPATIBLE',
      /value state "x" of type int.*got a list state of type array<int>/,
    )
    expectError(
      () => backend.getValueState({ name: 'x', type: Types.string }),
      'STATE_INCOMPATIBLE',
      /of type int.*of type string/,
    )
  })

  test.each(['', '$timers'])('when its name is %j, then it is refused', (name) => {
    expectError(() => newBackend().getValueState({ name }), 'STATE_ACCESS_INVALID', /state name/)
  })

  test('when no type is given, then anything can be kept', () => {
    const backend = newBackend()
    const states = {
      value: backend.getValueState<unknown>({ name: 'value' }),
      list: backend.getListState<unknown>({ name: 'list' }),
    }
    backend.setCurrentKey('a')
    states.value.update({ any: ['thing', 1, null] })
    states.list.addAll([1, 'two', { three: 3 }])
    const after = newBackend([snapshotOf(backend)])
    after.setCurrentKey('a')
    expect(after.getValueState({ name: 'value' }).value()).toEqual({ any: ['thing', 1, null] })
    expect(after.getListState({ name: 'list' }).get()).toEqual([1, 'two', { three: 3 }])
  })
})

describe('restoring', () => {
  function snapshotWithCount(): Uint8Array {
    const backend = newBackend()
    const count = backend.getValueState({ name: 'count', type: Types.int })
    for (const [index, key] of KEYS.entries()) {
      backend.setCurrentKey(key)
      count.update(index)
    }
    return snapshotOf(backend)
  }

  test('when a state is declared late, after records came, then it is restored all the same', () => {
    const backend = newBackend([snapshotWithCount()])
    backend.setCurrentKey('b')
    backend.getValueState({ name: 'other', type: Types.int }).update(1)
    expect(backend.getValueState({ name: 'count', type: Types.int }).value()).toBe(
      KEYS.indexOf('b'),
    )
  })

  test('when nobody asks for a state, then it survives any number of restarts and rescalings', () => {
    let snapshots: readonly Uint8Array[] = [snapshotWithCount()]
    for (const parallelism of [3, 2, 2, 5]) {
      snapshots = Array.from({ length: parallelism }, (_, subtaskIndex) =>
        snapshotOf(newBackend(snapshots, subtaskIndex, parallelism)),
      )
    }
    const backend = newBackend(snapshots)
    const count = backend.getValueState({ name: 'count', type: Types.int })
    for (const [index, key] of KEYS.entries()) {
      backend.setCurrentKey(key)
      expect(count.value()).toBe(index)
    }
  })

  test('when the operator keeps its own tables, then it claims them from the same snapshot', () => {
    const writer = new KeyedSnapshotWriter({
      keyType: Types.string,
      maxParallelism: MAX_PARALLELISM,
    })
    const timers = { name: '$timers', kind: 'timers', valueType: undefined }
    newBackend([snapshotWithCount()]).snapshotInto(writer)
    writer.writeTable(timers, (add) => add('a', 1000, undefined))
    const backend = newBackend([writer.finish()])
    expect(backend.restored.tables().map((table) => table.name)).toEqual(['count', '$timers'])
    const came: unknown[] = []
    backend.restored.readTable(
      '$timers',
      { ...timers, keyType: Types.string },
      (key, namespace) => {
        came.push(key, namespace)
      },
    )
    expect(came).toEqual(['a', 1000])
    expect(
      newBackend([snapshotOf(backend)])
        .restored.tables()
        .map((table) => table.name),
    ).toEqual(['count'])
  })

  test('when a state has another type in the checkpoint, then both are named', () => {
    expectError(
      () => newBackend([snapshotWithCount()]).getValueState({ name: 'count', type: Types.string }),
      'STATE_INCOMPATIBLE',
      /"count".*type string.*got int in the checkpoint/,
    )
  })

  test('when keys have another type or number of groups, then it fails at once', () => {
    const restored = [snapshotWithCount()]
    const keyGroupRange = { start: 0, end: 31 }
    expectError(
      () =>
        new HeapKeyedStateBackend({
          keyType: Types.long,
          maxParallelism: 16,
          keyGroupRange,
          restored,
        }),
      'STATE_INCOMPATIBLE',
      /key type long.*got string/,
    )
    expectError(
      () =>
        new HeapKeyedStateBackend({
          keyType: Types.string,
          maxParallelism: 32,
          keyGroupRange,
          restored,
        }),
      'STATE_INCOMPATIBLE',
      /maxParallelism 32.*got 16/,
    )
  })
})

interface Subtask {
  readonly backend: HeapKeyedStateBackend<string>
  readonly states: States
}

function subtasksOf(restored: readonly Uint8Array[], parallelism: number): readonly Subtask[] {
  return Array.from({ length: parallelism }, (_, subtaskIndex) => {
    const backend = newBackend(restored, subtaskIndex, parallelism)
    return { backend, states: statesOf(backend) }
  })
}

function newBackend(
  restored: readonly Uint8Array[] = [],
  subtaskIndex = 0,
  parallelism = 1,
): HeapKeyedStateBackend<string> {
  return new HeapKeyedStateBackend<string>({
    keyType: Types.string,
    maxParallelism: MAX_PARALLELISM,
    keyGroupRange: keyGroupRangeFor(subtaskIndex, parallelism, MAX_PARALLELISM),
    restored,
  })
}

function snapshotOf(backend: HeapKeyedStateBackend<string>): Uint8Array {
  const { keyType, maxParallelism } = backend
  const writer = new KeyedSnapshotWriter({ keyType, maxParallelism })
  backend.snapshotInto(writer)
  return writer.finish()
}

/** The states of the subtask that a key belongs to, with that key current. */
function statesAt(subtasks: readonly Subtask[], key: string): States {
  const keyGroup = keyGroupOf(key, MAX_PARALLELISM)
  const { backend, states } = subtasks[
    subtaskForKeyGroup(keyGroup, subtasks.length, MAX_PARALLELISM)
  ] as Subtask
  backend.setCurrentKey(key)
  return states
}

function modelAt(model: Map<string, ModelOfKey>, key: string): ModelOfKey {
  let ofKey = model.get(key)
  if (ofKey === undefined) {
    ofKey = { value: undefined, list: [], map: new Map(), added: [], aggregated: [] }
    model.set(key, ofKey)
  }
  return ofKey
}

function seen({ value, list, map, reducing, aggregating }: States): unknown {
  return {
    value: value.value(),
    list: [...list.get()],
    map: [...map.entries()],
    has: map.contains('x'),
    isEmpty: map.isEmpty(),
    reduced: reducing.get(),
    average: aggregating.get(),
  }
}

function expected({ value, list, map, added, aggregated }: ModelOfKey): unknown {
  const sum = (numbers: readonly number[]): number =>
    numbers.reduce((left, right) => left + right, 0)
  return {
    value,
    list,
    map: [...map],
    has: map.has('x'),
    isEmpty: map.size === 0,
    reduced: added.length === 0 ? undefined : sum(added),
    average: aggregated.length === 0 ? undefined : sum(aggregated) / aggregated.length,
  }
}

function expectError(act: () => unknown, code: string, message: RegExp): void {
  let error: unknown
  try {
    act()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(MillraceError)
  expect((error as MillraceError).code).toBe(code)
  expect((error as MillraceError).message).toMatch(message)
}
