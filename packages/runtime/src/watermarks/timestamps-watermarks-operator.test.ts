import {
  type JsonObject,
  MAX_WATERMARK,
  NO_TIMESTAMP,
  type WatermarkGenerator,
  type WatermarkOutput,
} from '@millrace/core'
import { OperatorHarness, type OperatorHarnessOptions } from '@millrace/testing'
import { describe, expect, test } from 'vitest'

interface Event {
  readonly at: number
}

interface Marked extends Event {
  readonly mark: number
}

function operator(
  watermarks: JsonObject,
  functions: Readonly<Record<string, unknown>> = {},
): OperatorHarnessOptions {
  return {
    kind: 'timestamps-watermarks',
    name: 'times',
    config: { watermarks },
    functions: { timestampAssigner: ({ at }: Event) => at, ...functions },
  }
}

const perRecord = operator({ generator: 'bounded', delayMs: 5, emit: 'per-record' })
const periodic = operator({ generator: 'bounded', delayMs: 5, emit: 'periodic' })
const custom = (generator: WatermarkGenerator<Event>): OperatorHarnessOptions =>
  operator({ generator: 'custom' }, { generator: () => generator })

function addAll(harness: OperatorHarness, times: readonly number[]): void {
  for (const at of times) harness.processElement({ at }, 0)
}

describe('watermarks after each record', () => {
  test('when time advances, then it is told at once, and only then', async () => {
    const harness = await OperatorHarness.open(perRecord)
    addAll(harness, [10, 8, 10, 12])
    expect(harness.output.map(({ timestamp }) => timestamp)).toEqual([10, 8, 10, 12])
    expect(harness.watermarks).toEqual([4, 6])
  })

  test('when it is restored, then the last watermark comes first, and none goes back', async () => {
    const harness = await OperatorHarness.open(perRecord)
    addAll(harness, [20])
    const restarted = await harness.restart()
    expect(restarted.watermarks).toEqual([14])
    addAll(restarted, [15, 21])
    expect(restarted.watermarks).toEqual([14, 15])
  })

  test('when several old subtasks are restored into one, then the smallest watermark counts', async () => {
    const old = await Promise.all(
      [30, 20].map(async (at, subtaskIndex) => {
        const harness = await OperatorHarness.open({ ...perRecord, subtaskIndex, parallelism: 2 })
        addAll(harness, [at])
        return harness.snapshot()
      }),
    )
    const one = await OperatorHarness.open({ ...perRecord, restored: old })
    expect(one.watermarks).toEqual([14])
  })
})

describe('periodic watermarks', () => {
  test('when the interval has passed, then the largest timestamp counts, and no sooner', async () => {
    const harness = await OperatorHarness.open({ ...periodic, autoWatermarkIntervalMs: 100 })
    addAll(harness, [10, 30, 20])
    harness.advanceTo(99)
    expect(harness.watermarks).toEqual([])
    harness.advanceTo(100)
    harness.advanceTo(300)
    expect(harness.watermarks).toEqual([24])
    addAll(harness, [40])
    harness.advanceTo(400)
    expect(harness.watermarks).toEqual([24, 34])
  })

  test('when the calendar is set back, then they go on', async () => {
    const harness = await OperatorHarness.open({ ...periodic, autoWatermarkIntervalMs: 100 })
    harness.time.setCalendar(-1_000_000)
    addAll(harness, [10])
    harness.time.advanceBy(100)
    expect(harness.watermarks).toEqual([4])
  })

  test('when the interval is 0, then only the end has one', async () => {
    const harness = await OperatorHarness.open({ ...periodic, autoWatermarkIntervalMs: 0 })
    addAll(harness, [10])
    harness.advanceTo(10_000)
    harness.finish()
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
  })

  test('when it is restored, then the largest timestamp is still known', async () => {
    const harness = await OperatorHarness.open(periodic)
    addAll(harness, [30])
    const restarted = await harness.restart()
    addAll(restarted, [20])
    restarted.advanceTo(200)
    expect(restarted.watermarks).toEqual([24])
  })

  test('when it is closed, then no timer is left', async () => {
    const harness = await OperatorHarness.open(periodic)
    addAll(harness, [30])
    await harness.close()
    harness.advanceTo(1_000)
    expect(harness.watermarks).toEqual([])
  })
})

describe('watermarks from upstream', () => {
  test('when they come, then they end here, except the last one', async () => {
    const harness = await OperatorHarness.open(perRecord)
    harness.processWatermark(1_000)
    expect(harness.watermarks).toEqual([])
    harness.processWatermark(MAX_WATERMARK)
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
  })
})

describe('a generator of the user', () => {
  test('when it emits, then only what is later counts, and not beyond the end of time', async () => {
    const harness = await OperatorHarness.open(
      custom({
        onEvent: (event, _, output) => output.emitWatermark((event as Marked).mark),
      }),
    )
    for (const mark of [5, 3, Number.NaN, 7]) harness.processElement({ at: 1, mark }, 0)
    expect(harness.watermarks).toEqual([5, 7])
  })

  test('when it has state, then that survives a restart', async () => {
    class EveryThird implements WatermarkGenerator<Event> {
      #count = 0

      onEvent(_: Event, timestamp: number, output: WatermarkOutput): void {
        if (++this.#count % 3 === 0) output.emitWatermark(timestamp)
      }

      snapshot(): number {
        return this.#count
      }

      restore(count: number): void {
        this.#count = count
      }
    }
    const everyThird = operator({ generator: 'custom' }, { generator: () => new EveryThird() })
    const harness = await OperatorHarness.open(everyThird)
    addAll(harness, [1, 2])
    const restarted = await harness.restart()
    addAll(restarted, [3, 4])
    expect(restarted.watermarks).toEqual([3])
  })

  test('when it says infinity, then a checkpoint can still hold the watermark', async () => {
    const harness = await OperatorHarness.open(
      custom({ onEvent: (_, _timestamp, output) => output.emitWatermark(Infinity) }),
    )
    addAll(harness, [1, 2])
    expect(harness.watermarks).toEqual([MAX_WATERMARK])
    const restarted = await harness.restart()
    expect(restarted.watermarks).toEqual([MAX_WATERMARK])
  })

  test('when it throws, then the error names it', async () => {
    const boom = (): never => {
      throw new Error('boom')
    }
    const message = /FUNCTION_FAILED.*watermark generator of 'times'.*boom/
    const onEvent = await OperatorHarness.open(custom({ onEvent: boom }))
    expect(() => addAll(onEvent, [1])).toThrow(message)
    const onPeriodicEmit = await OperatorHarness.open(custom({ onPeriodicEmit: boom }))
    expect(() => onPeriodicEmit.advanceTo(200)).toThrow(message)
  })
})

describe('timestamps', () => {
  test.each([[Number.NaN], [1.5], [undefined], ['2024-01-01'], [Infinity], [new Date(0)]])(
    'when the assigner answers %o, then it is refused with the record',
    async (at) => {
      const harness = await OperatorHarness.open(perRecord)
      expect(() => harness.processElement({ at }, 0)).toThrow(
        /TIMESTAMP_INVALID.*each record of 'times'.*for \{/,
      )
    },
  )

  test('when the assigner throws, then the error names it', async () => {
    const harness = await OperatorHarness.open(perRecord)
    expect(() => harness.processElement(null, 0)).toThrow(/FUNCTION_FAILED.*timestamp assigner/)
  })

  test('when there is no assigner, then the timestamp of the source counts', async () => {
    const { functions: _, ...rest } = perRecord
    const harness = await OperatorHarness.open(rest)
    harness.processElement('x', 10)
    expect(harness.watermarks).toEqual([4])
    expect(() => harness.processElement('y', NO_TIMESTAMP)).toThrow(
      /TIMESTAMP_INVALID.*no timestamp for "y"/,
    )
  })

  test('when the generator is of the user, then it also sees records without a timestamp', async () => {
    const seen: number[] = []
    const harness = await OperatorHarness.open({
      kind: 'timestamps-watermarks',
      config: { watermarks: { generator: 'custom' } },
      functions: {
        generator: () => ({ onEvent: (_: unknown, timestamp: number) => seen.push(timestamp) }),
      },
    })
    harness.processElement('x', NO_TIMESTAMP)
    expect(seen).toEqual([NO_TIMESTAMP])
  })

  test('when there are no watermarks either, then records need no time', async () => {
    const harness = await OperatorHarness.open({
      ...operator({ generator: 'none' }),
      functions: {},
    })
    harness.processElement('x', NO_TIMESTAMP)
    expect(harness.output).toEqual([{ value: 'x', timestamp: NO_TIMESTAMP }])
  })
})
