// The producing end of an edge: chooses the channel of each record. Watermarks and other events go to all.
//
// One small class a partitioner, so that each call on the record path has one target. `rescale` needs none: it is a
// rebalance over fewer channels.

import {
  type GeneralizedWatermark,
  type Key,
  keyGroupOf,
  type Random,
  subtaskForKeyGroup,
} from '@millrace/core'
import { CHANNEL_CREDITS, type OutputChannel } from '../channels/channel.ts'
import type { StreamEvent } from '../events/stream-event.ts'

/** Writes the records of one edge. Has the shape of an operator's input, so a chain ends in it without a wrapper. */
export interface RecordWriter<T> {
  processElement(value: T, timestamp: number): void
  processWatermark(watermark: number): void
  processWatermarkStatus(isIdle: boolean): void
  processGeneralizedWatermark(watermark: GeneralizedWatermark): void
  event(event: StreamEvent): void
  flush(): void
  readonly isReady: boolean
  readonly isLocal: boolean
}

abstract class ChannelWriter<T> implements RecordWriter<T> {
  protected readonly channels: readonly OutputChannel<T>[]

  constructor(channels: readonly OutputChannel<T>[]) {
    this.channels = channels
  }

  abstract processElement(value: T, timestamp: number): void

  processWatermark(watermark: number): void {
    for (const channel of this.channels) channel.watermark(watermark)
  }

  processWatermarkStatus(isIdle: boolean): void {
    this.event({ kind: 'watermark-status', isIdle })
  }

  processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.event({ kind: 'generalized-watermark', watermark })
  }

  event(event: StreamEvent): void {
    for (const channel of this.channels) channel.event(event)
  }

  flush(): void {
    for (const channel of this.channels) channel.flush()
  }

  /** Asks every channel, so that each one that is behind knows that somebody waits. */
  get isReady(): boolean {
    let isReady = true
    for (const channel of this.channels) if (!channel.isReady) isReady = false
    return isReady
  }

  get isLocal(): boolean {
    return this.channels.every((channel) => channel.isLocal)
  }
}

/** Everything to one channel. */
export class ForwardWriter<T> extends ChannelWriter<T> {
  readonly #channel: OutputChannel<T>

  constructor(channel: OutputChannel<T>) {
    super([channel])
    this.#channel = channel
  }

  override processElement(value: T, timestamp: number): void {
    this.#channel.add(value, timestamp)
  }
}

/** To the next channel in turn. */
export class RebalanceWriter<T> extends ChannelWriter<T> {
  #next: number

  /** Starts with a channel of its own, so that few records do not all go to the first one. */
  constructor(channels: readonly OutputChannel<T>[], subtaskIndex: number) {
    super(channels)
    this.#next = subtaskIndex % channels.length
  }

  override processElement(value: T, timestamp: number): void {
    const channel = this.channels[this.#next]
    this.#next = this.#next + 1 === this.channels.length ? 0 : this.#next + 1
    channel?.add(value, timestamp)
  }
}

/** Every record to the first channel; the others learn how time goes. */
export class GlobalWriter<T> extends ChannelWriter<T> {
  override processElement(value: T, timestamp: number): void {
    this.channels[0]?.add(value, timestamp)
  }
}

/** How many channels are looked at for each record, as long as one of them has room. */
const LOOK_AHEAD = 4

/**
 * To the least busy of the next few channels in turn. A channel that is full gets no more while another one has room, so
 * a slow reader does not hold up the fast ones.
 */
export class AdaptiveRebalanceWriter<T> extends ChannelWriter<T> {
  #next: number

  constructor(channels: readonly OutputChannel<T>[], subtaskIndex: number) {
    super(channels)
    this.#next = subtaskIndex % channels.length
  }

  override processElement(value: T, timestamp: number): void {
    const best = this.#leastBusy()
    this.#next = this.#after(best)
    this.channels[best]?.add(value, timestamp)
  }

  #leastBusy(): number {
    const { length } = this.channels
    let best = this.#next
    let least = this.#backlogOf(best)
    let index = best
    for (let looked = 1; looked < length && least > 0; looked++) {
      if (looked >= LOOK_AHEAD && least < CHANNEL_CREDITS) break
      index = this.#after(index)
      const backlog = this.#backlogOf(index)
      if (backlog >= least) continue
      best = index
      least = backlog
    }
    return best
  }

  #backlogOf(index: number): number {
    return (this.channels[index] as OutputChannel<T>).backlog
  }

  #after(index: number): number {
    return index + 1 === this.channels.length ? 0 : index + 1
  }

  /** One channel with room is enough. All are asked, so that each one that is behind knows that somebody waits. */
  override get isReady(): boolean {
    let isReady = false
    for (const channel of this.channels) if (channel.isReady) isReady = true
    return isReady
  }
}

/** To a channel drawn by lot. */
export class ShuffleWriter<T> extends ChannelWriter<T> {
  readonly #random: Random

  constructor(channels: readonly OutputChannel<T>[], random: Random) {
    super(channels)
    this.#random = random
  }

  override processElement(value: T, timestamp: number): void {
    const index = Math.floor(this.#random.next() * this.channels.length)
    this.channels[index]?.add(value, timestamp)
  }
}

/** To the channel that a function names. The function answers a whole number from 0 to the number of channels - 1. */
export class CustomWriter<T> extends ChannelWriter<T> {
  readonly #channelOf: (value: T) => number

  constructor(channels: readonly OutputChannel<T>[], channelOf: (value: T) => number) {
    super(channels)
    this.#channelOf = channelOf
  }

  override processElement(value: T, timestamp: number): void {
    ;(this.channels[this.#channelOf(value)] as OutputChannel<T>).add(value, timestamp)
  }
}

/** To every channel. */
export class BroadcastWriter<T> extends ChannelWriter<T> {
  override processElement(value: T, timestamp: number): void {
    for (const channel of this.channels) channel.add(value, timestamp)
  }
}

/** To the subtask that owns the key group of the record's key. */
export class HashWriter<T> extends ChannelWriter<T> {
  readonly #keyOf: (value: T) => Key
  readonly #maxParallelism: number
  readonly #channelOfKeyGroup: OutputChannel<T>[]

  constructor(
    channels: readonly OutputChannel<T>[],
    keyOf: (value: T) => Key,
    maxParallelism: number,
  ) {
    super(channels)
    this.#keyOf = keyOf
    this.#maxParallelism = maxParallelism
    this.#channelOfKeyGroup = Array.from({ length: maxParallelism }, (_, keyGroup) => {
      const index = subtaskForKeyGroup(keyGroup, channels.length, maxParallelism)
      return channels[index] as OutputChannel<T>
    })
  }

  override processElement(value: T, timestamp: number): void {
    const keyGroup = keyGroupOf(this.#keyOf(value), this.#maxParallelism)
    ;(this.#channelOfKeyGroup[keyGroup] as OutputChannel<T>).add(value, timestamp)
  }
}
