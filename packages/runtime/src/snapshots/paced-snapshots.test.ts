// Operators go on with records while their snapshot is still being written: it must be the one of the moment at which it was taken.

import {
  type AggregatingState,
  type Collector,
  EventTimeSessionWindows,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type MapState,
  type OnTimerContext,
  type ReducingState,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  Types,
  type ValueState,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SnapshotPace } from './snapshot-encoder.ts'

interface Order {
  readonly key: number
  readonly what: number
}

const Tally = Types.record({ count: Types.int, last: Types.nullable(Types.string) })
type Tally = { count: number; last: string | null }

const AGGREGATE = {
  accumulatorType: Types.array(Types.int),
  createAccumulator: (): number[] => [],
  add: (sum: number[], value: number): number[] => {
    sum.push(value)
    return sum
  },
  getResult: (sum: number[]): number[] => [...sum],
  merge: (left: number[], right: number[]): number[] => [...left, ...right],
}

const ttl = { duration: '20 ms', cleanup: { fullSnapshot: true } } as const

/** Uses state of every kind, with and without a time to live, and timers; changes objects in place, removes, and begins anew. */
class EveryState implements KeyedProcessFunction<string, Order, string> {
  #number!: ValueState<number>
  #tally!: ValueState<Tally | undefined>
  #untyped!: ValueState<{ seen: number[] } | undefined>
  #list!: ListState<Tally>
  #map!: MapState<string, number>
  #sum!: ReducingState<Tally>
  #all!: AggregatingState<number, number[]>
  #freshValue!: ValueState<Tally | undefined>
  #freshList!: ListState<number>
  #freshMap!: MapState<string, number>

  open(context: KeyedRuntimeContext): void {
    const [keyType, valueType] = [Types.string, Types.int]
    this.#number = context.getValueState({ name: 'number', type: Types.long, defaultValue: 0 })
    this.#tally = context.getValueState({ name: 'tally', type: Tally })
    this.#untyped = context.getValueState({ name: 'untyped' })
    this.#list = context.getListState({ name: 'list', type: Tally })
    this.#map = context.getMapState({ name: 'map', keyType, valueType })
    this.#sum = context.getReducingState({
      name: 'sum',
      type: Tally,
      reduce: (left, right) => {
        left.count += right.count
        return left
      },
    })
    this.#all = context.getAggregatingState({ name: 'all', aggregate: AGGREGATE })
    this.#freshValue = context.getValueState({ name: 'freshValue', type: Tally, ttl })
    this.#freshList = context.getListState({ name: 'freshList', type: Types.int, ttl })
    this.#freshMap = context.getMapState({ name: 'freshMap', keyType, valueType, ttl })
  }

  processElement({ what }: Order, context: KeyedProcessContext<string>, out: Collector<string>) {
    if (what % 7 === 0) this.#forget(what)
    else this.#remember(what)
    const time = what % 13
    if (what % 5 === 0) context.timerService.deleteEventTimeTimer(time)
    else if (what % 2 === 0) context.timerService.registerEventTimeTimer(time)
    else context.timerService.registerProcessingTimeTimer(100 + time)
    out.collect(`${context.currentKey} ${this.#told()}`)
  }

  onTimer(timestamp: number, context: OnTimerContext<string>, out: Collector<string>): void {
    this.#map.put(`timer ${timestamp}`, timestamp)
    out.collect(`${context.currentKey} at ${timestamp} ${this.#told()}`)
  }

  #remember(what: number): void {
    this.#number.update(this.#number.value() + what)
    const tally = this.#tally.value() ?? { count: 0, last: null }
    tally.count += what
    tally.last = `the last of them was ${what}`
    this.#tally.update(tally)
    const untyped = this.#untyped.value()
    if (untyped === undefined) this.#untyped.update({ seen: [what] })
    else untyped.seen.push(what)
    for (const each of this.#list.get()) each.count++
    this.#list.add({ count: what, last: null })
    this.#map.put(`k${what % 3}`, what)
    this.#sum.add({ count: what, last: null })
    this.#all.add(what)
    const fresh = this.#freshValue.value()
    if (fresh !== undefined) fresh.count++
    this.#freshValue.update(fresh ?? { count: 0, last: null })
    this.#freshList.add(what)
    this.#freshMap.put(`k${what % 3}`, what)
  }

  #forget(what: number): void {
    const states = [this.#number, this.#tally, this.#untyped, this.#list, this.#map]
    for (const state of [...states, this.#sum, this.#all, this.#freshList]) {
      if (what % 3 !== 0 || state === this.#map) state.clear()
    }
    this.#freshMap.remove('k1')
  }

  #told(): string {
    return JSON.stringify([
      [this.#number.value(), this.#tally.value(), this.#untyped.value(), this.#list.get()],
      [[...this.#map.entries()], this.#sum.get(), this.#all.get()],
      // What a sweep has removed before it is put again comes last; when it comes by differs after a restart.
      [
        this.#freshValue.value(),
        this.#freshList.get(),
        [...this.#freshMap.entries()].sort(([a], [b]) => a.localeCompare(b)),
      ],
    ])
  }
}

const keyedProcess: OperatorHarnessOptions = {
  kind: 'keyed-process',
  functions: {
    keySelector: ({ key }: Order) => `the key of number ${key}`,
    process: () => new EveryState(),
  },
  keyType: Types.string,
}

function windows(assigner: object, keyType = Types.string as object): OperatorHarnessOptions {
  return {
    kind: 'window',
    config: {
      assigner: { ...assigner },
      allowedLatenessMs: 4,
      lateTag: null,
      accumulatorType: AGGREGATE.accumulatorType,
    },
    functions: {
      keySelector: ({ key }: Order) => (keyType === Types.string ? `number ${key}` : key),
      aggregate: {
        ...AGGREGATE,
        add: (sum: number[], { what }: Order) => AGGREGATE.add(sum, what),
      },
    },
    keyType: keyType as never,
  }
}

/** What fires is dropped at once: results are the accumulators, changed in place. */
function withoutLateness(
  assigner: object,
  merge: (left: number[], right: number[]) => number[],
): OperatorHarnessOptions {
  const { config, functions, ...options } = windows(assigner)
  const aggregate = {
    ...(functions?.['aggregate'] as typeof AGGREGATE),
    getResult: (sum: number[]): number[] => sum.reverse(),
    merge,
  }
  return {
    ...options,
    config: { ...config, allowedLatenessMs: 0 },
    functions: { ...functions, aggregate },
  }
}

const OPERATORS: Readonly<Record<string, OperatorHarnessOptions>> = {
  'state of every kind and timers': keyedProcess,
  'tumbling windows': windows(TumblingEventTimeWindows.of('5 ms')),
  'tumbling windows without lateness': withoutLateness(TumblingEventTimeWindows.of('5 ms'), () =>
    expect.unreachable('tumbling windows are not merged'),
  ),
  'sliding windows without lateness': withoutLateness(
    SlidingEventTimeWindows.of('6 ms', '2 ms'),
    AGGREGATE.merge,
  ),
  'session windows without lateness': withoutLateness(
    EventTimeSessionWindows.withGap('3 ms'),
    AGGREGATE.merge,
  ),
  'sliding windows': windows(SlidingEventTimeWindows.of('6 ms', '2 ms')),
  'session windows': windows(EventTimeSessionWindows.withGap('3 ms')),
}

/** A record, a watermark, time that passes, or a slice of the snapshot. */
const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('order'), n: fc.nat(1000), key: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time'), n: fc.nat(3), key: fc.nat(0) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock'), n: fc.nat(9), key: fc.nat(0) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('slice'), n: fc.nat(0), key: fc.nat(0) }) },
)

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

const orders = Array.from({ length: 50 }, (_, n): Event => ({ kind: 'order', n, key: n % 10 }))

class Run {
  watermark = 0
  readonly harness: OperatorHarness

  constructor(harness: OperatorHarness) {
    this.harness = harness
  }

  async apply(events: readonly Event[]): Promise<void> {
    for (const { kind, n, key } of events) {
      if (kind === 'order') {
        this.harness.processElement({ key, what: n }, this.watermark + (n % 6))
      } else if (kind === 'time') {
        this.watermark += n
        this.harness.processWatermark(this.watermark)
      } else if (kind === 'clock') this.harness.time.advanceBy(n)
      else await Promise.resolve()
    }
  }

  output(): string[] {
    return this.harness.output
      .map(({ value, timestamp }) => `${timestamp} ${JSON.stringify(value)}`)
      .sort()
  }
}

const ONE_STEP = { ms: Number.POSITIVE_INFINITY, steps: 1 }

async function started(
  options: OperatorHarnessOptions,
  atBarrier: number | undefined,
  before: readonly Event[],
): Promise<Run> {
  const snapshotPace: SnapshotPace = {
    atBarrier: { ...ONE_STEP, steps: atBarrier ?? Number.POSITIVE_INFINITY },
    inSlice: ONE_STEP,
  }
  const run = new Run(await OperatorHarness.open({ ...options, snapshotPace }))
  await run.apply(before)
  run.harness.clearOutput()
  return run
}

describe('a snapshot that is written while records go on', () => {
  test.for(Object.entries(OPERATORS))(
    'when it is of %s, then it has the bytes of one taken at once, and nobody notices it',
    async ([, options]) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(event, { maxLength: 60, size: 'max' }),
          fc.nat(4),
          fc.array(event, { maxLength: 60, size: 'max' }),
          async (before, atBarrier, after) => {
            const atOnce = await started(options, undefined, before)
            const expected = await atOnce.harness.snapshot()
            const paced = await started(options, atBarrier, before)
            const taken = paced.harness.snapshot()
            await paced.apply(after)
            const snapshot = await taken
            expect(snapshot.slots).toEqual(expected.slots)
            await atOnce.apply(after)
            expect(paced.output()).toEqual(atOnce.output())
            const restored = new Run(
              await OperatorHarness.open({
                ...options,
                time: (await started(options, undefined, before)).harness.time,
                restored: [snapshot],
              }),
            )
            restored.watermark = before.reduce(
              (sum, { kind, n }) => sum + (kind === 'time' ? n : 0),
              0,
            )
            await restored.apply(after)
            expect(restored.output()).toEqual(atOnce.output())
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  test('when the checkpoint is aborted in the middle, then the next one is whole', async () => {
    const run = await started(keyedProcess, 0, orders)
    const given = run.harness.snapshot()
    run.harness.notifyCheckpointAborted()
    await expect(given).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' })
    await run.apply(orders)
    const atOnce = await started(keyedProcess, undefined, [...orders, ...orders])
    expect((await run.harness.snapshot()).slots).toEqual((await atOnce.harness.snapshot()).slots)
  })

  test('when the operator is closed in the middle, then the snapshot never comes', async () => {
    const run = await started(keyedProcess, 0, orders)
    const given = run.harness.snapshot()
    await run.harness.close()
    await expect(given).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' })
  })

  test('when two are taken one right after the other, then each is that of its moment', async () => {
    const run = await started(keyedProcess, 0, orders)
    const first = run.harness.snapshot()
    for (const { n, key } of orders) run.harness.processElement({ key, what: n }, n % 6)
    const second = run.harness.snapshot()
    const once = await started(keyedProcess, undefined, orders)
    const twice = await started(keyedProcess, undefined, [...orders, ...orders])
    expect((await first).slots).toEqual((await once.harness.snapshot()).slots)
    expect((await second).slots).toEqual((await twice.harness.snapshot()).slots)
  })
})
