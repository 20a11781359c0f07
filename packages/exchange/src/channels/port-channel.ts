// A channel between threads: a frame of encoded records is a transferred ArrayBuffer, and the same buffer sent
// back is the credit for another one. Events are small messages on the same port, so order is kept.
//
//   PortOutputChannel ── ArrayBuffer (frame) | StreamEvent ──> PortInputChannel
//                     <── ArrayBuffer (empty, for reuse) ──

import {
  FrameBuffer,
  type FrameCodec,
  type MessageChannelPort,
  MIN_WATERMARK,
} from '@millrace/core'
import type { Barrier, StreamEvent } from '../events/stream-event.ts'
import {
  BATCH_RECORDS_MAX,
  CHANNEL_CREDITS,
  createBatch,
  type InFlightRecorder,
  type InputChannel,
  type OutputChannel,
  type RecordBatch,
} from './channel.ts'
import { QueueWatch } from './queue-watch.ts'

/** The size of a fresh frame buffer, and about the most that one frame shall hold. */
export const FRAME_BYTES: number = 64 * 1024

/** The producing end. */
export class PortOutputChannel<T> implements OutputChannel<T> {
  readonly isLocal = false
  readonly #port: MessageChannelPort
  readonly #codec: FrameCodec<T>
  readonly #onReady: () => void
  readonly #records: T[] = []
  readonly #timestamps = new Float64Array(BATCH_RECORDS_MAX)
  readonly #free: ArrayBuffer[] = []
  #count = 0
  #countMax = BATCH_RECORDS_MAX
  #framesUnderWay = 0
  #isWaiting = false
  #watermark = MIN_WATERMARK

  constructor(port: MessageChannelPort, codec: FrameCodec<T>, onReady: () => void) {
    this.#port = port
    this.#codec = codec
    this.#onReady = onReady
    port.onMessage((buffer) => this.#takeBack(buffer as ArrayBuffer))
  }

  add(record: T, timestamp: number): void {
    if (this.#watermark !== MIN_WATERMARK) this.flush()
    this.#records[this.#count] = record
    this.#timestamps[this.#count] = timestamp
    if (++this.#count >= this.#countMax) this.flush()
  }

  watermark(watermark: number): void {
    this.#watermark = watermark
  }

  flush(): void {
    if (this.#count > 0) this.#sendFrame()
    if (this.#watermark !== MIN_WATERMARK) {
      const watermark = this.#watermark
      this.#watermark = MIN_WATERMARK
      this.#port.post({ kind: 'watermark', watermark } satisfies StreamEvent)
    }
  }

  event(event: StreamEvent): void {
    this.flush()
    this.#port.post(event)
  }

  get isReady(): boolean {
    if (this.#framesUnderWay < CHANNEL_CREDITS) return true
    this.#isWaiting = true
    return false
  }

  get backlog(): number {
    return this.#framesUnderWay
  }

  #sendFrame(): void {
    const count = this.#count
    this.#count = 0
    const frame = new FrameBuffer(this.#free.pop() ?? new ArrayBuffer(FRAME_BYTES))
    const byteLength = this.#codec.encode(frame, 0, this.#records, this.#timestamps, count)
    this.#adaptTo(byteLength / count)
    this.#framesUnderWay++
    this.#port.post(frame.buffer, [frame.buffer])
  }

  /** Large records: fewer to a frame, so that a frame stays near its size. */
  #adaptTo(bytesPerRecord: number): void {
    const fitting = Math.floor(FRAME_BYTES / bytesPerRecord)
    this.#countMax = Math.max(1, Math.min(BATCH_RECORDS_MAX, fitting))
  }

  #takeBack(buffer: ArrayBuffer): void {
    this.#framesUnderWay--
    if (buffer.byteLength === FRAME_BYTES && this.#free.length < CHANNEL_CREDITS) {
      this.#free.push(buffer)
    }
    if (this.#isWaiting && this.#framesUnderWay <= CHANNEL_CREDITS / 2) {
      this.#isWaiting = false
      this.#onReady()
    }
  }
}

/** The consuming end. Frames stay encoded, and their buffers unreturned, until they are polled. */
export class PortInputChannel<T> implements InputChannel<T> {
  readonly #port: MessageChannelPort
  readonly #codec: FrameCodec<T>
  readonly #queue: (ArrayBuffer | StreamEvent)[] = []
  readonly #watch: QueueWatch<T> = new QueueWatch(this.#queue)
  readonly #batch: RecordBatch<T> = createBatch()

  constructor(port: MessageChannelPort, codec: FrameCodec<T>, onInput: () => void) {
    this.#port = port
    this.#codec = codec
    port.onMessage((message) => {
      const item = message as ArrayBuffer | StreamEvent
      this.#queue.push(item)
      this.#watch.added(item)
      if (this.#queue.length === 1) onInput()
    })
  }

  get hasInput(): boolean {
    return this.#queue.length > 0
  }

  poll(): RecordBatch<T> | StreamEvent | undefined {
    const item = this.#queue.shift()
    if (!(item instanceof ArrayBuffer)) return item
    const batch = this.#batch
    batch.count = this.#codec.decode(new FrameBuffer(item), 0, batch.records, batch.timestamps)
    this.#port.post(item, [item])
    return batch
  }

  release(_batch: RecordBatch<T>): void {
    // The one batch is decoded into again and again; its credit went back with the buffer.
  }

  announceBarriers(onBarrier: (barrier: Barrier) => void): void {
    this.#watch.announceBarriers(onBarrier)
  }

  recordUntil(checkpointId: number, recorder: InFlightRecorder<T>): void {
    this.#watch.recordUntil(checkpointId, recorder)
  }

  stopRecording(): void {
    this.#watch.stopRecording()
  }

  close(): void {
    this.#watch.stopRecording()
    this.#queue.length = 0
    this.#port.close()
  }
}
