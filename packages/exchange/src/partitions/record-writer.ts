// The producing end of an edge: chooses the channel of each record. Watermarks and other events go to all.

import { type Key, keyGroupOf, subtaskForKeyGroup } from '@millrace/core'
import type { OutputChannel } from '../channels/channel.ts'
import type { StreamEvent } from '../events/stream-event.ts'

/** Writes the records of one edge. Has the shape of an operator's input, so a chain ends in it without a wrapper. */
export interface RecordWriter<T> {
  processElement(value: T, timestamp: number): void
  processWatermark(watermark: number): void
  processWatermarkStatus(isIdle: boolean): void
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
