import { MIN_WATERMARK } from '@millrace/core'
import type { Input } from '../operators/operator.ts'
import { CombinedTime } from '../watermarks/combined-time.ts'
import { TimeAnnouncer } from '../watermarks/time-announcer.ts'

/** The time of one input of a task: what its channels say, together. */
export class InputTime {
  readonly #time: CombinedTime
  readonly #announcer: TimeAnnouncer

  /** `restored` is the watermark at the last checkpoint: time does not go back below it. */
  constructor(input: Input<unknown>, channelCount: number, restored: number = MIN_WATERMARK) {
    const rejoining = 'when-caught-up'
    this.#time = new CombinedTime({ memberCount: channelCount, rejoining, restored })
    this.#announcer = new TimeAnnouncer(input, restored)
  }

  get watermark(): number {
    return this.#time.watermark
  }

  onWatermark(channel: number, watermark: number): void {
    if (this.#time.advance(channel, watermark)) this.#announce()
  }

  onStatus(channel: number, isIdle: boolean): void {
    if (this.#time.setIdle(channel, isIdle)) this.#announce()
  }

  /** Time has come this far, whatever the channels say. */
  raise(watermark: number): void {
    this.#time.raise(watermark)
    this.#announce()
  }

  copyOfTime(): CombinedTime {
    return this.#time.copy()
  }

  #announce(): void {
    this.#announcer.announce(this.#time.watermark, this.#time.isIdle)
  }
}
