import type { JsonValue, Sink, SinkWriter, SinkWriterContext } from 'millrace'
import { LatencyHistogram } from '../measuring/latency-histogram.ts'
import { monotonicMs } from './monotonic-clock.ts'

/** When is measured. */
export interface LatencySinkOptions<T> {
  /** When the latency of a record begins, by {@link monotonicMs}. */
  readonly startOf: (record: T) => number
  /** From the first record on nothing counts for so long: code is being compiled. */
  readonly warmUpMs: number
  /** From then on everything counts for so long. */
  readonly measuredMs: number
}

/** Measures how late records come, and throws them away. Tells the client at each barrier, all that it knows. */
export class LatencySink<T> implements Sink<T> {
  readonly name: string = 'Latency'
  readonly #options: LatencySinkOptions<T>

  constructor(options: LatencySinkOptions<T>) {
    this.#options = options
  }

  describe(): JsonValue {
    return { sink: 'latency' }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    return new LatencyWriter(this.#options, context)
  }
}

class LatencyWriter<T> implements SinkWriter<T> {
  readonly isAvailable: boolean = true
  readonly #startOf: (record: T) => number
  readonly #options: LatencySinkOptions<T>
  readonly #context: SinkWriterContext
  readonly #histogram = new LatencyHistogram()
  #beginMs = Number.NaN
  #endMs = Number.NaN

  constructor(options: LatencySinkOptions<T>, context: SinkWriterContext) {
    this.#options = options
    this.#startOf = options.startOf
    this.#context = context
  }

  open(): void {}

  write(record: T): void {
    const nowMs = monotonicMs()
    if (Number.isNaN(this.#beginMs)) {
      this.#beginMs = nowMs + this.#options.warmUpMs
      this.#endMs = this.#beginMs + this.#options.measuredMs
    }
    if (nowMs < this.#beginMs || nowMs >= this.#endMs) return
    this.#histogram.record(nowMs - this.#startOf(record))
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    this.#context.sendToClient(this.#histogram.toData())
    return []
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  close(): void {}
}
