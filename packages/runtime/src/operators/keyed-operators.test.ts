import {
  type Collector,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type OnTimerContext,
  Types,
  type ValueState,
} from '@millrace/core'
import { type HarnessStep, OperatorHarness, runSteps } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

interface Order {
  readonly key: string
  readonly act: (context: KeyedProcessContext<string>) => void
}

/** Does with the timers what each record says, and tells what fired. */
class TimerFunction implements KeyedProcessFunction<string, Order, string> {
  processElement({ act }: Order, context: KeyedProcessContext<string>): void {
    act(context)
  }

  onTimer(timestamp: number, context: OnTimerContext<string>, out: Collector<string>): void {
    const time = `${context.timeDomain} ${timestamp}`
    out.collect(`${context.currentKey} ${time} ${context.currentWatermark()}`)
  }
}

const timers = {
  kind: 'keyed-process',
  name: 'timers',
  functions: { keySelector: ({ key }: Order) => key, process: () => new TimerFunction() },
  keyType: Types.string,
} as const

async function openTimers(): Promise<{
  readonly harness: OperatorHarness<string>
  readonly order: (key: string, act: Order['act']) => void
  readonly fired: () => string[]
}> {
  const harness = await OperatorHarness.open<string>(timers)
  return {
    harness,
    order: (key, act) => harness.processElement({ key, act }, 1),
    fired: () => harness.output.splice(0).map(({ value }) => value),
  }
}

describe('timers of event time', () => {
  test('when the watermark reaches them, then they fire in order of time, with their key', async () => {
    const { harness, order, fired } = await openTimers()
    order('a', ({ timerService }) => timerService.registerEventTimeTimer(30))
    order('b', ({ timerService }) => timerService.registerEventTimeTimer(10))
    order('a', ({ timerService }) => timerService.registerEventTimeTimer(20))
    harness.processWatermark(19)
    expect(fired()).toEqual(['b event-time 10 19'])
    harness.processWatermark(30)
    expect(harness.output.map(({ timestamp }) => timestamp)).toEqual([20, 30])
    expect(fired()).toEqual(['a event-time 20 30', 'a event-time 30 30'])
    expect(harness.watermarks).toEqual([19, 30])
  })

  test('when one is registered twice, then it fires once; when deleted, not at all', async () => {
    const { harness, order, fired } = await openTimers()
    order('a', ({ timerService }) => timerService.registerEventTimeTimer(10))
    order('a', ({ timerService }) => timerService.registerEventTimeTimer(10))
    order('b', ({ timerService }) => timerService.registerEventTimeTimer(10))
    order('c', ({ timerService }) => timerService.registerEventTimeTimer(10))
    order('b', ({ timerService }) => timerService.deleteEventTimeTimer(10))
    order('c', ({ timerService }) => timerService.deleteEventTimeTimer(11))
    harness.processWatermark(20)
    expect(fired()).toEqual(['a event-time 10 20', 'c event-time 10 20'])
  })

  test('when one is registered for the past, then it fires with the next watermark', async () => {
    const { harness, order, fired } = await openTimers()
    harness.processWatermark(100)
    order('a', ({ timerService }) => timerService.registerEventTimeTimer(5))
    expect(fired()).toEqual([])
    harness.processWatermark(101)
    expect(fired()).toEqual(['a event-time 5 101'])
  })

  test('when one for the past waits during a restart, then it fires with the next watermark too', async () => {
    const { harness, order } = await openTimers()
    harness.processWatermark(100)
    order('a', ({ timerService }) => timerService.registerEventTimeTimer(50))
    const restarted = await harness.restart()
    expect(restarted.output).toEqual([])
    restarted.processWatermark(101)
    expect(restarted.output.map(({ value }) => value)).toEqual(['a event-time 50 101'])
  })

  test('when a firing timer registers the next, then that fires too if its time has come', async () => {
    const repeating = {
      processElement: (_: Order, { timerService }: KeyedProcessContext<string>) =>
        timerService.registerEventTimeTimer(10),
      onTimer: (timestamp: number, context: OnTimerContext<string>, out: Collector<number>) => {
        out.collect(timestamp)
        context.timerService.registerEventTimeTimer(timestamp + 10)
        context.timerService.deleteEventTimeTimer(timestamp)
      },
    }
    const harness = await OperatorHarness.open<number>({
      ...timers,
      functions: { ...timers.functions, process: () => repeating },
    })
    harness.processElement({ key: 'a' }, 1)
    harness.processWatermark(35)
    expect(harness.output.map(({ value }) => value)).toEqual([10, 20, 30])
  })

  test('when the timestamp is no whole number, then it says so', async () => {
    const { order } = await openTimers()
    expect(() =>
      order('a', ({ timerService }) => timerService.registerEventTimeTimer(Number.NaN)),
    ).toThrow(/TIMESTAMP_INVALID.*timer of 'timers'.*NaN/)
    expect(() =>
      order('a', ({ timerService }) => timerService.registerProcessingTimeTimer(0.5)),
    ).toThrow(/TIMESTAMP_INVALID/)
  })

  test('when onTimer does wrong, then the error names it', async () => {
    for (const [onTimer, message] of [
      [() => Promise.reject(new Error('late')), /FUNCTION_RETURNED_PROMISE.*timer function/],
      [
        () => {
          throw new Error('boom')
        },
        /FUNCTION_FAILED.*timer function.*boom/,
      ],
    ] as const) {
      const processElement = (_: Order, { timerService }: KeyedProcessContext<string>): void =>
        timerService.registerEventTimeTimer(1)
      const harness = await OperatorHarness.open({
        ...timers,
        functions: { ...timers.functions, process: () => ({ processElement, onTimer }) },
      })
      harness.processElement({ key: 'a' }, 1)
      expect(() => harness.processWatermark(1)).toThrow(message)
    }
  })
})

describe('timers of processing time', () => {
  test('when the clock reaches them, then they fire in order of time, with their key', async () => {
    const { harness, order, fired } = await openTimers()
    harness.processWatermark(7)
    order('a', ({ timerService }) => timerService.registerProcessingTimeTimer(30))
    order('b', ({ timerService }) => timerService.registerProcessingTimeTimer(10))
    order('b', ({ timerService }) => timerService.registerProcessingTimeTimer(10))
    order('c', ({ timerService }) => timerService.registerProcessingTimeTimer(20))
    order('c', ({ timerService }) => timerService.deleteProcessingTimeTimer(20))
    harness.advanceTo(29)
    expect(fired()).toEqual(['b processing-time 10 7'])
    harness.advanceTo(30)
    expect(fired()).toEqual(['a processing-time 30 7'])
  })

  test('when one lies in the past, then it fires at once', async () => {
    const { harness, order, fired } = await openTimers()
    harness.advanceTo(50)
    order('a', ({ timerService }) => timerService.registerProcessingTimeTimer(20))
    harness.advanceTo(50)
    expect(fired()).toHaveLength(1)
  })

  test('when the operator was stopped over their time, then they fire after the restart', async () => {
    const { harness, order } = await openTimers()
    order('a', ({ timerService }) => timerService.registerProcessingTimeTimer(20))
    order('b', ({ timerService }) => timerService.registerProcessingTimeTimer(90))
    const restored = [await harness.snapshot()]
    await harness.close()
    harness.time.advanceTo(50)
    expect(harness.output).toEqual([])
    const { time } = harness
    const restarted = await OperatorHarness.open<string>({ ...timers, time, restored })
    restarted.advanceTo(50)
    expect(restarted.output.map(({ value }) => value.slice(0, 20))).toEqual([
      'a processing-time 20',
    ])
    restarted.advanceTo(90)
    expect(restarted.output).toHaveLength(2)
  })
})

/** Keeps the values of a key until a timer of either kind empties it. */
class Batches implements KeyedProcessFunction<string, readonly [string, number], string> {
  #values!: ListState<number>
  #count!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#values = context.getListState({ name: 'values', type: Types.int })
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  processElement(
    [, value]: readonly [string, number],
    { timerService, timestamp }: KeyedProcessContext<string>,
  ): void {
    if (this.#values.get().length === 0) {
      timerService.registerEventTimeTimer((timestamp ?? 0) + 10)
      timerService.registerProcessingTimeTimer(timerService.currentProcessingTime() + 10)
    }
    this.#values.add(value)
    this.#count.update(this.#count.value() + 1)
  }

  onTimer(_: number, context: OnTimerContext<string>, out: Collector<string>): void {
    const values = this.#values.get()
    out.collect(`${context.currentKey} ${this.#count.value()}: ${values.join(' ')}`)
    this.#values.clear()
  }
}

describe('state and timers together', () => {
  const batches = {
    kind: 'keyed-process',
    functions: {
      keySelector: ([key]: readonly [string, number]) => key,
      process: () => new Batches(),
    },
    keyType: Types.string,
  } as const

  test('when the operator is restarted after each step, then it emits the same', async () => {
    const happening = fc.oneof(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        aheadMs: fc.integer({ min: -30, max: 30 }),
      }),
      fc.record({ watermarkStep: fc.integer({ min: 1, max: 15 }) }),
      fc.record({ clockStep: fc.integer({ min: 1, max: 15 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30, size: 'max' }), async (happenings) => {
        let watermark = 0
        let nowMs = 0
        const steps = happenings.map((each, id): HarnessStep => {
          if ('key' in each) {
            const timestamp = watermark + each.aheadMs
            return (harness) => harness.processElement([each.key, id], timestamp)
          }
          if ('clockStep' in each) {
            const next = (nowMs += each.clockStep)
            return (harness) => harness.advanceTo(next)
          }
          const next = (watermark += each.watermarkStep)
          return (harness) => harness.processWatermark(next)
        })
        const undisturbed = await runSteps(batches, steps)
        expect(await runSteps(batches, steps, { restartAfter: () => true })).toEqual(undisturbed)
      }),
      { numRuns: 60 },
    )
  })

  test('when the parallelism changes, then each key takes its state and timers along', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `key ${index}`)
    const whole = await OperatorHarness.open<string>(batches)
    for (const key of keys) whole.processElement([key, 1], 0)
    const halves = await Promise.all(
      [0, 1].map(async (subtaskIndex) => {
        const restored = [await whole.snapshot()]
        return OperatorHarness.open<string>({ ...batches, subtaskIndex, parallelism: 2, restored })
      }),
    )
    for (const half of halves) half.processWatermark(10)
    const results = halves.map(({ output }) => output.map(({ value }) => value))
    expect(results.map(({ length }) => length > 0)).toEqual([true, true])
    expect(results.flat().sort()).toEqual(keys.map((key) => `${key} 1: 1`).sort())
  })
})

describe('keyed reduce', () => {
  const sums = {
    kind: 'keyed-reduce',
    name: 'sums',
    functions: {
      keySelector: (value: number) => value % 2,
      reduce: (left: number, right: number) => left + right,
    },
    keyType: Types.int,
    outputType: Types.int,
  } as const

  test('when values come, then each is answered by the reduction of its key, across restarts', async () => {
    const steps = [1, 2, 3, 4, 5].map(
      (value): HarnessStep<number> =>
        (harness) =>
          harness.processElement(value, value),
    )
    for (const isHostile of [false, true]) {
      const outputs = await runSteps<number>(sums, steps, { restartAfter: () => isHostile })
      expect(outputs.map(({ records: [record] }) => record)).toEqual([
        { value: 1, timestamp: 1 },
        { value: 2, timestamp: 2 },
        { value: 4, timestamp: 3 },
        { value: 6, timestamp: 4 },
        { value: 9, timestamp: 5 },
      ])
    }
  })

  test.each([
    [
      () => {
        throw new Error('boom')
      },
      /FUNCTION_FAILED.*reduce function of 'sums'.*boom/,
    ],
    [() => Promise.reject(new Error('late')), /FUNCTION_RETURNED_PROMISE.*reduce function/],
  ])('when the function does wrong, then the error names it (%#)', async (reduce, message) => {
    const harness = await OperatorHarness.open({
      ...sums,
      functions: { ...sums.functions, reduce },
    })
    harness.processElement(1, 1)
    expect(() => harness.processElement(3, 1)).toThrow(message)
  })
})

describe('key selectors', () => {
  const keyed = (keySelector: (value: unknown) => unknown): Promise<OperatorHarness> =>
    OperatorHarness.open({
      kind: 'keyed-reduce',
      name: 'by key',
      functions: { keySelector, reduce: (left: unknown) => left },
    })

  test.each([[null], [undefined], [Number.NaN], [{ id: 1 }], [[1]], [Symbol('key')]])(
    'when the key is %o, then it is refused',
    async (key) => {
      const harness = await keyed(() => key)
      expect(() => harness.processElement('x', 1)).toThrow(/KEY_INVALID/)
    },
  )

  test('when the key is a promise, then it says that the selector must not wait', async () => {
    const harness = await keyed(() => Promise.resolve('key'))
    expect(() => harness.processElement('x', 1)).toThrow(/FUNCTION_RETURNED_PROMISE/)
  })

  test.each([['a'], [''], [0], [-1.5], [true], [false], [7n]])(
    'when the key is %o, then it is taken',
    async (key) => {
      const harness = await keyed(() => key)
      harness.processElement('x', 1)
      expect(harness.output).toHaveLength(1)
    },
  )

  test('when the selector throws, then the error names the operator', async () => {
    const harness = await keyed((value) => (value as { missing: { field: string } }).missing.field)
    expect(() => harness.processElement('x', 1)).toThrow(
      /FUNCTION_FAILED.*key selector of 'by key'.*TypeError/,
    )
  })
})
