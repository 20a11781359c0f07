// Writes that overlap take effect in order: every call waits for the one before it. What was asked for
// meanwhile is gathered and leaves in one `writev`. After a failure nothing more is written: the file then
// holds a prefix of what was asked for, never a text with a hole.

import type { FileHandle } from 'node:fs/promises'
import type { WritableFile } from '../platform.ts'
import { fileError } from './file-error.ts'

/** Linux takes no more buffers in one call (`IOV_MAX`). */
const BUFFERS_PER_CALL_MAX = 1024

/** A file that is open for appending. */
export class NodeWritableFile implements WritableFile {
  readonly #path: string
  readonly #handle: FileHandle
  #pending: Uint8Array[] = []
  #last: Promise<void> = Promise.resolve()
  #failure: Error | undefined
  #closed: Promise<void> | undefined
  /** Where the next bytes go; `undefined` for where the last ones ended, which a file opened at its front knows. */
  #position: number | undefined

  constructor(path: string, handle: FileHandle, position?: number) {
    this.#path = path
    this.#handle = handle
    this.#position = position
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(bytes)
    return this.#inOrder(() => this.#writePending())
  }

  // The size of the file counts as its data, so `fdatasync` is enough.
  sync(): Promise<void> {
    return this.#inOrder(() => this.#handle.datasync())
  }

  close(): Promise<void> {
    this.#closed ??= this.#last.then(() => this.#handle.close())
    return this.#closed
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => {
      if (this.#failure !== undefined) throw this.#failure
      try {
        await step()
      } catch (cause) {
        this.#failure = fileError('write', this.#path, cause)
        throw this.#failure
      }
    })
    this.#last = done.catch(() => {})
    return done
  }

  async #writePending(): Promise<void> {
    let buffers = this.#pending
    this.#pending = []
    while (buffers.length > 0) {
      const few = buffers.slice(0, BUFFERS_PER_CALL_MAX)
      const { bytesWritten } = await this.#handle.writev(few, this.#position)
      if (this.#position !== undefined) this.#position += bytesWritten
      buffers = withoutFirst(buffers, bytesWritten)
    }
  }
}

/** What is left of `buffers` after the first `byteCount` bytes. */
export function withoutFirst(buffers: Uint8Array[], byteCount: number): Uint8Array[] {
  let index = 0
  let toSkip = byteCount
  for (; index < buffers.length; index++) {
    const buffer = buffers[index] as Uint8Array
    if (toSkip < buffer.byteLength) {
      return toSkip === 0
        ? buffers.slice(index)
        : [buffer.subarray(toSkip), ...buffers.slice(index + 1)]
    }
    toSkip -= buffer.byteLength
  }
  return []
}
