// What functions, triggers, evictors and assigners of one's own can do in windows, and what they do wrong.

import {
  CountTrigger,
  EventTimeSessionWindows,
  type FunctionInitializationContext,
  GlobalWindows,
  type KeyedRuntimeContext,
  type OnMergeContext,
  OutputTag,
  type ProcessWindowContext,
  type TaggedUnion,
  type TimestampedValue,
  type TimeWindow,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  type TriggerContext,
  TriggerResult,
  Types,
  type WindowAssignerPlan,
} from '@millrace/core'
import {
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import { describe, expect, test } from 'vitest'

interface Event {
  readonly key: string
  readonly id: number
}

const EventType = Types.record({ key: Types.string, id: Types.int })
const TEN = TumblingEventTimeWindows.of(10)

const collecting = {
  createAccumulator: (): Event[] => [],
  add: (events: Event[], event: Event): Event[] => {
    events.push(event)
    return events
  },
  getResult: (events: Event[]): Event[] => events,
  merge: (left: Event[], right: Event[]): Event[] => [...left, ...right],
}

interface PaneOptions {
  readonly assigner?: WindowAssignerPlan
  readonly trigger?: object
  readonly evictor?: object | null
  readonly allowedLatenessMs?: number
  readonly functions?: Readonly<Record<string, unknown>>
  readonly config?: object
}

const showIds = ({ key }: { key: string }, events: readonly Event[]): string[] => [
  `${key}: ${events.map(({ id }) => id).join(' ')}`,
]

function panes(options: PaneOptions = {}): OperatorHarnessOptions {
  const {
    assigner = TEN,
    trigger = { kind: 'event-time' },
    evictor = null,
    allowedLatenessMs = 0,
    functions = { windowFunction: showIds },
  } = options
  const plan = { trigger, evictor, elementType: EventType, isFolded: false }
  return {
    kind: 'window',
    name: 'my window',
    config: {
      assigner,
      allowedLatenessMs,
      lateTag: null,
      accumulatorType: Types.array(EventType),
      panes: plan,
      ...options.config,
    } as never,
    functions: {
      keySelector: ({ key }: Event) => key,
      aggregate: collecting,
      ...functions,
    },
    keyType: Types.string,
  }
}

const element =
  (key: string, id: number, timestamp?: number): HarnessStep<string> =>
  (harness) =>
    harness.processElement({ key, id }, timestamp)

const valuesOf = (outputs: Awaited<ReturnType<typeof runSteps>>): unknown[][] =>
  outputs.map(({ records }) => records.map(({ value }) => value))

describe('a process window function', () => {
  const life: string[] = []

  class Totals {
    open(context: KeyedRuntimeContext): void {
      life.push(`open ${context.subtaskIndex}`)
    }
    process(
      { key, window, windowState, globalState }: ProcessWindowContext<string>,
      events: readonly Event[],
    ): string[] {
      const fires = windowState.getValueState({ name: 'n', type: Types.int, defaultValue: 0 })
      const total = globalState.getValueState({ name: 'n', type: Types.int, defaultValue: 0 })
      fires.update(fires.value() + 1)
      total.update(total.value() + events.length)
      return [
        `${key}@${window.start} ${fires.value()}. of ${events.length}, ${total.value()} in all`,
      ]
    }
    clear({ key, window, windowState }: ProcessWindowContext<string>): void {
      const fires = windowState.getValueState({ name: 'n', type: Types.int, defaultValue: 0 })
      life.push(`clear ${key}@${window.start} after ${fires.value()}`)
    }
    close(): void {
      life.push('close')
    }
  }

  const totals = panes({
    allowedLatenessMs: 5,
    functions: { processWindowFunction: () => new Totals() },
  })
  const steps: readonly HarnessStep<string>[] = [
    element('a', 1, 1),
    element('b', 2, 2),
    (harness) => harness.processWatermark(9),
    element('a', 3, 3),
    element('a', 4, 12),
    (harness) => harness.processWatermark(100),
  ]

  test('when it keeps state by window and by key, then both are there after each restart', async () => {
    const undisturbed = await runSteps(totals, steps)
    life.length = 0
    const restarted = await runSteps(totals, steps, { restartAfter: () => true })
    expect(restarted).toEqual(undisturbed)
    expect(valuesOf(restarted)).toEqual([
      [],
      [],
      ['a@0 1. of 1, 1 in all', 'b@0 1. of 1, 1 in all'],
      ['a@0 2. of 2, 3 in all'],
      [],
      ['a@10 1. of 1, 4 in all'],
    ])
    expect(life.filter((each) => each.startsWith('clear')).sort()).toEqual([
      'clear a@0 after 2',
      'clear a@10 after 1',
      'clear b@0 after 1',
    ])
  })

  test('when it runs, then it is opened before and closed after', async () => {
    life.length = 0
    const harness = await OperatorHarness.open(totals)
    harness.processElement({ key: 'a', id: 1 }, 1)
    expect(life).toEqual(['open 0'])
    await harness.close()
    expect(life.at(-1)).toBe('close')
  })

  test('when it keeps what belongs to no key, then that is there after each restart', async () => {
    class Counting {
      #fired = 0
      #stored!: { get(): readonly number[]; update(values: Iterable<number>): void }
      initializeState({ operatorStateStore }: FunctionInitializationContext): void {
        this.#stored = operatorStateStore.getListState({ name: 'fired', type: Types.int })
        this.#fired = this.#stored.get()[0] ?? 0
      }
      snapshotState(): void {
        this.#stored.update([this.#fired])
      }
      process(): string[] {
        return [`fired ${++this.#fired}`]
      }
    }
    const counting = panes({ functions: { processWindowFunction: () => new Counting() } })
    const outputs = await runSteps(
      counting,
      [
        element('a', 1, 1),
        (harness) => harness.processWatermark(9),
        element('a', 2, 12),
        (harness) => harness.processWatermark(30),
      ],
      { restartAfter: () => true },
    )
    expect(valuesOf(outputs)).toEqual([[], ['fired 1'], [], ['fired 2']])
  })

  test('when windows merge, then state of a window is refused and state of the key is not', async () => {
    const use = (state: 'windowState' | 'globalState'): OperatorHarnessOptions =>
      panes({
        assigner: EventTimeSessionWindows.withGap(10),
        functions: {
          processWindowFunction: () => ({
            process: (context: ProcessWindowContext<string>) => {
              context[state].getValueState({ name: 'x' }).update(1)
              return ['fine']
            },
          }),
        },
      })
    const run = (operator: OperatorHarnessOptions) =>
      runSteps(operator, [element('a', 1, 1), (harness) => harness.processWatermark(100)])
    await expect(run(use('windowState'))).rejects.toThrow(/STATE_ACCESS_INVALID.*my window/)
    expect(valuesOf(await run(use('globalState')))[1]).toEqual(['fine'])
  })

  test('when state of a window is given a life or a past of its own, then it is refused', async () => {
    const withOptions = (options: object): OperatorHarnessOptions =>
      panes({
        functions: {
          processWindowFunction: () => ({
            process: ({ windowState }: ProcessWindowContext<string>) => {
              windowState.getValueState({ name: 'x', ...options })
            },
          }),
        },
      })
    const run = (operator: OperatorHarnessOptions) =>
      runSteps(operator, [element('a', 1, 1), (harness) => harness.processWatermark(100)])
    await expect(run(withOptions({ ttl: { duration: '1 h' } }))).rejects.toThrow(
      /OPTION_INVALID.*"ttl".*globalState/,
    )
    await expect(run(withOptions({ fieldDefaults: {} }))).rejects.toThrow(/"fieldDefaults"/)
  })

  test('when it emits to a side output, then with the timestamp of the window', async () => {
    const sides = new OutputTag<string>('sides')
    const harness = await OperatorHarness.open(
      panes({
        functions: {
          windowFunction: (context: ProcessWindowContext<string>): void =>
            context.output(
              sides,
              `${context.currentWatermark()} ${context.currentProcessingTime()}`,
            ),
        },
      }),
    )
    harness.advanceTo(7)
    harness.processElement({ key: 'a', id: 1 }, 1)
    harness.processWatermark(30)
    expect(harness.sideOutput(sides)).toEqual([{ value: '30 7', timestamp: 9 }])
  })

  test('when the factory makes something else, then it says what to write', async () => {
    const wrong = panes({ functions: { processWindowFunction: () => ['not a function'] } })
    await expect(OperatorHarness.open(wrong)).rejects.toThrow(/FUNCTION_INVALID.*new MyFunction/)
  })
})

describe('a trigger of one’s own', () => {
  /** Fires at ten in all, also of sessions that became one; remembers all ids in a list, a map and an average. */
  class TenInAll {
    readonly #sum = { name: 'sum', type: Types.int, reduce: (a: number, b: number) => a + b }
    readonly #ids = { name: 'ids', type: Types.int }
    readonly #mean = {
      name: 'mean',
      aggregate: {
        createAccumulator: () => ({ sum: 0, count: 0 }),
        add: (acc: { sum: number; count: number }, n: number) => ({
          sum: acc.sum + n,
          count: acc.count + 1,
        }),
        getResult: ({ sum, count }: { sum: number; count: number }) => sum / count,
        merge: (a: { sum: number; count: number }, b: { sum: number; count: number }) => ({
          sum: a.sum + b.sum,
          count: a.count + b.count,
        }),
      },
    }
    readonly #seen: (text: string) => void
    constructor(seen: (text: string) => void) {
      this.#seen = seen
    }
    onElement({ id }: Event, _time: number, _window: TimeWindow, context: TriggerContext) {
      const sum = context.getReducingState(this.#sum)
      sum.add(id)
      context.getListState(this.#ids).add(id)
      context.getAggregatingState(this.#mean).add(id)
      context.getMapState<number, number>({ name: 'map' }).put(id, id)
      this.#seen(
        `${context.getListState(this.#ids).get().join(' ')} mean ${context.getAggregatingState(this.#mean).get()}`,
      )
      if ((sum.get() ?? 0) < 10) return TriggerResult.CONTINUE
      sum.clear()
      return TriggerResult.FIRE
    }
    onEventTime = () => TriggerResult.CONTINUE
    onProcessingTime = () => TriggerResult.CONTINUE
    canMerge = () => true
    onMerge(_window: TimeWindow, context: OnMergeContext): void {
      context.mergeReducingState(this.#sum)
      context.mergeListState(this.#ids)
      context.mergeAggregatingState(this.#mean)
    }
    clear(_window: TimeWindow, context: TriggerContext): void {
      this.#seen(`cleared with ${context.getReducingState(this.#sum).get() ?? 'nothing'}`)
    }
  }

  test('when sessions become one, then its states do, after each restart too', async () => {
    const run = async (restartAfter: () => boolean) => {
      const seen: string[] = []
      const operator = panes({
        assigner: EventTimeSessionWindows.withGap(10),
        trigger: { kind: 'custom' },
        functions: {
          windowFunction: showIds,
          trigger: () => new TenInAll((text) => seen.push(text)),
        },
      })
      const steps = [element('a', 3, 0), element('a', 4, 18), element('a', 5, 9)]
      const outputs = await runSteps(operator, steps, { restartAfter })
      return { seen, values: valuesOf(outputs) }
    }
    const { seen, values } = await run(() => true)
    expect(values).toEqual([[], [], ['a: 3 4 5']])
    expect(seen).toEqual([
      '3 mean 3',
      '4 mean 4',
      'cleared with nothing',
      'cleared with nothing',
      '3 4 5 mean 4',
    ])
    expect(await run(() => false)).toEqual({ seen, values })
  })

  const wrongs: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      /FUNCTION_FAILED.*trigger of 'my window'.*boom/,
    ],
    ['waits', () => Promise.resolve('fire'), /FUNCTION_RETURNED_PROMISE.*trigger of 'my window'/],
    ['says nothing', () => undefined, /WINDOW_INVALID.*fire-and-purge.*undefined/],
  ]
  test.each(wrongs)(
    'when it %s, then the job fails with the name of the operator',
    async (...wrong) => {
      const [, answer, message] = wrong
      for (const method of ['onElement', 'onEventTime', 'onProcessingTime'] as const) {
        const fine = () => TriggerResult.CONTINUE
        const trigger = {
          onElement: (_e: Event, _t: number, window: TimeWindow, context: TriggerContext) => {
            context.registerEventTimeTimer(window.end - 1)
            context.registerProcessingTimeTimer(5)
            return TriggerResult.CONTINUE
          },
          onEventTime: fine,
          onProcessingTime: fine,
          clear: () => {},
          [method]: answer,
        }
        const harness = await OperatorHarness.open(
          panes({
            trigger: { kind: 'custom' },
            functions: { windowFunction: showIds, trigger: () => trigger },
          }),
        )
        expect(() => {
          harness.processElement({ key: 'a', id: 1 }, 1)
          harness.advanceTo(10)
          harness.processWatermark(100)
        }).toThrow(message)
      }
    },
  )

  test('when it sets a timer of no time, then it is refused', async () => {
    const trigger = {
      onElement: (_e: Event, _t: number, _w: TimeWindow, context: TriggerContext) => {
        context.registerEventTimeTimer(Number.NaN)
        return TriggerResult.CONTINUE
      },
      clear: () => {},
    }
    const harness = await OperatorHarness.open(
      panes({
        trigger: { kind: 'custom' },
        functions: { windowFunction: showIds, trigger: () => trigger },
      }),
    )
    expect(() => harness.processElement({ key: 'a', id: 1 }, 1)).toThrow(/TIMESTAMP_INVALID.*NaN/)
  })
})

describe('an evictor of one’s own', () => {
  const keepOdd = {
    evictBefore: (events: readonly TimestampedValue<Event>[]) =>
      events.filter(({ value }) => value.id % 2 === 1),
    evictAfter: (events: readonly TimestampedValue<Event>[]) =>
      events.filter(({ timestamp }) => (timestamp ?? 0) > 1),
  }
  const odd = panes({
    assigner: GlobalWindows.create(),
    trigger: CountTrigger.of(2),
    evictor: { kind: 'custom' },
    functions: { windowFunction: showIds, evictor: () => keepOdd },
  })

  test('when it takes elements out before and after, then they are not seen and do not stay', async () => {
    const steps = [element('a', 1, 1), element('a', 3, 2), element('a', 4, 3), element('a', 5, 4)]
    const expected = [[], ['a: 1 3'], [], ['a: 3 5']]
    expect(valuesOf(await runSteps(odd, steps))).toEqual(expected)
    expect(valuesOf(await runSteps(odd, steps, { restartAfter: () => true }))).toEqual(expected)
  })

  test('when it throws or waits, then the job fails with the name of the operator', async () => {
    for (const [evictBefore, message] of [
      [
        () => {
          throw new Error('boom')
        },
        /FUNCTION_FAILED.*evictor of 'my window'.*boom/,
      ],
      [() => Promise.resolve([]), /FUNCTION_RETURNED_PROMISE.*evictor/],
    ] as const) {
      const functions = { windowFunction: showIds, evictor: () => ({ evictBefore }) }
      const harness = await OperatorHarness.open({
        ...odd,
        functions: { ...odd.functions, ...functions },
      })
      harness.processElement({ key: 'a', id: 1 }, 1)
      expect(() => harness.processElement({ key: 'a', id: 3 }, 1)).toThrow(message)
    }
  })
})

describe('panes', () => {
  test('when a window is purged and nothing else is known of it, then nothing is kept', async () => {
    const harness = await OperatorHarness.open(
      panes({
        assigner: GlobalWindows.create(),
        trigger: { kind: 'purging', nested: CountTrigger.of(2) },
      }),
    )
    const empty = (await harness.snapshot()).slots
    for (let key = 0; key < 50; key++) {
      for (const id of [1, 2]) harness.processElement({ key: `key ${key}`, id })
    }
    expect(harness.output).toHaveLength(50)
    // The table of counts is known now, and has no entries.
    const after = (await harness.snapshot()).slots
    expect(size(after['keyed'])).toBeLessThan(size(empty['keyed']) + 400)
  })

  test('when the parallelism changes, then each window, its states and timers go on in one subtask', async () => {
    const operator = panes({ trigger: CountTrigger.of(3), allowedLatenessMs: 5 })
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`)
    const whole = await OperatorHarness.open<string>(operator)
    for (const id of [1, 2]) for (const key of keys) whole.processElement({ key, id }, 1)
    const restored = [await whole.snapshot()]
    const thirds = await Promise.all(
      [0, 1, 2].map((subtaskIndex) =>
        OperatorHarness.open<string>({ ...operator, subtaskIndex, parallelism: 3, restored }),
      ),
    )
    const thirdsRestored = await Promise.all(thirds.map((third) => third.snapshot()))
    const again = await OperatorHarness.open<string>({ ...operator, restored: thirdsRestored })
    for (const key of keys) again.processElement({ key, id: 3 }, 1)
    expect(again.output.map(({ value }) => value).sort()).toEqual(
      keys.map((key) => `${key}: 1 2 3`).sort(),
    )
  })

  test('when windows are staggered, then by one shift a subtask, which outlives restarts', async () => {
    for (const stagger of ['random', 'natural'] as const) {
      const shows = ({ window }: { window: TimeWindow }): string[] => [`${window.start}`]
      const operator = panes({
        assigner: TumblingProcessingTimeWindows.of(1_000, { stagger }),
        trigger: { kind: 'processing-time' },
        functions: { windowFunction: shows },
      })
      const harness = await OperatorHarness.open<string>(operator)
      harness.advanceTo(10_123)
      harness.processElement({ key: 'a', id: 1 })
      const restarted = await harness.restart()
      restarted.advanceTo(12_000)
      restarted.processElement({ key: 'b', id: 2 })
      restarted.advanceTo(20_000)
      const [first, second] = restarted.output.map(({ value }) => Number(value)) as [number, number]
      expect((second - first) % 1_000).toBe(0)
      expect(first).toBeLessThanOrEqual(10_123)
      if (stagger === 'natural') expect(first).toBe(10_123)
    }
  })

  test('when the input ends, then timers of processing time fire once more', async () => {
    for (const trigger of [
      { kind: 'processing-time' },
      { kind: 'continuous-processing-time', intervalMs: 3 },
      {
        kind: 'processing-timeout',
        nested: CountTrigger.of(5),
        timeoutMs: 50,
        resetsOnElement: false,
        clearsOnTimeout: true,
      },
    ]) {
      const harness = await OperatorHarness.open<string>(
        panes({ assigner: TumblingProcessingTimeWindows.of(1_000), trigger }),
      )
      harness.processElement({ key: 'a', id: 1 })
      harness.finish()
      expect(harness.output.map(({ value }) => value)[0]).toBe('a: 1')
    }
  })

  test('when a trigger deletes the timer of the clean-up, then the window goes all the same', async () => {
    const trigger = {
      kind: 'processing-timeout',
      nested: { kind: 'event-time' },
      timeoutMs: 5,
      resetsOnElement: false,
      clearsOnTimeout: true,
    }
    const harness = await OperatorHarness.open<string>(panes({ trigger }))
    const empty = size((await harness.snapshot()).slots['keyed'])
    harness.processElement({ key: 'a', id: 1 }, 1)
    harness.advanceTo(10)
    const restarted = await harness.restart()
    const open = size((await restarted.snapshot()).slots['keyed'])
    restarted.processWatermark(100)
    const closed = size((await restarted.snapshot()).slots['keyed'])
    expect(open).toBeGreaterThan(closed)
    expect(closed).toBeLessThan(empty + 400)
    expect(restarted.output).toEqual([])
  })

  test('when the checkpoint has windows kept in another way, then they are not dropped unseen', async () => {
    const { panes: _, ...slices } = panes().config as Record<string, unknown>
    const onSlices = { ...panes(), config: slices as never }
    const inSessions = {
      ...panes(),
      config: { ...slices, assigner: EventTimeSessionWindows.withGap(5) } as never,
    }
    for (const [from, to] of [
      [onSlices, panes()],
      [panes(), onSlices],
      [onSlices, inSessions],
    ] as const) {
      const before = await OperatorHarness.open(from)
      before.processElement({ key: 'a', id: 1 }, 1)
      const restored = [await before.snapshot()]
      await expect(OperatorHarness.open({ ...to, restored })).rejects.toThrow(
        /STATE_INCOMPATIBLE.*'my window'.*new uid/,
      )
    }
  })

  test('when windows have no keys, then more than one subtask is refused', async () => {
    const all = panes({ config: { isNonKeyed: true } })
    await expect(OperatorHarness.open({ ...all, parallelism: 2 })).rejects.toThrow(
      /OPTION_INVALID.*parallelism of 1.*my window/,
    )
  })

  test('when a gap or a window is none, then the job fails with the name of the operator', async () => {
    const noGap = panes({
      assigner: { kind: 'dynamic-session', time: 'event-time' },
      functions: { windowFunction: showIds, gapOf: () => 0 },
    })
    const noWindow = panes({
      assigner: { kind: 'custom', time: 'event-time' },
      functions: {
        windowFunction: showIds,
        windowAssigner: () => ({ isEventTime: true, assignWindows: () => [{ start: 5, end: 5 }] }),
      },
    })
    for (const operator of [noGap, noWindow]) {
      const harness = await OperatorHarness.open(operator)
      expect(() => harness.processElement({ key: 'a', id: 1 }, 1)).toThrow(
        /WINDOW_INVALID.*'my window'/,
      )
      expect(() => harness.processElement({ key: 'a', id: 1 })).toThrow(/TIMESTAMP_INVALID/)
    }
  })
})

describe('windows over two streams', () => {
  const lateTags = { first: new OutputTag<Event>('late 1'), second: new OutputTag<Event>('late 2') }

  interface Both {
    readonly first: readonly Event[]
    readonly second: readonly Event[]
  }

  function coGroup(isInPanes: boolean): OperatorHarnessOptions {
    const tagged = Types.record({ input: Types.int, value: EventType })
    const plan = {
      trigger: { kind: 'event-time' },
      evictor: null,
      elementType: tagged,
      isFolded: false,
    }
    return {
      kind: 'window',
      config: {
        assigner: TEN,
        allowedLatenessMs: 0,
        lateTag: lateTags.first.id,
        coGroup: { lateTag2: lateTags.second.id },
        accumulatorType: Types.record({
          first: Types.array(EventType),
          second: Types.array(EventType),
        }),
        ...(isInPanes && { panes: plan }),
      } as never,
      functions: {
        keySelector1: ({ key }: Event) => key,
        keySelector2: ({ key }: Event) => key.toLowerCase(),
        aggregate: {
          createAccumulator: () => ({ first: [], second: [] }),
          add: (both: Record<string, Event[]>, { input, value }: TaggedUnion<Event, Event>) => {
            both[input === 1 ? 'first' : 'second']?.push(value)
            return both
          },
          getResult: (both: Both) => both,
          merge: (left: Both, right: Both) => ({
            first: [...left.first, ...right.first],
            second: [...left.second, ...right.second],
          }),
        },
        windowFunction: ({ key }: { key: string }, { first, second }: Both) => [
          `${key}: ${first.map(({ id }) => id).join(' ')} | ${second.map(({ id }) => id).join(' ')}`,
        ],
      },
      keyType: Types.string,
    }
  }

  const at =
    (input: 0 | 1, key: string, id: number, timestamp: number): HarnessStep =>
    (harness) =>
      harness.processElement({ key, id }, timestamp, input)

  test.each([true, false])(
    'when kept in panes: %s, then both sides meet, and time is that of the slower',
    async (isInPanes) => {
      const steps = [
        at(0, 'a', 1, 1),
        at(1, 'A', 2, 2),
        at(1, 'B', 3, 3),
        (harness) => harness.processWatermark(50, 0),
        at(0, 'a', 4, 5),
        (harness) => harness.processWatermark(20, 1),
        at(0, 'a', 5, 5),
        at(1, 'A', 6, 5),
      ] satisfies HarnessStep[]
      for (const restartAfter of [() => false, () => true]) {
        const outputs = await runSteps(coGroup(isInPanes), steps, { restartAfter })
        expect(valuesOf(outputs)).toEqual([[], [], [], [], [], ['a: 1 4 | 2', 'b:  | 3'], [], []])
        expect(outputs.map(({ watermark }) => watermark)[5]).toBe(20)
        expect(outputs.slice(-2).map(({ sideOutputs }) => Object.keys(sideOutputs))).toEqual([
          ['late 1'],
          ['late 2'],
        ])
      }
    },
  )
})

function size(bytes: unknown): number {
  return (bytes as Uint8Array).length
}

test('when the type of accumulators has changed, then they are migrated on the way out of the checkpoint', async () => {
  const sumWith = (
    accumulatorType: object,
    accumulatorEvolution?: object,
  ): OperatorHarnessOptions =>
    panes({
      config: {
        accumulatorType,
        panes: {
          trigger: { kind: 'event-time' },
          evictor: null,
          elementType: EventType,
          isFolded: true,
        },
      },
      functions: {
        windowFunction: ({ key }: { key: string }, sum: unknown) => [
          `${key}: ${JSON.stringify(sum)}`,
        ],
        aggregate: {
          accumulatorEvolution,
          createAccumulator: () => ({ sum: 0 }),
          add: (accumulator: { sum: number }, { id }: Event) => {
            accumulator.sum += id
            return accumulator
          },
          getResult: (accumulator: { sum: number }) => accumulator,
          merge: (left: { sum: number }) => left,
        },
      },
    })
  const before = await OperatorHarness.open(sumWith(Types.record({ sum: Types.int })))
  before.processElement({ key: 'a', id: 5 }, 1)
  const wider = Types.record({ sum: Types.double, unit: Types.string })
  const after = await OperatorHarness.open({
    ...sumWith(wider, { fieldDefaults: { unit: 'cm' } }),
    restored: [await before.snapshot()],
  })
  after.processElement({ key: 'a', id: 2 }, 3)
  after.processWatermark(30)
  expect(after.output.map(({ value }) => value)).toEqual(['a: {"sum":7,"unit":"cm"}'])
})
