import { MAX_WATERMARK } from '@millrace/core'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { WatermarkAssigner } from './watermark-assigner.ts'

/** Gives the records of a stream new timestamps and watermarks; those from upstream end here. */
export class TimestampsWatermarksOperator<T> extends OneInputOperator<T> {
  readonly #assigner: WatermarkAssigner<T>

  constructor(context: OperatorContext) {
    super(context)
    this.#assigner = new WatermarkAssigner<T>(context, this.output)
  }

  override open(): void {
    this.#assigner.open()
  }

  override processElement(value: T, timestamp: number): void {
    this.#assigner.emit(value, timestamp)
  }

  override processWatermark(watermark: number): void {
    if (watermark === MAX_WATERMARK) this.#assigner.finish()
  }

  override snapshot(): OperatorSnapshot {
    return { watermark: this.#assigner.snapshot() }
  }

  override close(): void {
    this.#assigner.close()
  }
}
