// The five kinds of keyed state as a function uses them, against one plain Map a key: random keys, changes while a state is
// walked through, restarts and changes of the parallelism.

import {
  type AggregatingState,
  type Collector,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  keyGroupOf,
  type ListState,
  type MapState,
  type ReducingState,
  subtaskForKeyGroup,
  Types,
  type ValueState,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'

interface States {
  readonly value: ValueState<number | undefined>
  readonly list: ListState<number>
  readonly map: MapState<string, number>
  readonly reducing: ReducingState<number>
  readonly aggregating: AggregatingState<number, number>
}

/** What one key has, kept in the plainest way. */
interface Model {
  value: number | undefined
  list: number[]
  map: [string, number][]
  added: number[]
  aggregated: number[]
}

interface Command {
  readonly name: string
  readonly key: string
  readonly act: (states: States) => void
  readonly model: (model: Model) => void
}

class Using implements KeyedProcessFunction<string, Command, unknown> {
  #states!: States

  open(context: KeyedRuntimeContext): void {
    this.#states = {
      value: context.getValueState({ name: 'value', type: Types.int }),
      list: context.getListState({ name: 'list', type: Types.int }),
      map: context.getMapState({ name: 'map', keyType: Types.string, valueType: Types.int }),
      reducing: context.getReducingState({
        name: 'reducing',
        type: Types.int,
        reduce: (left, right) => Math.max(left, right),
      }),
      aggregating: context.getAggregatingState({
        name: 'aggregating',
        aggregate: {
          accumulatorType: Types.record({ count: Types.int, sum: Types.long }),
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

  processElement(
    { act }: Command,
    _context: KeyedProcessContext<string>,
    out: Collector<unknown>,
  ): void {
    const { value, list, map, reducing, aggregating } = this.#states
    act(this.#states)
    out.collect({
      value: value.value(),
      list: [...list.get()],
      map: [...map.entries()],
      isEmpty: map.isEmpty(),
      reduced: reducing.get(),
      aggregated: aggregating.get(),
    })
  }
}

function seen({ value, list, map, added, aggregated }: Model): unknown {
  const sum = aggregated.reduce((left, right) => left + right, 0)
  return {
    value,
    list,
    map,
    isEmpty: map.length === 0,
    reduced: added.length === 0 ? undefined : Math.max(...added),
    aggregated: aggregated.length === 0 ? undefined : sum / aggregated.length,
  }
}

function put(model: Model, key: string, value: number): void {
  const entry = model.map.find(([other]) => other === key)
  if (entry === undefined) model.map.push([key, value])
  else entry[1] = value
}

const number = fc.integer({ min: -9, max: 9 })
const userKey = fc.constantFrom('x', 'y', 'z')

const COMMANDS: readonly ((value: number, userKey: string) => Omit<Command, 'key'>)[] = [
  (value) => ({
    name: `update ${value}`,
    act: (states) => states.value.update(value),
    model: (model) => (model.value = value),
  }),
  () => ({
    name: 'update null',
    act: (states) => states.value.update(null as never),
    model: (model) => (model.value = undefined),
  }),
  (value) => ({
    name: `add ${value} to all`,
    act: (states) => {
      for (const state of [states.list, states.reducing, states.aggregating]) state.add(value)
    },
    model: (model) => {
      for (const list of [model.list, model.added, model.aggregated]) list.push(value)
    },
  }),
  (value) => ({
    name: `list without ${value}`,
    act: ({ list }) => list.update(list.get().filter((each) => each !== value)),
    model: (model) => (model.list = model.list.filter((each) => each !== value)),
  }),
  (value) => ({
    name: 'list addAll and update',
    act: ({ list }) => {
      list.addAll([value, value])
      list.update([...list.get()].reverse())
    },
    model: (model) => {
      model.list.push(value, value)
      model.list.reverse()
    },
  }),
  (value, key) => ({
    name: `put ${key} ${value}`,
    act: ({ map }) => map.put(key, value),
    model: (model) => put(model, key, value),
  }),
  (value) => ({
    name: `remove while walking through, what is below ${value}`,
    act: ({ map }) => {
      for (const [key, each] of map.entries()) if (each < value) map.remove(key)
    },
    model: (model) => (model.map = model.map.filter(([, each]) => each >= value)),
  }),
  (value) => ({
    name: `change while walking through, by ${value}`,
    act: ({ map }) => {
      for (const [key, each] of map.entries()) map.put(key, each + value)
    },
    model: (model) => {
      for (const entry of model.map) entry[1] += value
    },
  }),
  () => ({
    name: 'clear the map while walking through its keys',
    act: ({ map }) => {
      for (const key of map.keys()) {
        map.remove(key)
        map.clear()
      }
    },
    model: (model) => (model.map = []),
  }),
  () => ({
    name: 'clear all',
    act: (states) => {
      for (const state of Object.values(states) as { clear(): void }[]) state.clear()
    },
    model: (model) => Object.assign(model, emptyModel()),
  }),
]

function emptyModel(): Model {
  return { value: undefined, list: [], map: [], added: [], aggregated: [] }
}

const command: fc.Arbitrary<Command> = fc
  .tuple(fc.constantFrom(...COMMANDS), number, userKey, fc.constantFrom('a', 'b', 'c', 'd', 'e'))
  .map(([make, value, mapKey, key]) => ({ ...make(value, mapKey), key }))

const using: OperatorHarnessOptions = {
  kind: 'keyed-process',
  functions: { keySelector: ({ key }: Command) => key, process: () => new Using() },
  keyType: Types.string,
}

const MAX_PARALLELISM = 128

async function openAll(
  parallelism: number,
  before: readonly OperatorHarness[],
): Promise<OperatorHarness[]> {
  const restored = await Promise.all(before.map((harness) => harness.snapshot()))
  return Promise.all(
    Array.from({ length: parallelism }, (_, subtaskIndex) =>
      OperatorHarness.open({ ...using, subtaskIndex, parallelism, restored }),
    ),
  )
}

test('when all kinds of state are used, then each is as a plain one, across restarts and rescaling', async () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: command },
    { weight: 1, arbitrary: fc.record({ parallelism: fc.integer({ min: 1, max: 4 }) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const models = new Map<string, Model>()
      let subtasks = await openAll(1, [])
      for (const each of steps) {
        if ('parallelism' in each) {
          subtasks = await openAll(each.parallelism, subtasks)
          continue
        }
        const model = models.get(each.key) ?? emptyModel()
        models.set(each.key, model)
        each.model(model)
        const group = keyGroupOf(each.key, MAX_PARALLELISM)
        const subtask = subtasks[subtaskForKeyGroup(group, subtasks.length, MAX_PARALLELISM)]
        subtask?.processElement(each)
        expect(subtask?.output.pop()?.value, each.name).toEqual(seen(model))
      }
    }),
    { numRuns: 80 },
  )
})
