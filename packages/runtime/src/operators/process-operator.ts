import { type GeneralizedWatermark, MIN_WATERMARK, type ProcessFunction } from '@millrace/core'
import { handleWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { OneInputOperator } from './base-operator.ts'
import { TimestampedCollector } from './collector.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext } from './runtime-context.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** Runs a `ProcessFunction`. */
export class ProcessOperator<IN, OUT> extends OneInputOperator<IN> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #function: ProcessFunction<IN, OUT>
  readonly #collector: TimestampedCollector<OUT>
  readonly #processContext: OperatorProcessContext

  constructor(context: OperatorContext) {
    super(context)
    const { process } = context.operator.functions
    this.#function = context.functions.resolve<() => ProcessFunction<IN, OUT>>(process)()
    this.lifeCycle = new FunctionLifeCycle(context, { function: this.#function })
    this.#collector = new TimestampedCollector(this.output)
    this.#processContext = new OperatorProcessContext(context, MIN_WATERMARK)
  }

  override processElement(value: IN, timestamp: number): void {
    this.#collector.timestamp = timestamp
    this.#processContext.currentTimestamp = timestamp
    try {
      const result: unknown = this.#function.processElement(
        value,
        this.#processContext,
        this.#collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  override processWatermark(watermark: number): void {
    this.#processContext.watermark = watermark
    this.output.processWatermark(watermark)
  }

  override processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    handleWatermark(
      {
        operator: this.context.operator,
        function: this.#function,
        context: this.#processContext,
        collector: this.#collector,
        output: this.output,
      },
      watermark,
    )
  }
}
