// Reads the text of a gzip file in the background, from its front: a position inside compressed data cannot be entered, so after
// a restart everything before it is decompressed again and dropped.
//
//   file ──chunks──> gunzip ──text──> what lies before the offset is dropped ──> at most `bufferBytes` wait

import { createGunzip, type Gunzip } from 'node:zlib'
import { MillraceError } from '@millrace/core'
import type { ReadAheadInit } from './read-ahead.ts'

/** Compressed bytes that are read at once. */
const CHUNK_BYTES = 64 * 1024

/** Behaves as `ReadAhead`, with text in place of the bytes of the file. */
export class GzipReadAhead {
  readonly #init: ReadAheadInit
  readonly #gunzip: Gunzip
  readonly #chunks: Uint8Array[] = []
  #waitingBytes = 0
  #bytesToDrop: number
  #isAtEnd = false
  #isOver = false
  readonly #reading: Promise<void>

  constructor(init: ReadAheadInit) {
    this.#init = init
    this.#bytesToDrop = init.offset
    this.#gunzip = createGunzip()
    this.#gunzip.on('data', (bytes: Uint8Array) => this.#take(bytes))
    this.#gunzip.on('end', () => {
      this.#isAtEnd = true
      init.onProgress()
    })
    this.#gunzip.on('error', (cause) => this.#fail(this.#corrupt(cause)))
    this.#reading = this.#read().catch((error: unknown) => this.#fail(error))
  }

  take(): Uint8Array | 'later' | 'end' {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return this.#isAtEnd ? 'end' : 'later'
    this.#waitingBytes -= chunk.byteLength
    if (this.#waitingBytes <= this.#init.bufferBytes / 2) this.#gunzip.resume()
    return chunk
  }

  async close(): Promise<void> {
    this.#isOver = true
    this.#gunzip.destroy()
    await this.#reading
  }

  async #read(): Promise<void> {
    const { files, path } = this.#init
    const file = await files.open(path)
    try {
      for (let position = 0; position < file.sizeBytes && !this.#isOver;) {
        const chunk = await file.read(position, CHUNK_BYTES)
        if (chunk.byteLength === 0) break
        position += chunk.byteLength
        await this.#write(chunk)
      }
    } finally {
      await file.close()
    }
    if (!this.#isOver) this.#gunzip.end()
  }

  /** Resolves when the chunk is decompressed, and there was room for its text; also when nothing is wanted any more. */
  #write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isOver) return resolve()
      this.#gunzip.once('close', resolve)
      this.#gunzip.write(chunk, () => {
        this.#gunzip.off('close', resolve)
        resolve()
      })
    })
  }

  #take(bytes: Uint8Array): void {
    const dropped = Math.min(this.#bytesToDrop, bytes.byteLength)
    this.#bytesToDrop -= dropped
    if (dropped === bytes.byteLength) return
    const rest = bytes.subarray(dropped)
    this.#chunks.push(rest)
    this.#waitingBytes += rest.byteLength
    if (this.#waitingBytes >= this.#init.bufferBytes) this.#gunzip.pause()
    this.#init.onProgress()
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#init.onFailure(error)
    this.#gunzip.destroy()
  }

  #corrupt(cause: Error): MillraceError {
    const { path } = this.#init
    return new MillraceError('FILE_UNREADABLE', {
      expected: `${path} to hold gzip data`,
      came: cause.message,
      todo: 'Write the file again, or give it a name that does not end in .gz.',
      ids: { path },
      isRetryable: false,
      cause,
    })
  }
}
