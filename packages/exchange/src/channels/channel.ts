// A channel carries the records of one edge from one subtask to one other. Two implementations, same deal:
//
//   producer task ── OutputChannel ──> [queue, bounded] ──> InputChannel ── consumer task
//                          <── credit: room in the queue, or buffers sent back ──
//
// Records are kept in order, events keep their place among them.

import type { Barrier, StreamEvent } from '../events/stream-event.ts'

/** The most records one batch or frame holds. */
export const BATCH_RECORDS_MAX = 256

/** How many batches or frames of a channel may be under way before its producer must stop. */
export const CHANNEL_CREDITS = 16

/** The producing end. `add` and `event` never block and never refuse: who overdraws finishes the slice, then stops. */
export interface OutputChannel<T> {
  add(record: T, timestamp: number): void
  /**
   * Time has passed. Goes out before the next record, or with the next flush: of several watermarks with no record
   * between them only the last is sent, which tells the consumer the same.
   */
  watermark(watermark: number): void
  /** Sends what was added, then the event. */
  event(event: StreamEvent): void
  /** Sends what was added. */
  flush(): void
  /** False while the consumer is behind: the producing task then takes no further input until `onReady` is called. */
  readonly isReady: boolean
  /** How many batches or frames are under way: how far the consumer is behind. */
  readonly backlog: number
  /** Whether a flush costs next to nothing, because nothing is encoded. */
  readonly isLocal: boolean
}

/** Some records with their timestamps. The arrays are reused: only the first `count` entries count. */
export interface RecordBatch<T> {
  readonly kind: 'records'
  readonly records: T[]
  readonly timestamps: Float64Array
  count: number
}

/** Takes down what is in flight in a channel. The calls come in the order of the channel. */
export interface InFlightRecorder<T> {
  /** The batch goes on being used; what is needed of it must be copied. */
  records(batch: RecordBatch<T>): void
  /** The same, already encoded. */
  frame(bytes: ArrayBuffer): void
  event(event: StreamEvent): void
  /** The barrier has come: this is all. */
  end(): void
}

/** The consuming end. */
export interface InputChannel<T> {
  readonly hasInput: boolean
  /** Takes the next batch or event; `undefined` if there is none. A batch is the caller's until `release`. */
  poll(): RecordBatch<T> | StreamEvent | undefined
  /** Gives a batch back for reuse, and with it the credit. */
  release(batch: RecordBatch<T>): void
  /** Calls `onBarrier` for each barrier at once when it comes, ahead of what is queued before it. */
  announceBarriers(onBarrier: (barrier: Barrier) => void): void
  /**
   * Takes down what lies before the barrier of a checkpoint, which has not been polled: what is queued in this call, then what comes,
   * until the barrier has come. All of it stays to be polled. Ends a recording that is under way.
   */
  recordUntil(checkpointId: number, recorder: InFlightRecorder<T>): void
  stopRecording(): void
  close(): void
}

/** An empty batch. */
export function createBatch<T>(): RecordBatch<T> {
  return {
    kind: 'records',
    records: [],
    timestamps: new Float64Array(BATCH_RECORDS_MAX),
    count: 0,
  }
}
