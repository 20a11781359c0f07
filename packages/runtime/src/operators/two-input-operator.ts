import { MIN_WATERMARK } from '@millrace/core'
import { BaseOperator } from './base-operator.ts'
import type { Input, OperatorContext } from './operator.ts'

/** An operator that reads two streams; its watermark is the smaller of theirs. */
export abstract class TwoInputOperator<IN1, IN2> extends BaseOperator {
  readonly inputs: readonly Input<never>[]
  readonly #watermarks: [number, number] = [MIN_WATERMARK, MIN_WATERMARK]
  #watermark = MIN_WATERMARK

  constructor(context: OperatorContext) {
    super(context)
    const first: Input<IN1> = {
      processElement: (value, timestamp) => this.processElement1(value, timestamp),
      processWatermark: (watermark) => this.#advance(0, watermark),
    }
    const second: Input<IN2> = {
      processElement: (value, timestamp) => this.processElement2(value, timestamp),
      processWatermark: (watermark) => this.#advance(1, watermark),
    }
    this.inputs = [first, second]
  }

  protected abstract processElement1(value: IN1, timestamp: number): void

  protected abstract processElement2(value: IN2, timestamp: number): void

  /** The watermark of both inputs together has grown. Overriders call it last: it hands the watermark on. */
  protected onWatermark(watermark: number): void {
    this.output.processWatermark(watermark)
  }

  #advance(input: 0 | 1, watermark: number): void {
    this.#watermarks[input] = watermark
    const combined = Math.min(...this.#watermarks)
    if (combined <= this.#watermark) return
    this.#watermark = combined
    this.onWatermark(combined)
  }
}
