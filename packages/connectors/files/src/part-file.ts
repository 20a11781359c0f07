import type { FileSystem, WritableFile } from '@millrace/core'
import type { PartPaths } from './part-names.ts'

/** One part file while it is written. It comes into being with its first bytes. */
export class PartFile {
  readonly paths: PartPaths
  readonly #files: FileSystem
  readonly #file: Promise<WritableFile>
  #allWritten: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(files: FileSystem, paths: PartPaths) {
    this.paths = paths
    this.#files = files
    this.#file = files.create(paths.pending)
  }

  append(bytes: Uint8Array): Promise<void> {
    const written = this.#file.then((file) => file.write(bytes))
    this.#allWritten = Promise.all([this.#allWritten, written]).then(() => {})
    this.#allWritten.catch(() => {})
    return written
  }

  /** Makes durable what was appended, and closes the file. */
  async seal(): Promise<void> {
    const file = await this.#file
    try {
      await this.#allWritten
      await file.sync()
    } finally {
      await this.#close()
    }
  }

  /** Closes the file and removes it: nothing in it belongs to a checkpoint. */
  async discard(): Promise<void> {
    await this.#close()
    await this.#files.remove(this.paths.pending)
  }

  #close(): Promise<void> {
    this.#closed ??= this.#file.then(
      (file) => file.close(),
      () => {},
    )
    return this.#closed
  }
}
