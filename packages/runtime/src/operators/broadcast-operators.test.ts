// What the two sides of a broadcast function may do: elements read broadcast state, broadcast elements change it and can reach
// the state of all keys.

import {
  type BroadcastAccess,
  type Collector,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type KeyedStateApplication,
  type ListState,
  type MapState,
  OutputTag,
  type ProcessContext,
  Types,
  type ValueState,
} from '@millrace/core'
import {
  type HarnessSnapshot,
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const rules = { name: 'rules', keyType: Types.string, valueType: Types.int }

const KINDS = [
  ['broadcast-process', {}],
  ['keyed-broadcast-process', { keySelector: (word: string) => word }],
] as const

describe.each(KINDS)('the states of %s', (kind, keyed) => {
  const open = (process: object): Promise<OperatorHarness> =>
    OperatorHarness.open({
      kind,
      config: { states: [rules] },
      functions: { ...keyed, process: () => process },
    })

  const put = (value: unknown, context: ProcessContext & BroadcastAccess): void =>
    context.getBroadcastState(rules).put('rule', value as number)

  test.each(['put', 'remove', 'clear'] as const)(
    'when an element calls %s, then it is refused, and nothing has changed',
    async (method) => {
      const harness = await open({
        processBroadcastElement: put,
        processElement: (word: string, context: BroadcastAccess, out: Collector<unknown>) => {
          const state = context.getBroadcastState(rules)
          if (word === 'change') state[method]('rule', 2)
          out.collect([
            state.get('rule'),
            state.contains('rule'),
            state.isEmpty(),
            [...state.entries()],
            [...state.keys()],
            [...state.values()],
          ])
        },
      })
      harness.processElement(1, 1, 1)
      expect(() => harness.processElement('change', 1, 0)).toThrow(
        new RegExp(`STATE_ACCESS_INVALID.*"rules".*broadcast elements only.*${method}\\(\\)`),
      )
      harness.processElement('look', 1, 0)
      expect(harness.output[0]?.value).toEqual([1, true, false, [['rule', 1]], ['rule'], [1]])
    },
  )

  test('when records go to side outputs, then both sides can, with their timestamps', async () => {
    const tag = new OutputTag<string>('seen')
    const harness = await open({
      processElement: (word: string, context: ProcessContext) =>
        context.output(tag, `${word} at ${context.timestamp}`),
      processBroadcastElement: (value: number, context: ProcessContext) =>
        context.output(tag, `rule ${value} at ${context.timestamp}, ${context.currentWatermark()}`),
    })
    harness.processElement('a', 1, 0)
    harness.processWatermark(5, 0)
    harness.processWatermark(4, 1)
    harness.processElement(9, 8, 1)
    expect(harness.sideOutput(tag)).toEqual([
      { value: 'a at 1', timestamp: 1 },
      { value: 'rule 9 at 8, 4', timestamp: 8 },
    ])
  })
})

type Action =
  | { readonly kind: 'add'; readonly key: string; readonly value: number }
  | { readonly kind: 'apply'; readonly multiple: number }

/** Keeps the values of a key; a broadcast number removes its multiples from all of them, and shows what is left. */
class Sieve {
  #values!: ListState<number>
  #size!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#values = context.getListState({ name: 'values', type: Types.int })
    this.#size = context.getValueState({ name: 'size', type: Types.int, defaultValue: 0 })
  }

  processElement([, value]: readonly [string, number]): void {
    this.#values.add(value)
    this.#size.update(this.#values.get().length)
  }

  processBroadcastElement(
    multiple: number,
    context: KeyedStateApplication<string> & KeyedProcessContext<string>,
    out: Collector<string>,
  ): void {
    context.applyToKeyedState(this.#values, (key, values) => {
      const left = values.get().filter((value) => value % multiple !== 0)
      values.update(left)
      this.#size.update(left.length)
      out.collect(`${key} ${context.currentKey} ${this.#size.value()}: ${left.join(' ')}`)
    })
  }
}

const sieve: OperatorHarnessOptions = {
  kind: 'keyed-broadcast-process',
  config: { states: [] },
  keyType: Types.string,
  functions: {
    keySelector: ([key]: readonly [string, number]) => key,
    process: () => new Sieve(),
  },
}

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ kind: fc.constant('apply' as const), multiple: fc.integer({ min: 2, max: 4 }) }),
)

/** What each broadcast number shows, by a Map. */
function sieved(actions: readonly Action[]): string[][] {
  const values = new Map<string, number[]>()
  return actions.map((each) => {
    if (each.kind === 'add') {
      values.set(each.key, [...(values.get(each.key) ?? []), each.value])
      return []
    }
    const shown: string[] = []
    for (const [key, all] of values) {
      const left = all.filter((value) => value % each.multiple !== 0)
      shown.push(`${key} ${key} ${left.length}: ${left.join(' ')}`)
      if (left.length === 0) values.delete(key)
      else values.set(key, left)
    }
    return shown.sort()
  })
}

describe('applyToKeyedState', () => {
  test('when states of all keys change and some are emptied, then it is as one map, across restarts', async () => {
    const run = fc.array(action, { maxLength: 25, size: 'max' })
    await fc.assert(
      fc.asyncProperty(run, fc.func(fc.boolean()), async (actions, restartAfter) => {
        const steps = actions.map(
          (each): HarnessStep<string> =>
            (harness) =>
              each.kind === 'add'
                ? harness.processElement([each.key, each.value], 0, 0)
                : harness.processElement(each.multiple, 0, 1),
        )
        const outputs = await runSteps<string>(sieve, steps, { restartAfter })
        expect(outputs.map(({ records }) => records.map(({ value }) => value).sort())).toEqual(
          sieved(actions),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('when the parallelism changes, then each subtask reaches its own keys', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `key ${index}`)
    const whole = await OperatorHarness.open<string>(sieve)
    for (const key of keys) whole.processElement([key, 1], 0, 0)
    const restored: HarnessSnapshot[] = [await whole.snapshot()]
    const reached: string[] = []
    for (const subtaskIndex of [0, 1, 2]) {
      const place = { subtaskIndex, parallelism: 3, restored }
      const third = await OperatorHarness.open<string>({ ...sieve, ...place })
      third.processElement(2, 0, 1)
      reached.push(...third.output.map(({ value }) => value))
    }
    expect(reached.sort()).toEqual(keys.map((key) => `${key} ${key} 1: 1`).sort())
  })

  test.each<readonly [string, (state: object) => unknown, RegExp]>([
    ['a descriptor', () => ({ name: 'map' }), /STATE_ACCESS_INVALID.*getValueState/],
    ['nothing', () => undefined, /STATE_ACCESS_INVALID/],
  ])('when it is given %s, then it asks for a handle', async (_, given, message) => {
    const harness = await openApplying((context, state) =>
      context.applyToKeyedState(given(state) as MapState<string, number>, () => {}),
    )
    expect(() => harness.processElement(1, 0, 1)).toThrow(message)
  })

  test('when the function is async or throws, then the error names the operator', async () => {
    for (const [apply, message] of [
      [() => Promise.reject(new Error('late')), /FUNCTION_RETURNED_PROMISE.*applyToKeyedState/],
      [
        () => {
          throw new Error('boom')
        },
        /FUNCTION_FAILED.*'applying'.*boom/,
      ],
    ] as const) {
      const harness = await openApplying((context, state) =>
        context.applyToKeyedState(state, apply as () => void),
      )
      harness.processElement('a', 0, 0)
      expect(() => harness.processElement(1, 0, 1)).toThrow(message)
    }
  })

  test('when a state is emptied and filled again meanwhile, then each key comes once', async () => {
    let visits = 0
    const harness = await openApplying((context, state) =>
      context.applyToKeyedState(state, (key) => {
        if (++visits > 10) throw new Error('it comes again and again')
        state.clear()
        state.put(key, 2)
      }),
    )
    for (const key of ['a', 'b']) harness.processElement(key, 0, 0)
    harness.processElement(1, 0, 1)
    expect(visits).toBe(2)
  })

  test('when it is over, then there is no key again', async () => {
    const harness = await openApplying((context, state) => {
      context.applyToKeyedState(state, () => {})
      state.get('x')
    })
    harness.processElement('a', 0, 0)
    expect(() => harness.processElement(1, 0, 1)).toThrow(/STATE_ACCESS_INVALID.*current key/)
  })
})

function openApplying(
  act: (context: KeyedStateApplication<string>, state: MapState<string, number>) => void,
): Promise<OperatorHarness> {
  let state: MapState<string, number>
  return OperatorHarness.open({
    kind: 'keyed-broadcast-process',
    name: 'applying',
    config: { states: [] },
    functions: {
      keySelector: (word: string) => word,
      process: () => ({
        open: (context: KeyedRuntimeContext) => {
          state = context.getMapState({ name: 'map' })
        },
        processElement: () => state.put('x', 1),
        processBroadcastElement: (_: unknown, context: KeyedStateApplication<string>) =>
          act(context, state),
      }),
    },
  })
}
