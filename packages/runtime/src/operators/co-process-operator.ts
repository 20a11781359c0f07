import { type CoProcessFunction, MIN_WATERMARK } from '@millrace/core'
import { TimestampedCollector } from './collector.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext, runtimeContext } from './runtime-context.ts'
import { TwoInputOperator } from './two-input-operator.ts'
import { callFunction, functionFailure, refusePromise } from './user-function.ts'

/** Runs a `CoProcessFunction`. */
export class CoProcessOperator<IN1, IN2, OUT> extends TwoInputOperator<IN1, IN2> {
  readonly #function: CoProcessFunction<IN1, IN2, OUT>
  readonly #collector: TimestampedCollector<OUT>
  readonly #processContext: OperatorProcessContext

  constructor(context: OperatorContext) {
    super(context)
    const { process } = context.operator.functions
    this.#function = context.functions.resolve<() => CoProcessFunction<IN1, IN2, OUT>>(process)()
    this.#collector = new TimestampedCollector(this.output)
    this.#processContext = new OperatorProcessContext(context, MIN_WATERMARK)
  }

  override open(): void {
    callFunction(this.context.operator, 'open method', () =>
      this.#function.open?.(runtimeContext(this.context)),
    )
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

  override close(): void {
    this.#function.close?.()
  }

  #prepare(timestamp: number): void {
    this.#collector.timestamp = timestamp
    this.#processContext.currentTimestamp = timestamp
  }
}
