// All input of one task: its channels, taken in turn, leaving out those that wait for a barrier to arrive on the others.

import type { InputChannel, RecordBatch } from '../channels/channel.ts'
import type { StreamEvent } from '../events/stream-event.ts'

/** One channel of a gate and the input of the operator that its records belong to. */
export interface GateChannel {
  readonly channel: InputChannel<unknown>
  readonly input: number
  /** Who writes into it; left out where nothing that is remembered of the channel is to be found again after a restart. */
  readonly origin?: ChannelOrigin
}

/** A subtask that writes into a channel. */
export interface ChannelOrigin {
  /** The id of the edge. */
  readonly edge: string
  readonly subtask: number
  /** How many subtasks write into the edge. */
  readonly parallelism: number
}

/** Chooses the next channel fairly. */
export class InputGate {
  readonly channels: readonly GateChannel[]
  readonly #isBlocked: boolean[]
  #last = 0

  constructor(channels: readonly GateChannel[]) {
    this.channels = channels
    this.#isBlocked = channels.map(() => false)
    this.#last = channels.length - 1
  }

  /** The index of the next channel that has input and is not blocked, or -1. */
  next(): number {
    const { channels } = this
    for (let step = 1; step <= channels.length; step++) {
      const index = (this.#last + step) % channels.length
      if (this.#isBlocked[index] === false && channels[index]?.channel.hasInput === true) {
        this.#last = index
        return index
      }
    }
    return -1
  }

  /** Takes the next batch or event of a channel that {@link next} answered. */
  poll(index: number): RecordBatch<unknown> | StreamEvent | undefined {
    return this.channels[index]?.channel.poll()
  }

  /** Leaves the channel's input where it is: back-pressure until {@link unblockAll}. */
  block(index: number): void {
    this.#isBlocked[index] = true
  }

  unblockAll(): void {
    this.#isBlocked.fill(false)
  }

  close(): void {
    for (const { channel } of this.channels) channel.close()
  }
}
