import { type GeneralizedWatermark, MIN_WATERMARK } from '@millrace/core'
import { forwardWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { CombinedTime } from '../watermarks/combined-time.ts'
import { TimeAnnouncer } from '../watermarks/time-announcer.ts'
import { BaseOperator } from './base-operator.ts'
import type { Input, OperatorContext } from './operator.ts'

/** An operator that reads two streams; its watermark is the smaller of theirs, without one that is idle. */
export abstract class TwoInputOperator<IN1, IN2> extends BaseOperator {
  readonly inputs: readonly Input<never>[]
  readonly #time = new CombinedTime({ memberCount: 2, rejoining: 'at-once' })
  readonly #announcer: TimeAnnouncer

  constructor(context: OperatorContext) {
    super(context)
    const first: Input<IN1> = {
      processElement: (value, timestamp) => this.processElement1(value, timestamp),
      processWatermark: (watermark) => this.#advance(0, watermark),
      processWatermarkStatus: (isIdle) => this.#setIdle(0, isIdle),
      processGeneralizedWatermark: (watermark) => this.onGeneralizedWatermark(watermark),
    }
    const second: Input<IN2> = {
      processElement: (value, timestamp) => this.processElement2(value, timestamp),
      processWatermark: (watermark) => this.#advance(1, watermark),
      processWatermarkStatus: (isIdle) => this.#setIdle(1, isIdle),
      processGeneralizedWatermark: (watermark) => this.onGeneralizedWatermark(watermark),
    }
    this.inputs = [first, second]
    const together = {
      processWatermark: (watermark: number) => this.onWatermark(watermark),
      processWatermarkStatus: (isIdle: boolean) => this.onWatermarkStatus(isIdle),
    }
    this.#announcer = new TimeAnnouncer(together, MIN_WATERMARK)
  }

  protected abstract processElement1(value: IN1, timestamp: number): void

  protected abstract processElement2(value: IN2, timestamp: number): void

  /** The watermark of both inputs together has grown. Overriders call it last: it hands the watermark on. */
  protected onWatermark(watermark: number): void {
    this.output.processWatermark(watermark)
  }

  /** Both inputs together have become idle, or are waited for again. Overriders call it last: it hands the status on. */
  protected onWatermarkStatus(isIdle: boolean): void {
    this.output.processWatermarkStatus(isIdle)
  }

  /** A watermark of the user's own kind has come, from either input; they are combined before. */
  protected onGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    forwardWatermark(this.output, watermark)
  }

  #advance(input: 0 | 1, watermark: number): void {
    if (this.#time.advance(input, watermark)) this.#announce()
  }

  #setIdle(input: 0 | 1, isIdle: boolean): void {
    if (this.#time.setIdle(input, isIdle)) this.#announce()
  }

  #announce(): void {
    this.#announcer.announce(this.#time.watermark, this.#time.isIdle)
  }
}
