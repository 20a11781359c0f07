import type { JsonValue, SinkWriter } from '@millrace/core'

/** A writer that is done with a record as soon as it has it: nothing to flush, commit or restore. */
export class ImmediateWriter<T> implements SinkWriter<T> {
  readonly isAvailable: boolean = true
  readonly #write: (value: T) => void

  constructor(write: (value: T) => void) {
    this.#write = write
  }

  open(): void {}

  write(value: T): void {
    this.#write(value)
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    return []
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  close(): void {}
}
