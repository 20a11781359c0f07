import type { FileSystem, WritableFile } from '@millrace/core'
import type { PartPaths } from './part-names.ts'
import { folderOf } from './paths.ts'

/** One part file while it is written. */
export class PartFile {
  readonly paths: PartPaths
  readonly #files: FileSystem
  readonly #file: Promise<WritableFile>
  #allWritten: Promise<void> = Promise.resolve()
  #isNameDurable = false
  #closed: Promise<void> | undefined

  private constructor(files: FileSystem, paths: PartPaths, file: Promise<WritableFile>) {
    this.paths = paths
    this.#files = files
    this.#file = file
    // Who appends learns of a failure.
    file.catch(() => {})
  }

  /** A new file, in a folder that is being made. */
  static create(files: FileSystem, paths: PartPaths, folder: Promise<void>): PartFile {
    return new PartFile(
      files,
      paths,
      folder.then(() => files.create(paths.pending)),
    )
  }

  /** The file of an earlier attempt, of which so many bytes count. */
  static async continue(files: FileSystem, paths: PartPaths, sizeBytes: number): Promise<PartFile> {
    const file = await files.append(paths.pending, sizeBytes)
    return new PartFile(files, paths, Promise.resolve(file))
  }

  append(bytes: Uint8Array): Promise<void> {
    const written = this.#file.then((file) => file.write(bytes))
    this.#allWritten = Promise.all([this.#allWritten, written]).then(() => {})
    this.#allWritten.catch(() => {})
    return written
  }

  /** Makes durable what was appended up to now, and the name of the file. */
  async sync(): Promise<void> {
    // Later writes are not waited for.
    const written = this.#allWritten
    const file = await this.#file
    await written
    await file.sync()
    await this.#syncName()
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
    await this.#syncName()
  }

  /** Closes the file and leaves it as it is: a checkpoint counts on it. */
  async abandon(): Promise<void> {
    await this.#close()
  }

  /** Closes the file and removes it: nothing in it belongs to a checkpoint. */
  async discard(): Promise<void> {
    await this.#close()
    await this.#files.remove(this.paths.pending)
  }

  /** A checkpoint will name this file, so the name must be as durable as what is in it. */
  async #syncName(): Promise<void> {
    if (this.#isNameDurable) return
    await this.#files.syncDirectory(folderOf(this.paths.pending))
    this.#isNameDurable = true
  }

  #close(): Promise<void> {
    this.#closed ??= this.#file.then(
      (file) => file.close(),
      () => {},
    )
    return this.#closed
  }
}
