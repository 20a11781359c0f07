import { describe, expect, expectTypeOf, test } from 'vitest'
import { MIN_WATERMARK } from './timestamps.ts'
import {
  type WatermarkGenerator,
  type WatermarkOutput,
  WatermarkStrategy,
} from './watermark-strategy.ts'

interface Timed {
  readonly at: number
}

interface Click extends Timed {
  readonly page: string
}

function outputInto(emitted: number[]): WatermarkOutput {
  return {
    emitWatermark: (watermark) => void emitted.push(watermark),
    markIdle: () => {},
    markActive: () => {},
  }
}

/** What a generator emits for records of these times, asked after each. */
function watermarksOf(generator: WatermarkGenerator<Timed> | undefined, times: number[]): number[] {
  const emitted: number[] = []
  const output = outputInto(emitted)
  for (const at of times) {
    generator?.onEvent?.({ at }, at, output)
    generator?.onPeriodicEmit?.(output)
  }
  return emitted
}

describe('WatermarkStrategy', () => {
  test('when records may be late by a bound, then the watermark stays that far behind', () => {
    const periodic = WatermarkStrategy.forBoundedOutOfOrderness<Timed>('5 ms')
    expect(watermarksOf(periodic.createGenerator(), [10, 8, 20])).toEqual([4, 4, 14])
    const perRecord = WatermarkStrategy.forBoundedOutOfOrderness<Timed>(5, { emit: 'per-record' })
    expect(watermarksOf(perRecord.createGenerator(), [10, 8, 20])).toEqual([4, 14])
  })

  test('when timestamps never decrease, then the bound is 0', () => {
    expect(WatermarkStrategy.forMonotonousTimestamps().config).toEqual({
      generator: 'bounded',
      delayMs: 0,
      emit: 'periodic',
    })
  })

  test('when nothing was seen yet, then nothing is emitted', () => {
    const generator = WatermarkStrategy.forMonotonousTimestamps().createGenerator()
    const emitted: number[] = []
    generator?.onPeriodicEmit?.(outputInto(emitted))
    expect(emitted).toEqual([])
  })

  test('when a generator is restored, then it goes on with the largest timestamp', () => {
    for (const emit of ['periodic', 'per-record'] as const) {
      const strategy = WatermarkStrategy.forMonotonousTimestamps<Timed>({ emit })
      const before = strategy.createGenerator()
      watermarksOf(before, [10])
      const after = strategy.createGenerator()
      after?.restore?.(before?.snapshot?.() ?? null)
      expect(watermarksOf(after, [5, 12]).at(-1)).toBe(11)
      expect(watermarksOf(strategy.createGenerator(), [5])).toEqual([4])
    }
  })

  test('when there are no watermarks, then there is no generator', () => {
    expect(WatermarkStrategy.noWatermarks().createGenerator()).toBeUndefined()
  })

  test('when the user brings a generator, then each subtask gets one of its own', () => {
    const strategy = WatermarkStrategy.forGenerator<Timed>(() => ({
      onEvent: (_, timestamp, output) => output.emitWatermark(timestamp),
    }))
    const generator = strategy.createGenerator()
    expect(watermarksOf(generator, [3])).toEqual([3])
    expect(strategy.createGenerator()).not.toBe(generator)
    const instance = {} as () => WatermarkGenerator<Timed>
    expect(() => WatermarkStrategy.forGenerator(instance)).toThrow(/FUNCTION_INVALID/)
  })

  test('when the bound is no duration, then it says so', () => {
    expect(() => WatermarkStrategy.forBoundedOutOfOrderness(-1)).toThrow(/DURATION_INVALID/)
  })

  test('when an assigner is added, then the strategy before stays as it was', () => {
    const before = WatermarkStrategy.forMonotonousTimestamps<Timed>()
    const after = before.withTimestampAssigner(({ at }) => at)
    expect(before.timestampAssigner).toBeUndefined()
    expect(after.timestampAssigner?.({ at: 7 }, MIN_WATERMARK)).toBe(7)
  })

  test('when it needs less than the records have, then it fits them', () => {
    const timed = WatermarkStrategy.forMonotonousTimestamps<Timed>().withTimestampAssigner(
      ({ at }) => at,
    )
    expectTypeOf(timed).toEqualTypeOf<WatermarkStrategy<Timed>>()
    expectTypeOf(timed).toExtend<WatermarkStrategy<Click>>()
    expectTypeOf<WatermarkStrategy<Click>>().not.toExtend<WatermarkStrategy<Timed>>()

    const clicks = timed.withTimestampAssigner((click: Click) => click.page.length)
    expectTypeOf(clicks).toEqualTypeOf<WatermarkStrategy<Click>>()
    expectTypeOf(WatermarkStrategy.noWatermarks()).toExtend<WatermarkStrategy<Click>>()
  })
})
