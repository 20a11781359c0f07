// The life of user functions, the same in every operator that runs one: the order of the calls, operator state and its
// redistribution, what functions are told of checkpoints.

import {
  type CheckpointedFunction,
  type Collector,
  type FunctionInitializationContext,
  type FunctionSnapshotContext,
  type LifeCycle,
  type ListState,
  type MapState,
  type ProcessContext,
  type ProcessFunction,
  rich,
  type RuntimeContext,
  Types,
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

/** Tells what is called, and keeps one number of operator state. */
class Telling implements LifeCycle<RuntimeContext> {
  readonly told: string[]
  #stored!: ListState<number>
  #count = 0

  constructor(told: string[]) {
    this.told = told
  }

  initializeState(context: FunctionInitializationContext): void {
    this.#stored = context.operatorStateStore.getListState({ name: 'count', type: Types.int })
    for (const count of this.#stored.get()) this.#count += count
    this.told.push(`initialize ${context.isRestored} ${context.restoredCheckpointId}`)
  }

  readonly open = (context: RuntimeContext): void => {
    this.told.push(`open ${context.attempt} ${context.jobName}`)
  }

  snapshotState({ checkpointId, checkpointTimestamp }: FunctionSnapshotContext): void {
    this.#stored.update([this.#count])
    this.told.push(`snapshot ${checkpointId} at ${checkpointTimestamp}: ${this.#count}`)
  }

  notifyCheckpointComplete(checkpointId: number): void {
    this.told.push(`complete ${checkpointId}`)
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.told.push(`aborted ${checkpointId}`)
  }

  notifyCheckpointSubsumed(checkpointId: number): void {
    this.told.push(`subsumed ${checkpointId}`)
  }

  close(): void {
    this.told.push('close')
  }

  seen(): void {
    this.#count++
  }

  // What each kind of function calls its method.
  processElement(): void {
    this.seen()
  }
  processElement1(): void {
    this.seen()
  }
  processElement2(): void {}
  processBroadcastElement(): void {}
  map(): number {
    this.seen()
    return 1
  }
  flatMap(): void {
    this.seen()
  }
  filter(): boolean {
    this.seen()
    return true
  }
  reduce(left: number): number {
    this.seen()
    return left
  }
}

type Described = (create: () => object) => OperatorHarnessOptions

const keySelector = (): string => 'key'
const states = [{ name: 'rules', keyType: Types.string, valueType: Types.int }]

/** Every operator that runs a function with a life cycle. */
const OPERATORS: readonly [kind: string, describe: Described][] = [
  ['process', (process) => ({ kind: 'process', functions: { process } })],
  ['keyed-process', (process) => ({ kind: 'keyed-process', functions: { process, keySelector } })],
  ['co-process', (process) => ({ kind: 'co-process', functions: { process } })],
  [
    'keyed-co-process',
    (process) => ({
      kind: 'keyed-co-process',
      functions: { process, keySelector1: keySelector, keySelector2: keySelector },
    }),
  ],
  [
    'broadcast-process',
    (process) => ({ kind: 'broadcast-process', config: { states }, functions: { process } }),
  ],
  [
    'keyed-broadcast-process',
    (process) => ({
      kind: 'keyed-broadcast-process',
      config: { states },
      functions: { process, keySelector },
    }),
  ],
  ['map', (create) => ({ kind: 'map', functions: { rich: rich(create) } })],
  ['keyed map', (create) => ({ kind: 'map', functions: { rich: rich(create), keySelector } })],
  ['flat-map', (create) => ({ kind: 'flat-map', functions: { rich: rich(create) } })],
  ['filter', (create) => ({ kind: 'filter', functions: { rich: rich(create) } })],
  [
    'keyed-reduce',
    (create) => ({ kind: 'keyed-reduce', functions: { rich: rich(create), keySelector } }),
  ],
]

describe.each(OPERATORS)('the life of a function in %s', (kind, describeOperator) => {
  test('when a job checkpoints and restarts, then the function is called in order, with its state', async () => {
    const told: string[] = []
    const harness = await OperatorHarness.open(describeOperator(() => new Telling(told)))
    harness.advanceTo(50)
    harness.processElement(1)
    harness.processElement(2)
    await harness.snapshot()
    await harness.notifyCheckpointComplete()
    harness.notifyCheckpointSubsumed()
    harness.processElement(3)
    await harness.snapshot()
    harness.notifyCheckpointAborted()
    const restarted = await harness.restart()
    await restarted.close()
    // The first value of a key is reduced with nothing.
    const [first, second] = kind === 'keyed-reduce' ? [1, 2] : [2, 3]
    expect(told).toEqual([
      'initialize false undefined',
      'open 0 harness',
      `snapshot 1 at 50: ${first}`,
      'complete 1',
      'subsumed 1',
      `snapshot 2 at 50: ${second}`,
      'aborted 2',
      `snapshot 3 at 50: ${second}`,
      'close',
      'initialize true 3',
      'open 1 harness',
      'close',
    ])
  })

  test.each([
    'initializeState',
    'open',
    'snapshotState',
    'notifyCheckpointComplete',
    'notifyCheckpointAborted',
    'notifyCheckpointSubsumed',
  ])('when %s does wrong, then the error names it', async (method) => {
    const wrongs = [
      [() => Promise.reject(new Error('late')), `FUNCTION_RETURNED_PROMISE.*${method} method`],
      [
        () => {
          throw new Error('boom')
        },
        `FUNCTION_FAILED.*${method} method of 'named'.*boom`,
      ],
    ] as const
    for (const [wrong, message] of wrongs) {
      const function_ = { ...methodsThatDoNothing, [method]: wrong }
      const run = async (): Promise<void> => {
        const options = { ...describeOperator(() => function_), name: 'named' }
        const harness = await OperatorHarness.open(options)
        await harness.snapshot()
        await harness.notifyCheckpointComplete()
        harness.notifyCheckpointAborted()
        harness.notifyCheckpointSubsumed()
      }
      await expect(run()).rejects.toThrow(new RegExp(message))
    }
  })
})

const methodsThatDoNothing = {
  processElement: () => {},
  map: () => 1,
  flatMap: () => [],
  filter: () => true,
  reduce: () => 1,
}

/** Keeps what it sees in one state of each kind, and puts no state out but on demand. */
class Keeping implements ProcessFunction<string, string>, CheckpointedFunction {
  #own: string[] = []
  #split!: ListState<string>
  #union!: ListState<string>
  #same!: MapState<string, number>

  initializeState({ operatorStateStore: store }: FunctionInitializationContext): void {
    this.#split = store.getListState({ name: 'split', type: Types.string })
    this.#union = store.getUnionListState({ name: 'union', type: Types.string })
    this.#same = store.getBroadcastState({
      name: 'same',
      keyType: Types.string,
      valueType: Types.int,
    })
    this.#own = [...this.#split.get()]
  }

  snapshotState(): void {
    this.#split.update(this.#own)
    this.#union.update(this.#own)
  }

  processElement(value: string, _context: ProcessContext, out: Collector<string>): void {
    if (value !== 'show') this.#own.push(value)
    if (value === 'show') {
      for (const own of this.#own) out.collect(`split ${own}`)
      for (const each of this.#union.get()) out.collect(`union ${each}`)
      for (const [key, count] of this.#same.entries()) out.collect(`same ${key} ${count}`)
    } else this.#same.put('rule', 7)
  }
}

const keeping: OperatorHarnessOptions = {
  kind: 'process',
  functions: { process: () => new Keeping() },
}

describe('operator state', () => {
  test('when the parallelism changes, then lists are split, union lists are whole and broadcast maps are equal', async () => {
    const elements = fc.array(fc.string({ maxLength: 3 }).map((text) => `e${text}`))
    const run = fc.record({
      parts: fc.array(elements, { minLength: 1, maxLength: 4 }),
      parallelism: fc.integer({ min: 1, max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(run, async ({ parts, parallelism }) => {
        const restored: HarnessSnapshot[] = []
        for (const [subtaskIndex, part] of parts.entries()) {
          const options = { ...keeping, subtaskIndex, parallelism: parts.length }
          const harness = await OperatorHarness.open(options)
          for (const element of ['first', ...part]) harness.processElement(element)
          restored.push(await harness.snapshot())
        }
        const all = parts.flatMap((part) => ['first', ...part])
        const splits: string[] = []
        for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
          const options = { ...keeping, subtaskIndex, parallelism, restored }
          const harness = await OperatorHarness.open<string>(options)
          harness.processElement('show')
          const shown = harness.output.map(({ value }) => value)
          const split = shown.filter((text) => text.startsWith('split '))
          splits.push(...split)
          expect(shown.slice(split.length)).toEqual([
            ...all.map((element) => `union ${element}`),
            'same rule 7',
          ])
          if (parallelism !== parts.length) {
            const share = all.length / parallelism
            expect(split.length).toBeGreaterThanOrEqual(Math.floor(share))
            expect(split.length).toBeLessThanOrEqual(Math.ceil(share))
          }
        }
        expect(splits).toEqual(all.map((element) => `split ${element}`))
      }),
      { numRuns: 40 },
    )
  })

  test('when it is restored after each step, then it shows the same own elements', async () => {
    const steps = ['a', 'b', 'show', 'c', 'show'].map(
      (value): HarnessStep<string> =>
        (harness) =>
          harness.processElement(value),
    )
    const own = async (isHostile: boolean): Promise<unknown> =>
      (await runSteps<string>(keeping, steps, { restartAfter: () => isHostile })).map(
        ({ records }) => records.filter(({ value }) => !value.startsWith('union')),
      )
    expect(await own(true)).toEqual(await own(false))
  })

  test('when the function no longer asks for it, then it stays in the checkpoints for one that does', async () => {
    const harness = await OperatorHarness.open(keeping)
    harness.processElement('kept')
    const careless = await OperatorHarness.open({
      kind: 'process',
      functions: { process: () => ({ processElement: () => {} }) },
      restored: [await harness.snapshot()],
    })
    const restored = [await careless.snapshot()]
    const careful = await OperatorHarness.open<string>({ ...keeping, restored })
    careful.processElement('show')
    expect(careful.output[0]?.value).toBe('split kept')
  })

  test('when a function has no such state, then no slot of it is in the checkpoint', async () => {
    const harness = await OperatorHarness.open({
      kind: 'process',
      functions: { process: () => ({ processElement: () => {}, snapshotState: () => {} }) },
    })
    expect(Object.keys((await harness.snapshot()).slots)).toEqual([])
  })

  test('when broadcast functions have state of their own, then both kinds are restored', async () => {
    const rules = { name: 'rules', keyType: Types.string, valueType: Types.int }
    const counting = (): object => {
      let stored: ListState<number>
      let count = 0
      return {
        initializeState: ({ operatorStateStore }: FunctionInitializationContext) => {
          stored = operatorStateStore.getListState({ name: 'count', type: Types.int })
          for (const each of stored.get()) count += each
        },
        snapshotState: () => stored.update([count]),
        processElement: (
          _: unknown,
          context: { getBroadcastState(descriptor: object): MapState<string, number> },
          out: Collector<unknown>,
        ) => out.collect([++count, context.getBroadcastState(rules).get('limit')]),
        processBroadcastElement: (
          value: number,
          context: { getBroadcastState(descriptor: object): MapState<string, number> },
        ) => context.getBroadcastState(rules).put('limit', value),
      }
    }
    const options: OperatorHarnessOptions = {
      kind: 'broadcast-process',
      config: { states: [rules] },
      functions: { process: counting },
    }
    const steps: HarnessStep[] = [
      (harness) => harness.processElement('x', 1),
      (harness) => harness.processElement(9, 1, 1),
      (harness) => harness.processElement('y', 2),
    ]
    for (const isHostile of [false, true]) {
      const outputs = await runSteps(options, steps, { restartAfter: () => isHostile })
      expect(outputs.flatMap(({ records }) => records.map(({ value }) => value))).toEqual([
        [1, undefined],
        [2, 9],
      ])
    }
  })
})

describe('keyed state in initializeState', () => {
  test('when the stream is keyed, then it is there; when there is no key yet, then using it says so', async () => {
    let failure: unknown
    const function_ = (): object => {
      let count: { value(): number; update(value: number): void }
      return {
        initializeState: ({ keyedStateStore }: FunctionInitializationContext) => {
          count = keyedStateStore.getValueState({ name: 'count', defaultValue: 0 })
          try {
            count.value()
          } catch (error) {
            failure = error
          }
        },
        processElement: (_: unknown, __: unknown, out: Collector<number>) => {
          count.update(count.value() + 1)
          out.collect(count.value())
        },
      }
    }
    const harness = await OperatorHarness.open<number>({
      kind: 'keyed-process',
      functions: { process: function_, keySelector: (value: string) => value },
    })
    for (const key of ['a', 'b', 'a']) harness.processElement(key)
    expect(harness.output.map(({ value }) => value)).toEqual([1, 1, 2])
    expect(String(failure)).toMatch(/STATE_ACCESS_INVALID.*current key/)
  })

  test('when a snapshot is taken, then no key is current', async () => {
    const function_ = (): object => {
      let count: { value(): number }
      return {
        open: (context: { getValueState(descriptor: object): typeof count }) => {
          count = context.getValueState({ name: 'count', defaultValue: 0 })
        },
        processElement: () => count.value(),
        snapshotState: () => count.value(),
      }
    }
    const harness = await OperatorHarness.open({
      kind: 'keyed-process',
      functions: { process: function_, keySelector: (value: string) => value },
    })
    harness.processElement('a')
    await expect(harness.snapshot()).rejects.toThrow(/STATE_ACCESS_INVALID/)
  })

  test('when the stream has no keys, then the error says what to do', async () => {
    const opened = (method: string, act: (context: never) => unknown): Promise<unknown> =>
      OperatorHarness.open({
        kind: 'process',
        name: 'no keys',
        functions: { process: () => ({ processElement: () => {}, [method]: act }) },
      })
    await expect(
      opened('initializeState', ({ keyedStateStore }: FunctionInitializationContext) =>
        keyedStateStore.getListState({ name: 'list' }),
      ),
    ).rejects.toThrow(/STATE_ACCESS_INVALID.*keyed state of 'no keys'.*keyBy/)
    await expect(
      opened('open', (context: { getMapState(descriptor: object): unknown }) =>
        context.getMapState({ name: 'map' }),
      ),
    ).rejects.toThrow(/STATE_ACCESS_INVALID.*'no keys'.*keyBy/)
  })
})
