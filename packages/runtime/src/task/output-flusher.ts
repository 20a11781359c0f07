// When the frames of a task that are not full are sent: the trade of latency for throughput. Writers with one buffer
// timeout are flushed together.
//
//   timeout n     once n ms have passed since the last flush; at once where nothing is encoded and no input waits
//   timeout 0     after each slice of work
//   timeout -1    never: only full frames go out, and all of them at a barrier and at the end

import type { RecordWriter } from '@millrace/exchange'
import type { ProcessingTimeService } from '../timers/processing-time-service.ts'

/** A writer and how long its records may wait. */
export interface FlushedWriter {
  readonly writer: Pick<RecordWriter<unknown>, 'flush' | 'isLocal'>
  readonly bufferTimeoutMs: number
}

/** Flushes the writers of one task. */
export class OutputFlusher {
  readonly #groups: readonly FlushGroup[]
  /** The mail that runs is a flush itself. */
  #isFlushing = false

  constructor(
    writers: readonly FlushedWriter[],
    processingTime: Pick<ProcessingTimeService, 'after'>,
  ) {
    const timeouts = new Set(writers.map(({ bufferTimeoutMs }) => bufferTimeoutMs))
    timeouts.delete(-1)
    this.#groups = [...timeouts].map((timeoutMs) => {
      const ofTimeout = writers.filter(({ bufferTimeoutMs }) => bufferTimeoutMs === timeoutMs)
      return new FlushGroup(
        ofTimeout.map(({ writer }) => writer),
        timeoutMs,
        (flush) =>
          processingTime.after(timeoutMs, () => {
            this.#isFlushing = true
            flush()
          }),
      )
    })
  }

  /** Call it after mail, such as a timer, which may have emitted: there may be no slice for long. */
  afterMail(): void {
    if (!this.#isFlushing) for (const group of this.#groups) group.afterMail()
    this.#isFlushing = false
  }

  /** Call it after each slice of work; `hasMore` tells whether another slice follows at once. */
  afterSlice(nowMs: number, hasMore: boolean): void {
    for (const group of this.#groups) group.afterSlice(nowMs, hasMore)
  }
}

class FlushGroup {
  readonly #writers: readonly FlushedWriter['writer'][]
  readonly #timeoutMs: number
  readonly #afterTimeout: (flush: () => void) => void
  readonly #areLocal: boolean
  #lastFlushMs = 0
  #isArmed = false

  constructor(
    writers: readonly FlushedWriter['writer'][],
    timeoutMs: number,
    afterTimeout: (flush: () => void) => void,
  ) {
    this.#writers = writers
    this.#timeoutMs = timeoutMs
    this.#afterTimeout = afterTimeout
    this.#areLocal = writers.every((writer) => writer.isLocal)
  }

  afterSlice(nowMs: number, hasMore: boolean): void {
    const isDue = this.#timeoutMs === 0 || nowMs - this.#lastFlushMs >= this.#timeoutMs
    if (isDue || (!hasMore && this.#areLocal)) {
      this.#lastFlushMs = nowMs
      this.#flush()
    } else if (!hasMore && !this.#isArmed) this.#arm()
  }

  afterMail(): void {
    if (this.#areLocal || this.#timeoutMs === 0) this.#flush()
    else if (!this.#isArmed) this.#arm()
  }

  #arm(): void {
    this.#isArmed = true
    this.#afterTimeout(() => {
      this.#isArmed = false
      this.#flush()
    })
  }

  #flush(): void {
    for (const writer of this.#writers) writer.flush()
  }
}
