import type { FileHandle } from 'node:fs/promises'
import type { ReadableFile } from '../platform.ts'
import { fileError } from './file-error.ts'

/** A file that is open for reading. */
export class NodeReadableFile implements ReadableFile {
  readonly sizeBytes: number
  readonly #path: string
  readonly #handle: FileHandle

  constructor(path: string, handle: FileHandle, sizeBytes: number) {
    this.sizeBytes = sizeBytes
    this.#path = path
    this.#handle = handle
  }

  async read(position: number, lengthBytes: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(lengthBytes)
    let filled = 0
    // One call of the system may answer fewer bytes than there are.
    while (filled < lengthBytes) {
      const { bytesRead } = await this.#handle
        .read(bytes, filled, lengthBytes - filled, position + filled)
        .catch((cause: unknown) => {
          throw fileError('read', this.#path, cause)
        })
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
