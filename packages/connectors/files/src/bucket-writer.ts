// The part that one bucket is writing.
//
//   record ──> encoder ── 64 KiB ──> part file ── roll ──> sealed: written, synced, closed ──> a committable
//                                        └── stays open at a barrier: synced, its length goes to the checkpoint

import type { BulkWriter } from './bulk-format.ts'
import type { PartFile } from './part-file.ts'
import type { OpenPartState } from './part-state.ts'
import type { OpenPart } from './rolling-policy.ts'

/** What a bucket asks of the writer it belongs to. */
export interface BucketOwner<T> {
  readonly nowMs: () => number
  readonly createContent: (isContinued: boolean) => BulkWriter<T>
  readonly createPart: (bucket: string) => PartFile
  /** How many encoded bytes are handed to a file at once. */
  readonly pieceBytes: number
  /** Counts the bytes until they are written. */
  readonly append: (part: PartFile, bytes: Uint8Array) => void
}

/** Writes the records of one bucket, one part at a time. */
export class BucketWriter<T> implements OpenPart {
  readonly bucket: string
  createdMs = 0
  lastWriteMs = 0
  readonly #owner: BucketOwner<T>
  #content: BulkWriter<T> | undefined
  #part: PartFile | undefined
  #appendedBytes = 0
  /** Set by each record, taken back by each look at the clock. */
  #hasNewRecords = false

  constructor(bucket: string, owner: BucketOwner<T>) {
    this.bucket = bucket
    this.#owner = owner
  }

  /** Whether there is a part, or a record that will be in one. */
  get isOpen(): boolean {
    return this.#content !== undefined
  }

  get sizeBytes(): number {
    return this.#appendedBytes + (this.#content?.pendingBytes ?? 0)
  }

  write(value: T): void {
    if (this.#content === undefined) {
      this.#content = this.#owner.createContent(false)
      this.createdMs = this.#owner.nowMs()
    }
    this.#hasNewRecords = true
    this.#content.write(value)
    if (this.#content.pendingBytes >= this.#owner.pieceBytes) this.flush()
  }

  /** Goes on with the part of an earlier attempt. */
  continue(part: PartFile, { createdMs, sizeBytes }: OpenPartState): void {
    this.#part = part
    this.#content = this.#owner.createContent(true)
    this.#appendedBytes = sizeBytes
    this.createdMs = createdMs
    this.lastWriteMs = this.#owner.nowMs()
  }

  /** Hands what is encoded to the part file, which comes into being with it. */
  flush(): void {
    const content = this.#content
    if (content === undefined || content.pendingBytes === 0) return
    this.#append(content.take())
  }

  /** Brings `lastWriteMs` up to date. */
  look(nowMs: number): void {
    if (this.#hasNewRecords) this.lastWriteMs = nowMs
    this.#hasNewRecords = false
  }

  /** Ends the part: everything is handed to its file, and the next record begins another. */
  roll(): { readonly part: PartFile; readonly sizeBytes: number } | undefined {
    if (this.#content === undefined) return undefined
    this.#append(this.#content.finish())
    const part = this.#part as PartFile
    const sizeBytes = this.#appendedBytes
    this.#part = undefined
    this.#content = undefined
    this.#appendedBytes = 0
    return { part, sizeBytes }
  }

  /** The part at this cut; it stays open. Call `flush` before. */
  cut(): { readonly part: PartFile; readonly state: OpenPartState } | undefined {
    const { bucket, createdMs } = this
    const part = this.#part
    if (part === undefined) return undefined
    const state = { ...part.paths, bucket, sizeBytes: this.#appendedBytes, createdMs }
    return { part, state }
  }

  /** The part that is given up, with whatever was not written. */
  giveUp(): PartFile | undefined {
    this.#content = undefined
    return this.#part
  }

  #append(bytes: Uint8Array): void {
    this.#part ??= this.#owner.createPart(this.bucket)
    if (bytes.byteLength === 0) return
    this.#appendedBytes += bytes.byteLength
    this.#owner.append(this.#part, bytes)
  }
}
