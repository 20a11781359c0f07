import { MAX_WATERMARK } from '@millrace/core'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import type { RecordTime } from './record-time.ts'
import { WatermarkAssigner } from './watermark-assigner.ts'

/** Gives the records of a stream new timestamps and watermarks; those from upstream, and their idleness, end here. */
export class TimestampsWatermarksOperator<T> extends OneInputOperator<T> {
  readonly #assigner: WatermarkAssigner<T>
  readonly #time: RecordTime<T>

  constructor(context: OperatorContext) {
    super(context)
    this.#assigner = new WatermarkAssigner<T>({
      context,
      output: this.output,
      isPerSplit: false,
      couldHaveRecords: () => !context.isInputBlocked(),
    })
    this.#time = this.#assigner.main as RecordTime<T>
  }

  override open(): void {
    this.#assigner.open()
  }

  override processElement(value: T, timestamp: number): void {
    this.#time.collect(value, timestamp)
  }

  override processWatermark(watermark: number): void {
    if (watermark === MAX_WATERMARK) this.#assigner.finish()
  }

  override processWatermarkStatus(): void {}

  override snapshot(): OperatorSnapshot {
    return this.#assigner.snapshot()
  }

  override close(): void {
    this.#assigner.close()
  }
}
