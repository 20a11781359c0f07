import {
  type Collector,
  type CoProcessFunction,
  type KeyedBroadcastProcessFunction,
  type KeyedCoProcessFunction,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type ProcessContext,
  type ProcessJoinFunction,
  TumblingEventTimeWindows,
  Types,
  type ValueState,
} from '@millrace/core'
import type { DataStream } from '@millrace/datastream'
import { describe, expect, test } from 'vitest'
import { testTwoInputHostile } from './test-hostile.ts'
import { type TwoInputHarness, testTwoInputOperator } from './two-input-harness.ts'

const LAST = { name: 'last', type: Types.int }
const RULES = { name: 'rules', keyType: Types.string, valueType: Types.int }

interface Reading {
  readonly id: string
  readonly n: number
}

/** Emits each reading of the first stream with the last of the second stream that has its id. */
class WithLast implements KeyedCoProcessFunction<string, Reading, Reading, string> {
  #last!: ValueState<number | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#last = context.getValueState<number>(LAST)
  }

  processElement1(
    { id, n }: Reading,
    _: KeyedProcessContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`${id} ${n} ${this.#last.value() ?? 'none'}`)
  }

  processElement2({ n }: Reading): void {
    this.#last.update(n)
  }
}

function withLast(first: DataStream<Reading>, second: DataStream<Reading>): DataStream<string> {
  const byId = ({ id }: Reading): string => id
  return first
    .keyBy(byId, { type: Types.string })
    .connect(second.keyBy(byId, { type: Types.string }))
    .process(() => new WithLast())
}

describe('testTwoInputOperator', () => {
  test('when two keyed streams are connected, then they share the state of a key', async () => {
    const harness = await testTwoInputOperator<Reading, Reading, string>(withLast)
    harness.processElement1({ id: 'a', n: 1 })
    harness.processElement2({ id: 'a', n: 7 })
    await harness.restart()
    harness.processElement1({ id: 'a', n: 2 })
    harness.processElement1({ id: 'b', n: 3 })
    expect(harness.values).toEqual(['a 1 none', 'a 2 7', 'b 3 none'])
    expect(await harness.valueState('a', LAST)).toBe(7)
  })

  test('when only one watermark goes on, then that of the operator waits for the other', async () => {
    const harness = await testTwoInputOperator<Reading, Reading, string>(withLast)
    harness.processWatermark1(5)
    expect(harness.watermarks).toEqual([])
    harness.processWatermark2(3)
    harness.processWatermark(9)
    expect(harness.watermarks).toEqual([3, 9])
  })

  test('when one stream is idle, then only the other holds time back', async () => {
    const harness = await testTwoInputOperator<Reading, Reading, string>(withLast)
    harness.processWatermark2(3)
    harness.processWatermarkStatus1(true)
    expect([harness.watermarks, harness.isIdle]).toEqual([[3], false])
    harness.processWatermarkStatus2(true)
    expect(harness.isIdle).toBe(true)
  })

  test('when the builder connects them the other way round, then each still has its number', async () => {
    const tagging: CoProcessFunction<string, string, string> = {
      processElement1: (word, _: ProcessContext, out) => out.collect(`in 1: ${word}`),
      processElement2: (word, _: ProcessContext, out) => out.collect(`in 2: ${word}`),
    }
    const harness = await testTwoInputOperator<string, string, string>((first, second) =>
      second.connect(first).process(() => tagging),
    )
    harness.processElement1('first')
    harness.processElement2('second')
    expect(harness.values).toEqual(['in 2: first', 'in 1: second'])
  })

  test('when rules are broadcast to a keyed stream, then keyed and broadcast state can be read', async () => {
    class AboveLimit implements KeyedBroadcastProcessFunction<string, Reading, Reading, string> {
      #last!: ValueState<number | undefined>
      open(context: KeyedRuntimeContext): void {
        this.#last = context.getValueState<number>(LAST)
      }
      processElement(
        { id, n }: Reading,
        context: Parameters<
          KeyedBroadcastProcessFunction<string, Reading, Reading, string>['processElement']
        >[1],
        out: Collector<string>,
      ): void {
        this.#last.update(n)
        if (n > (context.getBroadcastState(RULES).get(id) ?? 0)) out.collect(`${id} ${n}`)
      }
      processBroadcastElement(
        { id, n }: Reading,
        context: Parameters<
          KeyedBroadcastProcessFunction<string, Reading, Reading, string>['processBroadcastElement']
        >[1],
      ): void {
        context.getBroadcastState(RULES).put(id, n)
      }
    }
    const harness = await testTwoInputOperator<Reading, Reading, string>((readings, rules) =>
      readings
        .keyBy(({ id }) => id, { type: Types.string })
        .connect(rules.broadcast(RULES))
        .process(() => new AboveLimit()),
    )
    harness.processElement2({ id: 'a', n: 5 })
    await harness.restart()
    for (const n of [4, 6]) harness.processElement1({ id: 'a', n })
    expect(harness.values).toEqual(['a 6'])
    expect(await harness.broadcastState(RULES)).toEqual(new Map([['a', 5]]))
    expect(await harness.valueState('a', LAST)).toBe(6)
  })

  test('when two streams are joined in an interval, then the harness runs the join', async () => {
    const harness = await testTwoInputOperator<Reading, Reading, string>((first, second) =>
      first
        .keyBy(({ id }) => id, { type: Types.string })
        .intervalJoin(second.keyBy(({ id }) => id, { type: Types.string }))
        .between('-2 ms', '2 ms')
        .process((): ProcessJoinFunction<Reading, Reading, string> => ({
          processElement: (left, right, _, out) => out.collect(`${left.n} ${right.n}`),
        })),
    )
    harness.processElement1({ id: 'a', n: 1 }, 10)
    harness.processElement2({ id: 'a', n: 2 }, 12)
    harness.processElement2({ id: 'a', n: 3 }, 13)
    expect(harness.output).toEqual([{ value: '1 2', timestamp: 12 }])
  })

  test('when two streams are joined in a window, then the harness runs the join', async () => {
    const harness = await testTwoInputOperator<Reading, Reading, string>((first, second) =>
      first
        .join(second)
        .where(({ id }) => id)
        .equalTo(({ id }) => id)
        .window(TumblingEventTimeWindows.of('10 ms'))
        .apply((left, right) => `${left.n} ${right.n}`),
    )
    harness.processElement1({ id: 'a', n: 1 }, 1)
    harness.processElement2({ id: 'a', n: 2 }, 2)
    harness.processElement2({ id: 'b', n: 3 }, 2)
    harness.processWatermark(9)
    expect(harness.output).toEqual([{ value: '1 2', timestamp: 9 }])
  })

  test('when the builder leaves a stream unread, or unites them, then it says so', async () => {
    await expect(
      testTwoInputOperator<number, number, number>((first) => first.map((n) => n)),
    ).rejects.toThrow(/OPTION_INVALID.*'Map' to read input 2/)
    await expect(
      testTwoInputOperator<number, number, number>((a, b) => a.union(b).map((n) => n)),
    ).rejects.toThrow(/OPTION_INVALID.*union/)
  })

  test('when the runs of a connected operator are disturbed, then they agree', async () => {
    type Step = (harness: TwoInputHarness<Reading, Reading, string>) => void
    const steps: readonly Step[] = [
      (harness) => harness.processElement2({ id: 'a', n: 7 }),
      (harness) => harness.processElement1({ id: 'a', n: 1 }),
      (harness) => harness.processWatermark1(5),
      (harness) => harness.processWatermark2(8),
    ]
    const outputs = await testTwoInputHostile<Reading, Reading, string>(withLast, steps)
    expect(outputs.map(({ records }) => records.map(({ value }) => value))).toEqual([
      [],
      ['a 1 7'],
      [],
      [],
    ])
    expect(outputs[3]?.watermark).toBe(5)
  })
})
