import type { JobClient, JsonValue, Sink, SinkWriter, SinkWriterContext } from 'millrace'

/** Counts records and throws them away. Tells the client the counts at each barrier. */
export class CountingSink<T> implements Sink<T> {
  readonly name: string = 'Counting'

  describe(): JsonValue {
    return { sink: 'counting' }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    return new CountingWriter(context)
  }
}

/** Adds up what the counting sinks of a job have sent. Make it before the job produces anything. */
export class CountedResults {
  readonly #counts = new Map<string, number>()

  constructor(job: JobClient) {
    job.onCollected(({ uid, subtaskIndex, payload }) =>
      this.#counts.set(`${uid}/${subtaskIndex}`, payload as number),
    )
  }

  /** Exact when the job has ended. */
  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }
}

class CountingWriter<T> implements SinkWriter<T> {
  readonly isAvailable: boolean = true
  readonly #context: SinkWriterContext
  #count = 0

  constructor(context: SinkWriterContext) {
    this.#context = context
  }

  open(): void {}

  write(): void {
    this.#count++
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    this.#context.sendToClient(this.#count)
    return []
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  close(): void {}
}
