// What operators do with watermarks of the user's own kinds, restored after each step or not.

import {
  type Collector,
  type GeneralizedWatermark,
  isWatermarkOf,
  type KeyedRuntimeContext,
  type KeyedStateApplication,
  longWatermark,
  NO_TIMESTAMP,
  OutputTag,
  type ProcessContext,
  TumblingEventTimeWindows,
  Types,
  type ValueState,
  watermarkOf,
} from '@millrace/core'
import {
  type HarnessStep,
  OperatorHarness,
  type OperatorHarnessOptions,
  runSteps,
  ScriptedSource,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const progress = longWatermark('progress')
const local = longWatermark('local', { handling: 'ignore' })
const rules = { name: 'rules', keyType: Types.string, valueType: Types.int }
const byText = (value: string): string => value

/** Every kind of operator that runs a process function. */
const PROCESS_KINDS: readonly (readonly [OperatorHarnessOptions['kind'], object, object])[] = [
  ['process', {}, {}],
  ['keyed-process', { keySelector: byText }, {}],
  ['co-process', {}, {}],
  ['keyed-co-process', { keySelector1: byText, keySelector2: byText }, {}],
  ['broadcast-process', {}, { states: [rules] }],
  ['keyed-broadcast-process', { keySelector: byText }, { states: [rules] }],
]

const KEYED_KINDS = PROCESS_KINDS.filter(([kind]) => kind.startsWith('keyed'))

/** A function of any kind, that does the same with each record. */
function functionOf(
  onRecord: (value: string, context: ProcessContext, out: Collector<string>) => void,
  rest: object = {},
): object {
  return {
    processElement: onRecord,
    processElement1: onRecord,
    processElement2: onRecord,
    processBroadcastElement: onRecord,
    ...rest,
  }
}

const collect = (value: string, _context: ProcessContext, out: Collector<string>): void =>
  out.collect(value)

describe.each(PROCESS_KINDS)('a %s function', (kind, functions, config) => {
  const options = (process: object): OperatorHarnessOptions => ({
    kind,
    name: 'the operator',
    config: config as never,
    keyType: Types.string,
    functions: { ...functions, process: () => process },
    declaredWatermarks: [progress],
  })

  test('when it has no hook, then what comes is handed on as declared', async () => {
    const harness = await OperatorHarness.open(options(functionOf(collect)))
    harness.processGeneralizedWatermark(watermarkOf(progress, 1))
    harness.processGeneralizedWatermark(watermarkOf(local, 2))
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 1)])
  })

  test('when it has looked, then what it emits comes first, without a timestamp; what it took is not handed on', async () => {
    const late = new OutputTag<string>('late')
    const order: string[] = []
    const harness = await OperatorHarness.open(
      options(
        functionOf(collect, {
          onWatermark(
            watermark: GeneralizedWatermark,
            context: ProcessContext,
            out: Collector<string>,
          ) {
            order.push(`${watermark.declaration.name} ${watermark.value} ${context.timestamp}`)
            order.push(`handed on: ${harness.generalizedWatermarks.length}`)
            out.collect(`at ${context.currentWatermark()}`)
            context.output(late, 'aside')
            return Number(watermark.value) < 10 ? 'peek' : 'poll'
          },
        }),
      ),
    )
    harness.processElement('record', 77)
    harness.processWatermark(50)
    harness.processWatermark(50, 1 % (kind.includes('co-') || kind.includes('broadcast') ? 2 : 1))
    harness.processGeneralizedWatermark(watermarkOf(progress, 9))
    harness.processGeneralizedWatermark(watermarkOf(progress, 10))
    expect(order).toEqual([
      'progress 9 undefined',
      'handed on: 0',
      'progress 10 undefined',
      'handed on: 1',
    ])
    expect(harness.output.slice(1)).toEqual([
      { value: 'at 50', timestamp: NO_TIMESTAMP },
      { value: 'at 50', timestamp: NO_TIMESTAMP },
    ])
    expect(harness.sideOutput(late)).toHaveLength(2)
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 9)])
  })

  test('when it emits one, then it goes out at its place; the declaration decides what may', async () => {
    const harness = await OperatorHarness.open<string>(
      options(
        functionOf((value, context, out) => {
          out.collect(value)
          if (value === 'other') context.emitWatermark(local, 1)
          context.emitWatermark(progress, value === 'half' ? 0.5 : 7)
        }),
      ),
    )
    harness.processElement('fine')
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 7)])
    expect(() => harness.processElement('other')).toThrow(
      /expected a watermark that 'the operator' declares: long 'progress', combined by min, but got long 'local'/,
    )
    expect(() => harness.processElement('half')).toThrow(/a whole number as watermark 'progress'/)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
      'FUNCTION_FAILED',
    ],
    ['returns a promise', async () => 'peek', 'FUNCTION_RETURNED_PROMISE'],
    ['returns nothing', () => undefined, 'FUNCTION_FAILED'],
  ])(
    'when the hook %s, then that is said with the name of the operator',
    async (_, onWatermark, code) => {
      const harness = await OperatorHarness.open(options(functionOf(collect, { onWatermark })))
      expect(() => harness.processGeneralizedWatermark(watermarkOf(progress, 1))).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining("'the operator'") }),
      )
    },
  )
})

describe.each(KEYED_KINDS)('the hook of a %s function', (kind, functions, config) => {
  class Counting {
    #count!: ValueState<number>

    open(context: KeyedRuntimeContext): void {
      this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
    }

    processElement(): void {
      this.#count.update(this.#count.value() + 1)
    }

    processElement1(): void {
      this.processElement()
    }

    processElement2(): void {
      this.processElement()
    }

    processBroadcastElement(): void {}

    onWatermark(
      watermark: GeneralizedWatermark,
      context: ProcessContext & KeyedStateApplication<string>,
      out: Collector<string>,
    ): 'peek' | 'poll' {
      if (watermark.value === -1) this.#count.value()
      context.applyToKeyedState(this.#count, (key, count) => {
        out.collect(`${key}: ${count.value()} until ${watermark.value}`)
        count.clear()
      })
      return isWatermarkOf(local, watermark) ? 'poll' : 'peek'
    }
  }

  const options: OperatorHarnessOptions = {
    kind,
    config: config as never,
    keyType: Types.string,
    functions: { ...functions, process: () => new Counting() },
  }

  test('it reaches the state of all keys, and of none by itself', async () => {
    const harness = await OperatorHarness.open(options)
    for (const word of ['a', 'b', 'a']) harness.processElement(word)
    harness.processGeneralizedWatermark(watermarkOf(progress, 4))
    expect(harness.output.map(({ value }) => value)).toEqual(['a: 2 until 4', 'b: 1 until 4'])
    harness.processElement('a')
    expect(() => harness.processGeneralizedWatermark(watermarkOf(progress, -1))).toThrow(
      expect.objectContaining({ code: 'STATE_ACCESS_INVALID' }),
    )
  })

  test('when it is restored after each step, then it emits the same', async () => {
    const step = fc.oneof(
      fc.constantFrom('a', 'b', 'c').map(
        (word): HarnessStep =>
          (harness) =>
            harness.processElement(word, 1),
      ),
      fc.nat(9).map(
        (value): HarnessStep =>
          (harness) =>
            harness.processGeneralizedWatermark(watermarkOf(value < 3 ? local : progress, value)),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (given) => {
        const undisturbed = await runSteps(options, given)
        expect(await runSteps(options, given, { restartAfter: () => true })).toEqual(undisturbed)
      }),
      { numRuns: 40 },
    )
  })
})

describe('operators without a hook', () => {
  const window: OperatorHarnessOptions = {
    kind: 'window',
    config: {
      assigner: { ...TumblingEventTimeWindows.of('10 ms') },
      allowedLatenessMs: 0,
      lateTag: null,
      accumulatorType: { kind: 'int' },
    },
    functions: {
      keySelector: byText,
      aggregate: {
        createAccumulator: () => 0,
        add: (count: number) => count + 1,
        getResult: (count: number) => count,
        merge: (left: number, right: number) => left + right,
      },
    },
  }
  const fold = { createAccumulator: () => 0, add: () => 1, merge: () => 1, emit: () => [] }
  const OPERATORS: readonly (readonly [string, OperatorHarnessOptions])[] = [
    ['map', { kind: 'map', functions: { map: byText } }],
    ['filter', { kind: 'filter', functions: { filter: () => true } }],
    ['flat-map', { kind: 'flat-map', functions: { flatMap: (value: string) => [value] } }],
    ['keyed-reduce', { kind: 'keyed-reduce', functions: { keySelector: byText, reduce: byText } }],
    [
      'timestamps-watermarks',
      { kind: 'timestamps-watermarks', config: { watermarks: { generator: 'none' } } },
    ],
    ['window', window],
    [
      'partition',
      {
        kind: 'partition',
        config: { accumulatorType: { kind: 'int' }, keptRecordType: null, emitsEmpty: false },
        functions: { fold },
      },
    ],
    [
      'iteration-head',
      {
        kind: 'iteration-head',
        config: { feedbackType: { kind: 'string' }, feedbackTag: null, queuedRecordsMax: 4 },
      },
    ],
  ]

  test.each(OPERATORS)(
    'a %s hands on what is to be forwarded, and nothing else',
    async (_, options) => {
      const harness = await OperatorHarness.open(options)
      harness.processGeneralizedWatermark(watermarkOf(local, 1))
      harness.processGeneralizedWatermark(watermarkOf(progress, 2))
      expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 2)])
      expect(harness.watermarks).toEqual([])
      await harness.close()
    },
  )
})

describe('a source', () => {
  test('when its reader emits one, then it goes out between the records, if the stream declares it', async () => {
    const source = new ScriptedSource({ hasTimePerSplit: true })
    const harness = await OperatorHarness.open({
      kind: 'source',
      config: { watermarks: { generator: 'none' } },
      functions: { source },
      declaredWatermarks: [progress],
    })
    harness.tellSource({ kind: 'add-splits', splits: [{ splitId: 'a' }] })
    source.put('a', 1)
    harness.poll(1)
    source.output.emitWatermark(progress, 1)
    expect(harness.output).toHaveLength(1)
    expect(harness.generalizedWatermarks).toEqual([watermarkOf(progress, 1)])
    expect(() => source.output.emitWatermark(local, 1)).toThrow(/declares: long 'progress'/)
  })
})
