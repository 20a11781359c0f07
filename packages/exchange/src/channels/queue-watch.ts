// What is done about the queue of a channel beside taking from it: barriers are announced when they come, and what lies before
// one can be recorded. Nothing is taken out; records go their way.
//
//   queue   ──r──r──w──r──┃──r──>          a recording holds r r w r: what was queued when it began, and what
//                        barrier           has come since, up to the barrier

import type { Barrier, StreamEvent } from '../events/stream-event.ts'
import type { InFlightRecorder, RecordBatch } from './channel.ts'

/** What a queue holds: batches or frames, and events. */
type Queued<T> = RecordBatch<T> | ArrayBuffer | StreamEvent

/** Watches one queue. */
export class QueueWatch<T> {
  readonly #queue: readonly Queued<T>[]
  #onBarrier: ((barrier: Barrier) => void) | undefined
  #recording: { readonly checkpointId: number; readonly recorder: InFlightRecorder<T> } | undefined

  constructor(queue: readonly Queued<T>[]) {
    this.#queue = queue
  }

  announceBarriers(onBarrier: (barrier: Barrier) => void): void {
    this.#onBarrier = onBarrier
  }

  recordUntil(checkpointId: number, recorder: InFlightRecorder<T>): void {
    this.#recording = { checkpointId, recorder }
    for (const item of this.#queue) this.#record(item)
  }

  stopRecording(): void {
    this.#recording = undefined
  }

  /** Call it for all that comes into the queue. */
  added(item: Queued<T>): void {
    this.#record(item)
    if (this.#onBarrier !== undefined && !(item instanceof ArrayBuffer) && item.kind === 'barrier')
      this.#onBarrier(item.barrier)
  }

  #record(item: Queued<T>): void {
    if (this.#recording === undefined) return
    const { checkpointId, recorder } = this.#recording
    if (item instanceof ArrayBuffer) return recorder.frame(item)
    switch (item.kind) {
      case 'records':
        return recorder.records(item)
      case 'barrier':
        // Of an older checkpoint, which was given up, nobody wants to know.
        if (item.barrier.checkpointId < checkpointId) return
        this.#recording = undefined
        // A newer one in its place: it was given up, and the recording is never whole.
        return item.barrier.checkpointId === checkpointId ? recorder.end() : undefined
      default:
        recorder.event(item)
    }
  }
}
