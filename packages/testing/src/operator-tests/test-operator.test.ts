import {
  type Collector,
  EventTimeSessionWindows,
  type FunctionInitializationContext,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type MapState,
  OutputTag,
  type ProcessContext,
  type ProcessFunction,
  type ReducingState,
  rich,
  type RuntimeContext,
  TumblingEventTimeWindows,
  Types,
  type ValueState,
  WatermarkStrategy,
} from '@millrace/core'
import { AsyncDataStream, type DataStream, DiscardSink } from '@millrace/datastream'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type OneInputHarness, testOperator } from './one-input-harness.ts'
import { testHostile } from './test-hostile.ts'

const COUNT = { name: 'count', type: Types.int, defaultValue: 0 }
const SEEN = { name: 'seen', type: Types.int }
const BY_LENGTH = { name: 'by length', keyType: Types.int, valueType: Types.int }
const LONGEST = {
  name: 'longest',
  type: Types.int,
  reduce: (a: number, b: number) => Math.max(a, b),
}
const TOTAL = {
  name: 'total',
  aggregate: {
    createAccumulator: () => 0,
    add: (total: number, n: number) => total + n,
    getResult: (total: number) => `total ${total}`,
    merge: (left: number, right: number) => left + right,
  },
}
const REST = new OutputTag<string>('rest')

/** Uses every kind of keyed state, timers of both domains and a side output. */
class Everything implements KeyedProcessFunction<string, string, string> {
  #count!: ValueState<number>
  #seen!: ListState<number>
  #byLength!: MapState<number, number>
  #longest!: ReducingState<number>
  #addToTotal!: (n: number) => void

  open(context: KeyedRuntimeContext): void {
    this.#count = context.getValueState(COUNT)
    this.#seen = context.getListState(SEEN)
    this.#byLength = context.getMapState(BY_LENGTH)
    this.#longest = context.getReducingState(LONGEST)
    const total = context.getAggregatingState(TOTAL)
    this.#addToTotal = (n) => total.add(n)
  }

  processElement(word: string, context: KeyedProcessContext<string>, out: Collector<string>): void {
    const count = this.#count.value() + 1
    this.#count.update(count)
    this.#seen.add(count)
    this.#byLength.put(word.length, count)
    this.#longest.add(word.length)
    this.#addToTotal(word.length)
    context.timerService.registerEventTimeTimer(100)
    context.timerService.registerProcessingTimeTimer(5_000)
    context.output(REST, word.slice(1))
    out.collect(`${word} ${count}`)
  }

  onTimer(
    timestamp: number,
    context: { readonly timeDomain: string },
    out: Collector<string>,
  ): void {
    out.collect(`${context.timeDomain} ${timestamp}`)
  }
}

function everything(words: DataStream<string>): DataStream<string> {
  return words
    .keyBy((word) => word.charAt(0), { type: Types.string })
    .process(() => new Everything(), { type: Types.string })
}

describe('testOperator', () => {
  test('when records come, then outputs, side outputs, timers and state of each key are there', async () => {
    const harness = await testOperator<string, string>(everything)
    for (const [index, word] of ['to', 'be', 'tree'].entries()) harness.processElement(word, index)
    expect(harness.output).toEqual([
      { value: 'to 1', timestamp: 0 },
      { value: 'be 1', timestamp: 1 },
      { value: 'tree 2', timestamp: 2 },
    ])
    expect(harness.sideOutput(REST).map(({ value }) => value)).toEqual(['o', 'e', 'ree'])
    expect(await harness.valueState('t', COUNT)).toBe(2)
    expect(await harness.valueState('x', COUNT)).toBe(0)
    expect(await harness.listState('t', SEEN)).toEqual([1, 2])
    expect(await harness.mapState('t', BY_LENGTH)).toEqual(
      new Map([
        [2, 1],
        [4, 2],
      ]),
    )
    expect(await harness.reducingState('t', LONGEST)).toBe(4)
    expect(await harness.aggregatingState('t', TOTAL)).toBe('total 6')
    expect(await harness.eventTimeTimers()).toEqual([
      { key: 'b', timestamp: 100 },
      { key: 't', timestamp: 100 },
    ])
    expect(await harness.numProcessingTimeTimers()).toBe(2)
  })

  test('when time goes on, then timers fire and are pending no more', async () => {
    const harness = await testOperator<string, string>(everything, { startMs: 1_000 })
    harness.processElement('to', 0)
    harness.clearOutput()
    harness.processWatermark(100)
    expect(harness.values).toEqual(['event-time 100'])
    expect(harness.watermarks).toEqual([100])
    expect(await harness.numEventTimeTimers()).toBe(0)
    harness.advanceProcessingTime('3999 ms')
    expect(harness.values).toHaveLength(1)
    harness.advanceProcessingTime(1)
    expect([harness.values[1], harness.processingTime]).toEqual(['processing-time 5000', 5_000])
  })

  test('when the operator restarts, then state goes on and what was emitted stays', async () => {
    const harness = await testOperator<string, string>(everything)
    harness.processElement('to', 0)
    expect(await harness.restart()).toBe(harness)
    harness.processElement('to', 1)
    harness.processWatermark(100)
    expect(harness.values).toEqual(['to 1', 'to 2', 'event-time 100'])
    expect(harness.sideOutput(REST)).toHaveLength(2)
    expect(harness.sideOutputIds).toEqual(['rest'])
  })

  test('when one subtask becomes two, then each has the keys of its own', async () => {
    const one = await testOperator<string, string>(everything)
    const words = [...'abcdefghij']
    one.processElements(words)
    const restored = [await one.snapshot()]
    const halves = await Promise.all(
      [0, 1].map((subtaskIndex) =>
        testOperator<string, string>(everything, { parallelism: 2, subtaskIndex, restored }),
      ),
    )
    const timers = await Promise.all(halves.map((half) => half.eventTimeTimers()))
    expect(timers.map(({ length }) => length).every((count) => count > 0 && count < 10)).toBe(true)
    expect(
      timers
        .flat()
        .map(({ key }) => String(key))
        .toSorted(),
    ).toEqual(words)
    const snapshots = await Promise.all(halves.map((half) => half.snapshot()))
    const merged = await testOperator<string, string>(everything, { restored: snapshots })
    merged.processElement('a')
    expect(merged.values).toEqual(['a 2'])
  })

  test('when a state is asked for that the operator does not have, then it says what there is', async () => {
    const harness = await testOperator<string, string>(everything)
    await expect(harness.valueState('t', { name: 'conut' })).rejects.toThrow(/"count", "seen"/)
    await expect(harness.broadcastState({ name: 'rules' })).rejects.toMatchObject({
      code: 'STATE_ACCESS_INVALID',
    })
  })

  test('when the operator is a window, then it fires and says what came too late', async () => {
    const late = new OutputTag<string>('late')
    const harness = await testOperator<string, string>((words) =>
      words
        .keyBy((word) => word)
        .window(TumblingEventTimeWindows.of('10 ms'))
        .sideOutputLateData(late)
        .reduce((left, right) => left + right),
    )
    harness.processElement('to', 3)
    await harness.restart()
    harness.processElement('to', 8)
    harness.processWatermark(9)
    harness.processElement('to', 4)
    expect(harness.output).toEqual([{ value: 'toto', timestamp: 9 }])
    expect(harness.sideOutput(late).map(({ value }) => value)).toEqual(['to'])
  })

  test('when windows have no keys, or count, then the harness runs them too', async () => {
    const all = await testOperator<number, number>((ns) =>
      ns.windowAll(TumblingEventTimeWindows.of('10 ms')).reduce((left, right) => left + right),
    )
    all.processElement(1, 1)
    all.processElement(2, 2)
    all.processWatermark(9)
    expect(all.output).toEqual([{ value: 3, timestamp: 9 }])

    const pairs = await testOperator<number, number>((ns) =>
      ns
        .keyBy((n) => n % 2)
        .countWindow(2)
        .reduce((left, right) => left + right),
    )
    pairs.processElements([1, 2, 3])
    expect(pairs.values).toEqual([4])
  })

  test('when the function keeps operator state, then it can be read', async () => {
    class Buffer implements ProcessFunction<number, number> {
      #kept!: ListState<number>
      #values: number[] = []
      initializeState(context: FunctionInitializationContext): void {
        this.#kept = context.operatorStateStore.getListState({ name: 'kept', type: Types.int })
        this.#values = [...this.#kept.get()]
      }
      snapshotState(): void {
        this.#kept.update(this.#values)
      }
      processElement(n: number): void {
        this.#values.push(n)
      }
    }
    const harness = await testOperator<number, number>((ns) => ns.process(() => new Buffer()))
    harness.processElements([1, 2])
    expect(await harness.operatorListState({ name: 'kept' })).toEqual([1, 2])
    await expect(harness.unionListState({ name: 'kept' })).rejects.toThrow(/union state/)
  })

  test('when accumulators and parameters are used, then the harness has both', async () => {
    const harness = await testOperator<number, number>(
      (ns) =>
        ns.map(
          rich(() => {
            let context: RuntimeContext
            return {
              open: (opened: RuntimeContext) => void (context = opened),
              map: (n: number) => {
                context.getAccumulator('seen').add(1)
                return n * context.globalJobParameters.getNumber('factor')
              },
            }
          }),
        ),
      { globalJobParameters: { factor: 3 } },
    )
    harness.processElements([1, 2])
    expect(harness.values).toEqual([3, 6])
    expect(harness.accumulators).toEqual({ seen: 2 })
    expect(harness.getAccumulatorResult('seen')).toBe(2)
  })

  test('when the input is idle, then the operator says so, and a full output does not count', async () => {
    const harness = await testOperator<number, number>((ns) =>
      ns.assignTimestampsAndWatermarks(
        WatermarkStrategy.forMonotonousTimestamps<number>()
          .withTimestampAssigner((n) => n)
          .withIdleness('1 s'),
      ),
    )
    harness.processElement(5)
    harness.setOutputFull(true)
    harness.advanceProcessingTime('5 s')
    expect([harness.isIdle, harness.watermarks]).toEqual([false, [4]])
    harness.setOutputFull(false)
    harness.advanceProcessingTime('5 s')
    expect(harness.isIdle).toBe(true)

    const passing = await testOperator<number, number>((ns) => ns.map((n) => n))
    passing.processWatermarkStatus(true)
    expect(passing.isIdle).toBe(true)
  })

  test('when the operator asks others, then the test waits for the answers', async () => {
    const ask = (word: string): Promise<string[]> =>
      word === 'lost' ? new Promise(() => {}) : Promise.resolve([word.toUpperCase()])
    const harness = await testOperator<string, string>((words) =>
      AsyncDataStream.orderedWait(words, ask, { timeout: '5 s' }),
    )
    harness.processElements(['to', 'be'])
    expect(harness.isDrained).toBe(false)
    await harness.drain()
    expect(harness.values).toEqual(['TO', 'BE'])
    harness.processElement('or')
    await harness.restart()
    harness.endInput()
    await harness.drain()
    expect(harness.values).toEqual(['TO', 'BE', 'OR'])

    const silent = await testOperator<string, string>((words) =>
      AsyncDataStream.orderedWait(words, ask, { timeout: '5 s' }),
    )
    silent.processElement('lost')
    await expect(silent.drain()).rejects.toThrow(/TEST_FAILED.*advanceProcessingTime/)
    expect(() => silent.advanceProcessingTime('5 s')).toThrow(/5000 ms/)
  })

  test('when the operator is a sink, then it takes records and emits none', async () => {
    const harness = await testOperator<number, never>((ns) => ns.sinkTo(new DiscardSink()))
    harness.processElement(1)
    harness.endInput()
    expect(harness.output).toEqual([])
  })

  test('when a function throws, then the call that gave it the record throws', async () => {
    const harness = await testOperator<number, number>((ns) =>
      ns.map((): number => {
        throw new Error('no such thing')
      }),
    )
    expect(() => harness.processElement(1)).toThrow(/no such thing/)
  })

  test('when the builder adds not one operator, then it says which it adds', async () => {
    await expect(testOperator<number, number>((ns) => ns)).rejects.toThrow(/exactly one.*none/)
    await expect(
      testOperator<number, number>((ns) => ns.map((n) => n).filter((n) => n > 1)),
    ).rejects.toThrow(/OPTION_INVALID.*2: 'Map', 'Filter'.*MiniEnvironment/)
    await expect(
      testOperator<number, number>(() => {
        throw new Error('cannot build')
      }),
    ).rejects.toThrow('cannot build')
  })

  test('when options make no sense, then they are refused', async () => {
    const open = (options: object): Promise<unknown> =>
      testOperator<number, number>((ns) => ns.map((n) => n), options)
    await expect(open({ paralelism: 2 })).rejects.toThrow(/parallelism/)
    await expect(open({ parallelism: 2, subtaskIndex: 2 })).rejects.toThrow(/subtaskIndex/)
    await expect(open({ startMs: -1 })).rejects.toThrow(/startMs/)
  })

  test('when types are written down, then harnesses have them', () => {
    type Harness = OneInputHarness<string, number>
    expectTypeOf<Parameters<Harness['processElement']>[0]>().toEqualTypeOf<string>()
    expectTypeOf<Harness['values']>().toEqualTypeOf<readonly number[]>()
    expectTypeOf<ReturnType<Harness['sideOutput']>>().toExtend<readonly { value: unknown }[]>()
  })
})

describe('testHostile', () => {
  const counting = ['to', 'be', 'tree', 'to'].map(
    (word, index) => (harness: OneInputHarness<string, string>) => {
      harness.processElement(word, index)
      if (index === 2) harness.processWatermark(100)
    },
  )

  test('when all is in state, then all runs agree and the outputs are answered', async () => {
    const outputs = await testHostile<string, string>(everything, counting)
    expect(outputs.map(({ records }) => records.map(({ value }) => value))).toEqual([
      ['to 1'],
      ['be 1'],
      ['tree 2', 'event-time 100', 'event-time 100'],
      ['to 3'],
    ])
    expect(outputs[2]?.watermark).toBe(100)
    expect(outputs[3]?.sideOutputs).toEqual({ rest: [{ value: 'o', timestamp: 3 }] })
  })

  test('when a function counts in a field, then a failure shows it', async () => {
    let opened = 0
    class Forgetful implements ProcessFunction<string, number> {
      #count = 0
      open(): void {
        opened += 1
      }
      processElement(_: string, __: ProcessContext, out: Collector<number>): void {
        out.collect(++this.#count)
      }
    }
    const run = testHostile<string, number>(
      (words) => words.process(() => new Forgetful()),
      ['a', 'b'].map((word) => (harness) => harness.processElement(word, 7)),
    )
    await expect(run).rejects.toThrow(
      /TEST_FAILED.*step 2.*undisturbed: 2 @ 7.*1 @ 7, with a failure/,
    )
    // Once undisturbed, then once more after each of two steps.
    expect(opened).toBe(4)
  })

  test('when a snapshot changes what the function does, then a checkpoint alone shows it', async () => {
    class EmptiedBySnapshots implements ProcessFunction<number, number> {
      #kept!: ListState<number>
      initializeState(context: FunctionInitializationContext): void {
        this.#kept = context.operatorStateStore.getListState({ name: 'kept', type: Types.int })
      }
      #flushed = false
      snapshotState(): void {
        this.#flushed = true
      }
      processElement(n: number, _: ProcessContext, out: Collector<number>): void {
        this.#kept.add(n)
        out.collect(this.#flushed ? 0 : this.#kept.get().length)
      }
    }
    const run = testHostile<number, number>(
      (ns) => ns.process(() => new EmptiedBySnapshots()),
      [1, 2].map((n) => (harness) => harness.processElement(n)),
    )
    await expect(run).rejects.toThrow(/0 @ .*, with a full output .* and a checkpoint/)
  })

  test('when windows of sessions restart after each step, then they merge as undisturbed', async () => {
    const outputs = await testHostile<string, string>(
      (words) =>
        words
          .keyBy((word) => word, { type: Types.string })
          .window(EventTimeSessionWindows.withGap('10 ms'))
          .reduce((left, right) => left + right),
      [1, 15, 8].map((at) => (harness) => {
        harness.processElement('a', at)
        if (at === 8) harness.processWatermark(30)
      }),
    )
    expect(outputs[2]?.records.map(({ value }) => value.length)).toEqual([3])
  })
})
