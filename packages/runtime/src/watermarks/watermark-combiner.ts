// The watermark of a task is the smallest of its channels: time has passed only where it has passed everywhere.

import { MIN_WATERMARK } from '@millrace/core'

/** Keeps the watermark of each channel and their minimum, which only grows. */
export class WatermarkCombiner {
  readonly #watermarks: Float64Array
  #combined = MIN_WATERMARK

  constructor(channelCount: number) {
    this.#watermarks = new Float64Array(channelCount).fill(MIN_WATERMARK)
  }

  get combined(): number {
    return this.#combined
  }

  /** Notes a channel's watermark. Answers whether the combined one has grown. */
  update(channelIndex: number, watermark: number): boolean {
    const watermarks = this.#watermarks
    if (watermark <= (watermarks[channelIndex] as number)) return false
    watermarks[channelIndex] = watermark
    let min = Number.POSITIVE_INFINITY
    for (const value of watermarks) if (value < min) min = value
    if (min <= this.#combined) return false
    this.#combined = min
    return true
  }
}
