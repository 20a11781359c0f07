import type { TypeInfo } from '@millrace/core'
import type { DataStream } from '@millrace/datastream'
import { DrivenOperator } from './driven-operator.ts'
import { type BuiltStream, singleOperator } from './single-operator.ts'
import {
  checkTestOptions,
  openOperator,
  type TestOperatorOptions,
} from './test-operator-options.ts'

/** {@link TestOperatorOptions}, and the types of the inputs. */
export interface TestTwoInputOptions<IN1, IN2> extends TestOperatorOptions {
  /** The type of the first stream. Default: none, as of a stream that the program gives no type. */
  readonly inputType1?: TypeInfo<IN1>
  /** The type of the second stream. Default: none. */
  readonly inputType2?: TypeInfo<IN2>
}

/** Adds one operator to two streams. */
export type TwoInputBuilder<IN1, IN2, OUT> = (
  first: DataStream<IN1>,
  second: DataStream<IN2>,
) => BuiltStream<OUT>

/**
 * A harness around the one operator that `build` adds to two streams: connected ones, keyed or not, a broadcast, a join.
 *
 * @throws MillraceError `OPTION_INVALID` when `build` adds no operator or several, or does not read both streams.
 * @example
 * ```ts
 * import { type BroadcastProcessFunction, Types } from 'millrace'
 * import { testTwoInputOperator } from 'millrace/testing'
 *
 * const LIMITS = { name: 'limits', keyType: Types.string, valueType: Types.int }
 * const aboveLimit: BroadcastProcessFunction<number, number, number> = {
 *   processElement(amount, context, out) {
 *     if (amount > (context.getBroadcastState(LIMITS).get('limit') ?? 0)) out.collect(amount)
 *   },
 *   processBroadcastElement(limit, context) {
 *     context.getBroadcastState(LIMITS).put('limit', limit)
 *   },
 * }
 *
 * const harness = await testTwoInputOperator<number, number, number>((amounts, limits) =>
 *   amounts.connect(limits.broadcast(LIMITS)).process(() => aboveLimit),
 * )
 * harness.processElement2(100)
 * harness.processElement1(99)
 * harness.processElement1(101)
 * console.log(harness.values) // [ 101 ]
 * console.log(await harness.broadcastState(LIMITS)) // Map(1) { 'limit' => 100 }
 * ```
 */
export async function testTwoInputOperator<IN1, IN2, OUT>(
  build: TwoInputBuilder<IN1, IN2, OUT>,
  options: TestTwoInputOptions<IN1, IN2> = {},
): Promise<TwoInputHarness<IN1, IN2, OUT>> {
  checkTestOptions('testTwoInputOperator', options, ['inputType1', 'inputType2'])
  const plan = await singleOperator<OUT>({
    inputTypes: [options.inputType1, options.inputType2] as readonly (
      | TypeInfo<unknown>
      | undefined
    )[],
    build: ([first, second]) => build(first as DataStream<IN1>, second as DataStream<IN2>),
    parallelism: options.parallelism ?? 1,
    maxParallelism: options.maxParallelism,
    globalJobParameters: options.globalJobParameters,
  })
  return new TwoInputHarness<IN1, IN2, OUT>(plan, await openOperator(plan, options))
}

/**
 * An operator with two inputs; see {@link testTwoInputOperator}.
 *
 * @example
 * ```ts
 * import { testTwoInputOperator } from 'millrace/testing'
 *
 * const harness = await testTwoInputOperator<string, number, string>((words, numbers) =>
 *   words.connect(numbers).map(
 *     (word) => word,
 *     (n) => `number ${n}`,
 *   ),
 * )
 * harness.processElement1('to')
 * harness.processElement2(2)
 * console.log(harness.values) // [ 'to', 'number 2' ]
 * ```
 */
export class TwoInputHarness<IN1, IN2, OUT> extends DrivenOperator<OUT> {
  /** Gives the operator a record of the first stream. Without a timestamp it has no event time. */
  processElement1(value: IN1, timestamp?: number): void {
    this.operator.processElement(value, timestamp, this.inputOf(0))
  }

  /** Gives the operator a record of the second stream. Without a timestamp it has no event time. */
  processElement2(value: IN2, timestamp?: number): void {
    this.operator.processElement(value, timestamp, this.inputOf(1))
  }

  /** Tells the operator that event time has come so far on both streams. */
  processWatermark(watermark: number): void {
    this.processWatermark1(watermark)
    this.processWatermark2(watermark)
  }

  /** Tells the operator that event time of the first stream has come so far. */
  processWatermark1(watermark: number): void {
    this.operator.processWatermark(watermark, this.inputOf(0))
  }

  /** Tells the operator that event time of the second stream has come so far. */
  processWatermark2(watermark: number): void {
    this.operator.processWatermark(watermark, this.inputOf(1))
  }

  /** Tells the operator that the first stream is idle, or that it counts again. */
  processWatermarkStatus1(isIdle: boolean): void {
    this.operator.processWatermarkStatus(isIdle, this.inputOf(0))
  }

  /** Tells the operator that the second stream is idle, or that it counts again. */
  processWatermarkStatus2(isIdle: boolean): void {
    this.operator.processWatermarkStatus(isIdle, this.inputOf(1))
  }
}
