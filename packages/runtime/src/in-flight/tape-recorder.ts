// Takes down what a barrier has overtaken: one tape for the whole task, whatever the number of its channels.
//
//   channel 0  ──r──w──r──┃                 the tape is what the task would have met had it emptied the queues one after another
//   channel 1  ──r──────────┃   ──> tape    and then taken what came as it came: records, and the steps that the time of each
//   channel 2  ──┃                          input would have made, found with a copy of the task's time
//
// So a tape needs no channels when it is played, and whoever plays it meets each record at the time at which the task might have.
// Statuses and ends are not on it: a channel begins as active after a restart, and who is idle or has ended says so again.

import { assert, FrameBuffer } from '@millrace/core'
import {
  type ChannelOrigin,
  FRAME_BYTES,
  type InFlightRecorder,
  type InputGate,
  type OvertakenEdge,
  type StreamEvent,
} from '@millrace/exchange'
import { encodeTape, type Tape, type TapeEdge, type TapeItem } from '@millrace/state'
import type { TimeCopy } from '../task/task-time.ts'

/** What a recorder is made from, at the cut. */
export interface TapeRecorderInit {
  readonly checkpointId: number
  readonly gate: InputGate
  /** The channels that have something before the barrier, or may still get it. */
  readonly overtaken: readonly number[]
  /** The time of the task; the recorder's own from now on. */
  readonly time: TimeCopy
  /** What is still to be played of an older tape: it comes first. */
  readonly before: Pick<Tape, 'edges' | 'items'>
}

/** Takes down what is queued when it is made, and then what comes, until the barrier has come on every channel. */
export class TapeRecorder {
  readonly #init: TapeRecorderInit
  readonly #start: readonly number[]
  readonly #edges: TapeEdge[]
  readonly #items: TapeItem[]
  readonly #pending: Set<number>
  readonly #bytes = Promise.withResolvers<Uint8Array>()
  readonly #scratch = new FrameBuffer(new ArrayBuffer(FRAME_BYTES))
  #told: readonly number[]
  #isSealed = false

  constructor(init: TapeRecorderInit) {
    const { before, time, overtaken } = init
    this.#init = init
    this.#start = time.watermarks
    this.#edges = [...before.edges]
    this.#items = [...before.items]
    for (const item of before.items) {
      if (item.kind === 'time') time.raise(item.input, item.watermark)
    }
    this.#told = time.watermarks
    this.#pending = new Set(overtaken)
    // Should the checkpoint be given up, it may have nobody who waits for it.
    this.#bytes.promise.catch(() => {})
    this.#recordQueues()
  }

  get checkpointId(): number {
    return this.#init.checkpointId
  }

  #recordQueues(): void {
    const { gate, overtaken, checkpointId } = this.#init
    for (const index of overtaken) {
      const { channel } = gate.channels[index] as InputGate['channels'][number]
      channel.recordUntil(checkpointId, this.#recorderOf(index))
    }
    this.#finishIfComplete()
  }

  /** The tape, once the barrier is on every channel. Rejects if it is given up. */
  get bytes(): Promise<Uint8Array> {
    return this.#bytes.promise
  }

  /** Nobody wants the tape any more, unless it is complete. */
  giveUp(): void {
    for (const index of this.#pending) this.#init.gate.channels[index]?.channel.stopRecording()
    this.#pending.clear()
    this.#bytes.reject(new Error('the checkpoint was given up before its barrier had come'))
    this.#items.length = 0
  }

  #recorderOf(index: number): InFlightRecorder<unknown> {
    const { codec } = this.#overtakenOf(index)
    const edge = this.#edgeOf(index)
    const add = (bytes: Uint8Array): void => {
      this.#items.push({ kind: 'frame', edge, bytes })
    }
    return {
      records: ({ records, timestamps, count }) => {
        const byteLength = codec.encode(this.#scratch, 0, records, timestamps, count)
        add(new Uint8Array(this.#scratch.buffer.slice(0, byteLength)))
      },
      frame: (buffer) => {
        const [byteLength = 0] = new Int32Array(buffer, 0, 1)
        add(new Uint8Array(buffer.slice(0, byteLength)))
      },
      event: (event) => this.#onEvent(index, event),
      end: () => {
        this.#pending.delete(index)
        this.#finishIfComplete()
      },
    }
  }

  #overtakenOf(index: number): OvertakenEdge {
    const overtaken = this.#init.gate.channels[index]?.overtaken
    assert(overtaken !== undefined, 'a channel in place is never overtaken')
    return overtaken as OvertakenEdge
  }

  /** The place of a channel's edge on the tape, which the channels of an edge share. */
  #edgeOf(index: number): number {
    const { id, codec } = this.#overtakenOf(index)
    const known = this.#edges.findIndex((edge) => edge.id === id)
    if (known !== -1) return known
    const input = this.#init.gate.channels[index]?.input ?? 0
    return this.#edges.push({ id, input, type: codec.type }) - 1
  }

  #originOf(index: number): Pick<ChannelOrigin, 'subtask' | 'parallelism'> {
    const { channels } = this.#init.gate
    return channels[index]?.origin ?? { subtask: index, parallelism: channels.length }
  }

  #onEvent(index: number, event: StreamEvent): void {
    const { time } = this.#init
    if (event.kind === 'watermark') time.onWatermark(index, event.watermark)
    else if (event.kind === 'watermark-status') time.onStatus(index, event.isIdle)
    else if (event.kind === 'generalized-watermark') {
      const { subtask, parallelism } = this.#originOf(index)
      const from = { edge: this.#edgeOf(index), writer: subtask, writers: parallelism }
      this.#items.push({ kind: 'generalized', ...from, watermark: event.watermark })
    }
    const watermarks = time.watermarks
    for (const [input, watermark] of watermarks.entries()) {
      if (watermark === this.#told[input]) continue
      this.#items.push({ kind: 'time', input, watermark })
    }
    this.#told = watermarks
  }

  #finishIfComplete(): void {
    if (this.#pending.size > 0 || this.#isSealed) return
    this.#isSealed = true
    this.#bytes.resolve(encodeTape({ start: this.#start, edges: this.#edges, items: this.#items }))
    this.#items.length = 0
  }
}
