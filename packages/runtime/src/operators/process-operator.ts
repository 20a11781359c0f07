import { MIN_WATERMARK, type ProcessFunction } from '@millrace/core'
import { OneInputOperator } from './base-operator.ts'
import { TimestampedCollector } from './collector.ts'
import type { OperatorContext } from './operator.ts'
import { OperatorProcessContext, runtimeContext } from './runtime-context.ts'
import { callFunction, functionFailure, refusePromise } from './user-function.ts'

/** Runs a `ProcessFunction`. */
export class ProcessOperator<IN, OUT> extends OneInputOperator<IN> {
  readonly #function: ProcessFunction<IN, OUT>
  readonly #collector: TimestampedCollector<OUT>
  readonly #processContext: OperatorProcessContext

  constructor(context: OperatorContext) {
    super(context)
    const { process } = context.operator.functions
    this.#function = context.functions.resolve<() => ProcessFunction<IN, OUT>>(process)()
    this.#collector = new TimestampedCollector(this.output)
    this.#processContext = new OperatorProcessContext(context, MIN_WATERMARK)
  }

  override open(): void {
    callFunction(this.context.operator, 'open method', () =>
      this.#function.open?.(runtimeContext(this.context)),
    )
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

  override close(): void {
    this.#function.close?.()
  }
}
