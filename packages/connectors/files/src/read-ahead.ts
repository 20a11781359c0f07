import { type FileSystem, MillraceError, type ReadableFile } from '@millrace/core'

/** How many chunks may wait: while one is decoded the next is read. */
const CHUNKS_WAITING_MAX = 2

/** Where reading ahead begins and whom it tells. */
export interface ReadAheadInit {
  readonly files: FileSystem
  readonly path: string
  readonly offset: number
  /** All chunks together. */
  readonly bufferBytes: number
  /** Called when a chunk or the end has come. */
  readonly onProgress: () => void
  readonly onFailure: (error: unknown) => void
}

/** Reads one file from an offset to its end in the background, never more than a fixed number of bytes ahead. */
export class ReadAhead {
  readonly #init: ReadAheadInit
  readonly #chunkBytes: number
  readonly #chunks: Uint8Array[] = []
  #position: number
  #file: ReadableFile | undefined
  #isAtEnd = false
  /** Nothing more will be read: the end came, reading failed, or the file is closed. */
  #isOver = false
  /** The run of reads that is going on, if one is. It never rejects. */
  #running: Promise<void> | undefined

  constructor(init: ReadAheadInit) {
    this.#init = init
    this.#chunkBytes = Math.floor(init.bufferBytes / CHUNKS_WAITING_MAX)
    this.#position = init.offset
    this.#readOn()
  }

  /** The next chunk; `'later'` when it has not come yet, `'end'` behind the last one. */
  take(): Uint8Array | 'later' | 'end' {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return this.#isAtEnd ? 'end' : 'later'
    this.#readOn()
    return chunk
  }

  /** Waits for the read that is going on, and closes the file. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#running
    await this.#file?.close()
  }

  /** Starts to read, unless that goes on already or there is nothing to read or no room. */
  #readOn(): void {
    if (this.#running === undefined && this.#canRead) this.#running = this.#read()
  }

  get #canRead(): boolean {
    return !this.#isOver && this.#chunks.length < CHUNKS_WAITING_MAX
  }

  async #read(): Promise<void> {
    try {
      this.#file ??= await this.#open()
      while (this.#canRead) {
        const chunk = await this.#file.read(this.#position, this.#chunkBytes)
        if (this.#isOver) return
        this.#position += chunk.byteLength
        if (chunk.byteLength > 0) this.#chunks.push(chunk)
        this.#isAtEnd = chunk.byteLength < this.#chunkBytes
        this.#isOver = this.#isAtEnd
        this.#init.onProgress()
      }
    } catch (error) {
      const isWanted = !this.#isOver
      this.#isOver = true
      if (isWanted) this.#init.onFailure(error)
    } finally {
      // In the same turn as the last look at `#canRead`: a chunk taken from now on starts a new run.
      this.#running = undefined
    }
  }

  async #open(): Promise<ReadableFile> {
    const { files, path, offset } = this.#init
    const file = await files.open(path)
    if (file.sizeBytes >= offset) return file
    await file.close()
    throw new MillraceError('FILE_UNREADABLE', {
      expected: `${path} with at least the ${offset} bytes that were read before the checkpoint`,
      came: `a file of ${file.sizeBytes} bytes`,
      todo: 'Files must not change while a job reads them: restore this one, or start the job afresh.',
      ids: { path, offset, sizeBytes: file.sizeBytes },
      isRetryable: false,
    })
  }
}
