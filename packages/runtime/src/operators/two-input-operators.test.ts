import {
  type BroadcastAccess,
  type Collector,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type MapStateDescriptor,
  MAX_WATERMARK,
  type OnTimerContext,
  type ProcessContext,
  type ReadOnlyBroadcastAccess,
  Types,
  type ValueState,
} from '@millrace/core'
import {
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
} from '@millrace/testing'
import { describe, expect, test } from 'vitest'

const boom = (): never => {
  throw new Error('boom')
}
const promise = (): Promise<never> => Promise.reject(new Error('given up'))

function valuesOf<OUT>({ output }: OperatorHarness<OUT>): OUT[] {
  return output.map(({ value }) => value)
}

describe('co-process', () => {
  const both: OperatorHarnessOptions = {
    kind: 'co-process',
    functions: {
      process: () => ({
        processElement1: (value: string, context: ProcessContext, out: Collector<string>) =>
          out.collect(`1 ${value} at ${context.timestamp}`),
        processElement2: (value: string, context: ProcessContext, out: Collector<string>) =>
          out.collect(`2 ${value} at ${context.timestamp}`),
      }),
    },
  }

  test('when records come on both inputs, then each meets its method', async () => {
    const harness = await OperatorHarness.open<string>(both)
    harness.processElement('x', 1, 0)
    harness.processElement('y', 2, 1)
    expect(harness.output).toEqual([
      { value: '1 x at 1', timestamp: 1 },
      { value: '2 y at 2', timestamp: 2 },
    ])
  })

  test('when both inputs have watermarks, then the smaller one counts', async () => {
    const harness = await OperatorHarness.open(both)
    harness.processWatermark(10, 0)
    expect(harness.watermarks).toEqual([])
    harness.processWatermark(5, 1)
    harness.processWatermark(7, 1)
    harness.processWatermark(20, 1)
    harness.processWatermark(MAX_WATERMARK, 0)
    expect(harness.watermarks).toEqual([5, 7, 10, 20])
  })

  test('when it is restarted, then both inputs go on where they were', async () => {
    const harness = await OperatorHarness.open(both)
    harness.processWatermark(10, 0)
    harness.processWatermark(5, 1)
    const restarted = await harness.restart()
    expect(restarted.watermarks).toEqual([5])
    restarted.processWatermark(30, 1)
    expect(restarted.watermarks).toEqual([5, 10])
  })

  test.each([
    ['processElement1', 0],
    ['processElement2', 1],
  ])('when %s does wrong, then the error names the function', async (method, input) => {
    for (const [wrong, message] of [
      [boom, /FUNCTION_FAILED.*process function.*boom/],
      [promise, /FUNCTION_RETURNED_PROMISE/],
    ] as const) {
      const harness = await OperatorHarness.open({
        kind: 'co-process',
        functions: { process: () => ({ [method]: wrong }) },
      })
      expect(() => harness.processElement('x', 1, input)).toThrow(message)
    }
  })
})

/** Joins each order with its payment; tells which orders were not paid for 10 ms. */
class Payments {
  #order!: ValueState<string | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#order = context.getValueState({ name: 'order', type: Types.string })
  }

  processElement1(id: string, { timestamp = 0, timerService }: KeyedProcessContext<string>): void {
    this.#order.update(id)
    timerService.registerEventTimeTimer(timestamp + 10)
  }

  processElement2(
    payment: string,
    { currentKey }: KeyedProcessContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`${currentKey}: ${this.#order.value() ?? 'nothing'} paid by ${payment}`)
    this.#order.clear()
  }

  onTimer(_: number, { currentKey }: OnTimerContext<string>, out: Collector<string>): void {
    if (this.#order.value() !== undefined) out.collect(`${currentKey} unpaid`)
  }
}

describe('keyed co-process', () => {
  test('when records of one key come on both inputs, then they share state and timers, across restarts', async () => {
    const payments: OperatorHarnessOptions = {
      kind: 'keyed-co-process',
      functions: {
        keySelector1: (id: string) => id.charAt(0),
        keySelector2: (payment: string) => payment.charAt(0),
        process: () => new Payments(),
      },
      keyType: Types.string,
    }
    const steps: readonly HarnessStep<string>[] = [
      (harness) => harness.processElement('a1', 1, 0),
      (harness) => harness.processElement('b1', 2, 0),
      (harness) => harness.processElement('a-card', 3, 1),
      (harness) => harness.processElement('c-cash', 3, 1),
      (harness) => harness.processWatermark(50, 0),
      (harness) => harness.processWatermark(11, 1),
      (harness) => harness.processWatermark(12, 1),
    ]
    for (const isHostile of [false, true]) {
      const outputs = await runSteps<string>(payments, steps, { restartAfter: () => isHostile })
      expect(outputs.map(({ records }) => records.map(({ value }) => value))).toEqual([
        [],
        [],
        ['a: a1 paid by a-card'],
        ['c: nothing paid by c-cash'],
        [],
        [],
        ['b unpaid'],
      ])
    }
  })
})

interface Rule {
  readonly word: string
  readonly replacement: string
}

const rules: MapStateDescriptor<string, string> = {
  name: 'rules',
  keyType: Types.string,
  valueType: Types.string,
}
const states = [{ name: 'rules', keyType: Types.string, valueType: Types.string }]

const replaceWords = {
  processElement: (
    word: string,
    context: ProcessContext & ReadOnlyBroadcastAccess,
    out: Collector<string>,
  ): void => out.collect(context.getBroadcastState(rules).get(word) ?? word),
  processBroadcastElement: (
    { word, replacement }: Rule,
    context: ProcessContext & BroadcastAccess,
    out: Collector<string>,
  ): void => {
    context.getBroadcastState(rules).put(word, replacement)
    out.collect(`${word} is ${replacement}`)
  },
}

describe.each([
  ['broadcast-process', {}],
  ['keyed-broadcast-process', { keySelector: (word: string) => word }],
] as const)('%s', (kind, keyed) => {
  const operator: OperatorHarnessOptions = {
    kind,
    config: { states },
    functions: { ...keyed, process: () => replaceWords },
    keyType: Types.string,
  }

  test('when rules are broadcast, then the elements that follow see them, across restarts', async () => {
    const steps: readonly HarnessStep<string>[] = [
      (harness) => harness.processElement('cat', 1, 0),
      (harness) => harness.processElement({ word: 'cat', replacement: 'dog' }, 2, 1),
      (harness) => harness.processElement('cat', 3, 0),
      (harness) => harness.processElement({ word: 'cat', replacement: 'cow' }, 4, 1),
      (harness) => harness.processElement('cat', 5, 0),
    ]
    for (const isHostile of [false, true]) {
      const outputs = await runSteps<string>(operator, steps, { restartAfter: () => isHostile })
      expect(outputs.map(({ records: [record] }) => record?.value)).toEqual([
        'cat',
        'cat is dog',
        'dog',
        'cat is cow',
        'cow',
      ])
    }
  })

  test('when the parallelism changes, then every subtask has all rules', async () => {
    const harness = await OperatorHarness.open<string>(operator)
    harness.processElement({ word: 'cat', replacement: 'dog' }, 2, 1)
    for (const subtaskIndex of [0, 1, 2]) {
      const restored = [await harness.snapshot()]
      const third = await OperatorHarness.open<string>({
        ...operator,
        subtaskIndex,
        parallelism: 3,
        restored,
      })
      third.processElement('cat', 1, 0)
      expect(valuesOf(third)).toEqual(['dog'])
    }
  })

  test('when a state is asked for that was not declared, then it says which there are', async () => {
    const harness = await OperatorHarness.open({
      ...operator,
      functions: {
        ...keyed,
        process: () => ({
          ...replaceWords,
          processElement: (_: string, context: BroadcastAccess) =>
            context.getBroadcastState({ name: 'rule' }),
        }),
      },
    })
    expect(() => harness.processElement('cat', 1, 0)).toThrow(
      /STATE_ACCESS_INVALID.*: rules, but got "rule"/,
    )
  })

  test.each([
    ['processElement', 0],
    ['processBroadcastElement', 1],
  ])('when %s does wrong, then the error names the function', async (method, input) => {
    for (const [wrong, message] of [
      [boom, /FUNCTION_FAILED.*process function.*boom/],
      [promise, /FUNCTION_RETURNED_PROMISE/],
    ] as const) {
      const harness = await OperatorHarness.open({
        ...operator,
        functions: { ...keyed, process: () => ({ ...replaceWords, [method]: wrong }) },
      })
      expect(() => harness.processElement('cat', 1, input)).toThrow(message)
    }
  })
})

describe('keyed-broadcast-process', () => {
  const withFunction = (process: object): Promise<OperatorHarness<string>> =>
    OperatorHarness.open<string>({
      kind: 'keyed-broadcast-process',
      config: { states },
      functions: { keySelector: (word: string) => word, process: () => process },
      keyType: Types.string,
    })

  test.each<readonly [string, (context: KeyedProcessContext<string>) => unknown]>([
    ['the key', (context) => context.currentKey],
    ['a timer', (context) => context.timerService.registerEventTimeTimer(5)],
  ])('when a broadcast element asks for %s, then it is told that it has none', async (...each) => {
    const harness = await withFunction({
      ...replaceWords,
      processBroadcastElement: (_: Rule, context: KeyedProcessContext<string>) =>
        void each[1](context),
    })
    harness.processElement('cat', 1, 0)
    expect(() => harness.processElement({ word: 'a', replacement: 'b' }, 1, 1)).toThrow(
      /STATE_ACCESS_INVALID.*a broadcast element has none/,
    )
  })

  test('when a broadcast element touches keyed state, then it is told that it has no key', async () => {
    let seen: ValueState<boolean | undefined>
    const harness = await withFunction({
      ...replaceWords,
      open: (context: KeyedRuntimeContext) => {
        seen = context.getValueState({ name: 'seen', type: Types.boolean })
      },
      processBroadcastElement: () => seen.update(true),
    })
    harness.processElement('cat', 1, 0)
    expect(() => harness.processElement({ word: 'a', replacement: 'b' }, 1, 1)).toThrow(
      /STATE_ACCESS_INVALID.*current key/,
    )
  })

  test('when a timer fires, then it sees its key and the rules', async () => {
    const harness = await withFunction({
      ...replaceWords,
      processElement: (_: string, { timerService }: KeyedProcessContext<string>) =>
        timerService.registerEventTimeTimer(10),
      onTimer: (
        timestamp: number,
        context: OnTimerContext<string> & ReadOnlyBroadcastAccess,
        out: Collector<string>,
      ) => {
        const rule = context.getBroadcastState(rules).get(context.currentKey)
        out.collect(`${context.currentKey} ${timestamp} ${rule}`)
      },
    })
    harness.processElement('cat', 1, 0)
    harness.processElement({ word: 'cat', replacement: 'dog' }, 1, 1)
    harness.processWatermark(10, 0)
    harness.processWatermark(10, 1)
    expect(harness.output.at(-1)).toEqual({ value: 'cat 10 dog', timestamp: 10 })
  })
})
