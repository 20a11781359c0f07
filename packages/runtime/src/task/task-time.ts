import type { InputChannel } from '@millrace/exchange'
import type { Input } from '../operators/operator.ts'
import type { CombinedTime } from '../watermarks/combined-time.ts'
import { InputTime } from './input-time.ts'

/** A channel of a task, and the input it belongs to. */
interface TimedChannel {
  readonly channel: InputChannel<unknown>
  readonly input: number
}

/** The time of a task's inputs, each of which is what its channels say together. */
export class TaskTime {
  readonly #inputs: readonly InputTime[]
  /** The input of each channel, and its place among those of that input. */
  readonly #places: readonly ChannelPlace[]

  /** `restored` has the watermark of each input at the checkpoint that is restored; empty at a fresh start. */
  constructor(
    inputs: readonly Input<unknown>[],
    channels: readonly TimedChannel[],
    restored: readonly number[],
  ) {
    this.#places = channels.map(({ input }, index) => ({
      input,
      member: channels.slice(0, index).filter((one) => one.input === input).length,
    }))
    this.#inputs = inputs.map((input, index) => {
      const memberCount = channels.filter((channel) => channel.input === index).length
      return new InputTime(input, memberCount, restored[index])
    })
  }

  /** The watermark of each input. */
  get watermarks(): readonly number[] {
    return this.#inputs.map(({ watermark }) => watermark)
  }

  onWatermark(channelIndex: number, watermark: number): void {
    const { input, member } = this.#places[channelIndex] as ChannelPlace
    this.#inputs[input]?.onWatermark(member, watermark)
  }

  onStatus(channelIndex: number, isIdle: boolean): void {
    const { input, member } = this.#places[channelIndex] as ChannelPlace
    this.#inputs[input]?.onStatus(member, isIdle)
  }

  /** The time of an input is at least this, whatever its channels say. */
  raise(input: number, watermark: number): void {
    this.#inputs[input]?.raise(watermark)
  }

  /** What would become of the time if certain events came next. */
  copy(): TimeCopy {
    return new TimeCopy(
      this.#inputs.map((input) => input.copyOfTime()),
      this.#places,
    )
  }
}

interface ChannelPlace {
  readonly input: number
  readonly member: number
}

/** The time of a task's inputs on paper: nobody is told of it. */
export class TimeCopy {
  readonly #inputs: readonly CombinedTime[]
  readonly #places: readonly ChannelPlace[]

  constructor(inputs: readonly CombinedTime[], places: readonly ChannelPlace[]) {
    this.#inputs = inputs
    this.#places = places
  }

  /** The watermark of each input. */
  get watermarks(): readonly number[] {
    return this.#inputs.map(({ watermark }) => watermark)
  }

  onWatermark(channelIndex: number, watermark: number): void {
    const { input, member } = this.#places[channelIndex] as ChannelPlace
    this.#inputs[input]?.advance(member, watermark)
  }

  onStatus(channelIndex: number, isIdle: boolean): void {
    const { input, member } = this.#places[channelIndex] as ChannelPlace
    this.#inputs[input]?.setIdle(member, isIdle)
  }

  raise(input: number, watermark: number): void {
    this.#inputs[input]?.raise(watermark)
  }
}
