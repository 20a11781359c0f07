import { type CoProcessFunction, type GeneralizedWatermark, MIN_WATERMARK } from '@millrace/core'
import { handleWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { TimestampedCollector } from './collector.ts'
import { FunctionLifeCycle } from './function-life-cycle.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext } from './runtime-context.ts'
import { TwoInputOperator } from './two-input-operator.ts'
import { functionFailure, refusePromise } from './user-function.ts'

/** Runs a `CoProcessFunction`. */
export class CoProcessOperator<IN1, IN2, OUT> extends TwoInputOperator<IN1, IN2> {
  protected override readonly lifeCycle: FunctionLifeCycle
  readonly #function: CoProcessFunction<IN1, IN2, OUT>
  readonly #collector: TimestampedCollector<OUT>
  readonly #processContext: OperatorProcessContext

  constructor(context: OperatorContext) {
    super(context)
    const { process } = context.operator.functions
    this.#function = context.functions.resolve<() => CoProcessFunction<IN1, IN2, OUT>>(process)()
    this.lifeCycle = new FunctionLifeCycle(context, { function: this.#function })
    this.#collector = new TimestampedCollector(this.output)
    this.#processContext = new OperatorProcessContext(context, MIN_WATERMARK)
  }

  protected override processElement1(value: IN1, timestamp: number): void {
    this.#prepare(timestamp)
    try {
      const result: unknown = this.#function.processElement1(
        value,
        this.#processContext,
        this.#collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override processElement2(value: IN2, timestamp: number): void {
    this.#prepare(timestamp)
    try {
      const result: unknown = this.#function.processElement2(
        value,
        this.#processContext,
        this.#collector,
      )
      refusePromise(result, this.context.operator, 'process function')
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'process function')
    }
  }

  protected override onWatermark(watermark: number): void {
    this.#processContext.watermark = watermark
    super.onWatermark(watermark)
  }

  protected override onGeneralizedWatermark(watermark: GeneralizedWatermark): void {
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

  #prepare(timestamp: number): void {
    this.#collector.timestamp = timestamp
    this.#processContext.currentTimestamp = timestamp
  }
}
