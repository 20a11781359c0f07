// A channel inside one thread: records go by reference, in batches that travel round between the two ends.

import { MIN_WATERMARK } from '@millrace/core'
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

/** Whom a local channel wakes. */
export interface LocalChannelCallbacks {
  /** The consumer has input. */
  readonly onInput: () => void
  /** The producer may go on. */
  readonly onReady: () => void
}

/** Both ends of a channel within one thread. */
export class LocalChannel<T> implements OutputChannel<T>, InputChannel<T> {
  readonly isLocal = true
  readonly #callbacks: LocalChannelCallbacks
  readonly #queue: (RecordBatch<T> | StreamEvent)[] = []
  readonly #watch: QueueWatch<T> = new QueueWatch(this.#queue)
  readonly #free: RecordBatch<T>[] = []
  #filling: RecordBatch<T> = createBatch()
  #batchesUnderWay = 0
  #isProducerWaiting = false
  #watermark = MIN_WATERMARK

  constructor(callbacks: LocalChannelCallbacks) {
    this.#callbacks = callbacks
  }

  add(record: T, timestamp: number): void {
    if (this.#watermark !== MIN_WATERMARK) this.flush()
    const batch = this.#filling
    batch.records[batch.count] = record
    batch.timestamps[batch.count] = timestamp
    if (++batch.count === BATCH_RECORDS_MAX) this.flush()
  }

  watermark(watermark: number): void {
    this.#watermark = watermark
  }

  flush(): void {
    if (this.#filling.count > 0) {
      this.#batchesUnderWay++
      this.#push(this.#filling)
      this.#filling = this.#free.pop() ?? createBatch()
    }
    if (this.#watermark !== MIN_WATERMARK) {
      const watermark = this.#watermark
      this.#watermark = MIN_WATERMARK
      this.#push({ kind: 'watermark', watermark })
    }
  }

  event(event: StreamEvent): void {
    this.flush()
    this.#push(event)
  }

  get isReady(): boolean {
    if (this.#batchesUnderWay < CHANNEL_CREDITS) return true
    this.#isProducerWaiting = true
    return false
  }

  get backlog(): number {
    return this.#batchesUnderWay
  }

  get hasInput(): boolean {
    return this.#queue.length > 0
  }

  poll(): RecordBatch<T> | StreamEvent | undefined {
    return this.#queue.shift()
  }

  release(batch: RecordBatch<T>): void {
    batch.count = 0
    this.#batchesUnderWay--
    // Batches beyond the credits were overdrawn; they are dropped, so that memory goes back to its bound.
    if (this.#free.length < CHANNEL_CREDITS) this.#free.push(batch)
    // Half empty before the producer goes on: it then works in longer stretches.
    if (this.#isProducerWaiting && this.#batchesUnderWay <= CHANNEL_CREDITS / 2) {
      this.#isProducerWaiting = false
      this.#callbacks.onReady()
    }
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
    this.#free.length = 0
  }

  #push(item: RecordBatch<T> | StreamEvent): void {
    this.#queue.push(item)
    this.#watch.added(item)
    if (this.#queue.length === 1) this.#callbacks.onInput()
  }
}
