import type { Input } from '../operators/operator.ts'

type TimedOutput = Pick<Input<never>, 'processWatermark' | 'processWatermarkStatus'>

/** Tells a reader what has changed in a time: who is waited for again is told so before the watermark, who is not, after it. */
export class TimeAnnouncer {
  readonly #output: TimedOutput
  #watermark: number
  #isIdle = false

  /** `watermark` is what the reader knows. */
  constructor(output: TimedOutput, watermark: number) {
    this.#output = output
    this.#watermark = watermark
  }

  /** The last watermark that was told. */
  get watermark(): number {
    return this.#watermark
  }

  /** The last status that was told. */
  get isIdle(): boolean {
    return this.#isIdle
  }

  announce(watermark: number, isIdle: boolean): void {
    const hasNewStatus = isIdle !== this.#isIdle
    this.#isIdle = isIdle
    if (hasNewStatus && !isIdle) this.#output.processWatermarkStatus(false)
    if (watermark > this.#watermark) {
      this.#watermark = watermark
      this.#output.processWatermark(watermark)
    }
    if (hasNewStatus && isIdle) this.#output.processWatermarkStatus(true)
  }
}
