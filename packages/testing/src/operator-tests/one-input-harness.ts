import type { TypeInfo } from '@millrace/core'
import type { DataStream } from '@millrace/datastream'
import { DrivenOperator } from './driven-operator.ts'
import { type BuiltStream, singleOperator } from './single-operator.ts'
import {
  checkTestOptions,
  openOperator,
  type TestOperatorOptions,
} from './test-operator-options.ts'

/** {@link TestOperatorOptions}, and the type of the input. */
export interface TestOneInputOptions<IN> extends TestOperatorOptions {
  /** The type of the input stream. Default: none, as of a stream that the program gives no type. */
  readonly inputType?: TypeInfo<IN>
}

/** Adds one operator to a stream. */
export type OneInputBuilder<IN, OUT> = (input: DataStream<IN>) => BuiltStream<OUT>

/**
 * A harness around the one operator that `build` adds to its input: any operator of the API, keyed or not, a window, a
 * sink. The operator is the real one, with the configuration that a job would give it.
 *
 * @throws MillraceError `OPTION_INVALID` when `build` adds no operator or several.
 * @example
 * ```ts
 * import { type Collector, type KeyedProcessFunction, type KeyedRuntimeContext, type ValueState, Types } from 'millrace'
 * import { testOperator } from 'millrace/testing'
 *
 * const SEEN = { name: 'seen', type: Types.boolean, defaultValue: false }
 *
 * class Dedupe implements KeyedProcessFunction<string, string, string> {
 *   #seen!: ValueState<boolean>
 *   open(context: KeyedRuntimeContext): void {
 *     this.#seen = context.getValueState(SEEN)
 *   }
 *   processElement(word: string, _context: unknown, out: Collector<string>): void {
 *     if (!this.#seen.value()) out.collect(word)
 *     this.#seen.update(true)
 *   }
 * }
 *
 * const harness = await testOperator<string, string>((words) =>
 *   words.keyBy((word) => word, { type: Types.string }).process(() => new Dedupe()),
 * )
 * harness.processElement('to', 1)
 * harness.processElement('be', 2)
 * await harness.restart()
 * harness.processElement('to', 3)
 * console.log(harness.values) // [ 'to', 'be' ]
 * console.log(await harness.valueState('be', SEEN)) // true
 * ```
 */
export async function testOperator<IN, OUT>(
  build: OneInputBuilder<IN, OUT>,
  options: TestOneInputOptions<IN> = {},
): Promise<OneInputHarness<IN, OUT>> {
  checkTestOptions('testOperator', options, ['inputType'])
  const plan = await singleOperator<OUT>({
    inputTypes: [options.inputType as TypeInfo<unknown> | undefined],
    build: ([input]) => build(input as DataStream<IN>),
    parallelism: options.parallelism ?? 1,
    maxParallelism: options.maxParallelism,
    globalJobParameters: options.globalJobParameters,
  })
  return new OneInputHarness<IN, OUT>(plan, await openOperator(plan, options))
}

/**
 * An operator with one input; see {@link testOperator}.
 *
 * @example
 * ```ts
 * import { testOperator } from 'millrace/testing'
 *
 * const harness = await testOperator<number, number>((numbers) => numbers.map((n) => 2 * n))
 * harness.processElement(21)
 * console.log(harness.values) // [ 42 ]
 * ```
 */
export class OneInputHarness<IN, OUT> extends DrivenOperator<OUT> {
  /** Gives the operator a record. Without a timestamp it has no event time. */
  processElement(value: IN, timestamp?: number): void {
    this.operator.processElement(value, timestamp, this.inputOf(0))
  }

  /** Gives the operator records without timestamps, one after the other. */
  processElements(values: Iterable<IN>): void {
    for (const value of values) this.processElement(value)
  }

  /** Tells the operator that event time has come so far. A watermark that is not later than the last is ignored. */
  processWatermark(watermark: number): void {
    this.operator.processWatermark(watermark, this.inputOf(0))
  }

  /** Tells the operator that its input is idle, or that it counts again. */
  processWatermarkStatus(isIdle: boolean): void {
    this.operator.processWatermarkStatus(isIdle, this.inputOf(0))
  }
}
