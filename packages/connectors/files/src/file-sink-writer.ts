// The writer of a file sink.
//
//   write ──> text ── 64 KiB ──> part file (hidden) ── prepareCommit ──> sealed: written, synced, closed
//                                                                        { pending, final } goes to the checkpoint
//
// `prepareCommit` cuts at once: text and part file change owner, the next record begins a new part. A part
// that was never sealed is in no checkpoint, so `close` removes it; one that crashed away with its writer is
// removed by the next attempt.

import {
  type JsonValue,
  makeDurableDirectory,
  type RecordEncoder,
  type RestoredSinkState,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'
import { partPathsOf } from './file-committer.ts'
import { PartFile } from './part-file.ts'
import { type PartNaming, partPaths, pendingPartWriter, runOf } from './part-names.ts'
import { joinPath } from './paths.ts'

/** Text is handed to the file in pieces of about this; smaller ones cost more calls than bytes. */
const PIECE_CHARS = 64 * 1024

/** While more than this waits to be written, the writer is not available. */
const UNWRITTEN_BYTES_MAX = 1024 * 1024

/** What a writer is made of. */
export interface FileSinkWriterInit<T> {
  readonly context: SinkWriterContext
  readonly encoder: RecordEncoder<T>
  readonly naming: PartNaming
}

/** Writes part files and seals one at each barrier. */
export class FileSinkWriter<T> implements SinkWriter<T> {
  readonly #context: SinkWriterContext
  readonly #encoder: RecordEncoder<T>
  readonly #naming: PartNaming
  #text = ''
  #part: PartFile | undefined
  #partCount = 0
  #unwrittenBytes = 0
  #isFull = false
  #hasFailed = false
  /** Parts behind a cut that are not sealed yet. */
  readonly #sealing = new Set<Promise<unknown>>()

  constructor({ context, encoder, naming }: FileSinkWriterInit<T>) {
    this.#context = context
    this.#encoder = encoder
    this.#naming = naming
  }

  async open(restored: RestoredSinkState): Promise<void> {
    await makeDurableDirectory(this.#context.platform.files, this.#naming.directory)
    if (restored.isRestored || this.#context.attempt > 0) await this.#removeLeftovers(restored)
  }

  write(value: T): void {
    if (this.#text === '' && this.#part === undefined) this.#text = this.#encoder.header ?? ''
    this.#text += this.#encoder.encode(value)
    if (this.#text.length >= PIECE_CHARS) this.#append()
  }

  get isAvailable(): boolean {
    return !this.#isFull
  }

  prepareCommit(): Promise<readonly JsonValue[]> {
    if (this.#text !== '') this.#append()
    const part = this.#part
    this.#part = undefined
    if (part === undefined) return Promise.resolve([])
    const sealed = this.#seal(part)
    const settled = sealed.then(
      () => {},
      () => {},
    )
    this.#sealing.add(settled)
    void settled.then(() => this.#sealing.delete(settled))
    return sealed
  }

  snapshotState(): readonly JsonValue[] {
    return []
  }

  async close(): Promise<void> {
    const part = this.#part
    this.#part = undefined
    this.#text = ''
    await Promise.all([...this.#sealing, part?.discard()])
  }

  /** Hands the text to the part file, which comes into being with it. */
  #append(): void {
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    this.#part ??= new PartFile(
      this.#context.platform.files,
      partPaths(this.#naming, this.#context, this.#partCount++),
    )
    this.#unwrittenBytes += bytes.byteLength
    if (this.#unwrittenBytes > UNWRITTEN_BYTES_MAX) this.#isFull = true
    this.#part.append(bytes).then(
      () => this.#drain(bytes.byteLength),
      (error: unknown) => this.#fail(error),
    )
  }

  #drain(bytes: number): void {
    this.#unwrittenBytes -= bytes
    if (!this.#isFull || this.#unwrittenBytes > UNWRITTEN_BYTES_MAX / 2) return
    this.#isFull = false
    this.#context.wake()
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#context.fail(error)
  }

  async #seal(part: PartFile): Promise<readonly JsonValue[]> {
    await part.seal()
    // The checkpoint will name this file, so the name must be as durable as what is in it.
    await this.#context.platform.files.syncDirectory(this.#naming.directory)
    return [part.paths]
  }

  /**
   * Removes pending files that no checkpoint will ever commit: those of the subtasks this one stands for, except
   * what it is given to commit again. Without a checkpoint only earlier attempts of this run can have left any.
   */
  async #removeLeftovers(restored: RestoredSinkState): Promise<void> {
    const { platform, subtaskIndex, parallelism, runId } = this.#context
    const { directory } = this.#naming
    const toCommit = new Set(restored.committables.map((one) => partPathsOf(one).pending))
    for (const { name } of await platform.files.list(directory)) {
      const writer = pendingPartWriter(this.#naming, name)
      if (writer === undefined || writer.subtaskIndex % parallelism !== subtaskIndex) continue
      if (!restored.isRestored && writer.run !== runOf(runId)) continue
      const path = joinPath(directory, name)
      if (!toCommit.has(path)) await platform.files.remove(path)
    }
  }
}
