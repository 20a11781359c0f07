// The way into an operator in the middle of a chain while what was in flight to it is played. It happens when an edge has become a
// call: its two sides have one subtask each now. What comes from the operator before is newer, and waits.

import { type GeneralizedWatermark, MIN_WATERMARK } from '@millrace/core'
import type { Input } from '../operators/operator.ts'

/** Holds back what comes until it is released; then it only passes on. */
export class HeldInput implements Input<unknown> {
  readonly #input: Input<unknown>
  #held: (() => void)[] | undefined = []
  #watermark = MIN_WATERMARK

  constructor(input: Input<unknown>) {
    this.#input = input
  }

  processElement(value: unknown, timestamp: number): void {
    if (this.#held === undefined) this.#input.processElement(value, timestamp)
    else this.#held.push(() => this.#input.processElement(value, timestamp))
  }

  processWatermark(watermark: number): void {
    if (this.#held === undefined) this.raise(watermark)
    else this.#held.push(() => this.raise(watermark))
  }

  processWatermarkStatus(isIdle: boolean): void {
    if (this.#held === undefined) this.#input.processWatermarkStatus(isIdle)
    else this.#held.push(() => this.#input.processWatermarkStatus(isIdle))
  }

  processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    if (this.#held === undefined) this.#input.processGeneralizedWatermark(watermark)
    else this.#held.push(() => this.#input.processGeneralizedWatermark(watermark))
  }

  /** Tells the operator the time, ahead of what is held back. The operator before may then be behind. */
  raise(watermark: number): void {
    if (watermark <= this.#watermark) return
    this.#watermark = watermark
    this.#input.processWatermark(watermark)
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const pass of held) pass()
  }
}
