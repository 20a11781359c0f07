import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type FileSystem, makeDurableDirectory } from '@millrace/core'

/** About a millisecond of checksum: so much state does not keep the thread. */
const PIECE_BYTES: number = 4 * 1024 * 1024

/** Creates a file of these bytes, and answers their crc32. They are durable when this resolves; the name is not yet. */
export async function writeDurable(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
): Promise<number> {
  const file = await files.create(path)
  try {
    let crc = 0
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      crc = crc32(piece, crc)
      await file.write(piece)
    }
    await file.sync()
    return crc
  } finally {
    await file.close()
  }
}

/** Makes a directory and proves that it can be written; rejects with what the disk says otherwise. */
export async function proveWritable(files: FileSystem, directory: string): Promise<void> {
  await makeDurableDirectory(files, directory)
  const probe = join(directory, PROBE_FILE_NAME)
  await writeDurable(files, probe, PROBE_BYTES)
  await files.remove(probe)
  await files.syncDirectory(directory)
}

const PROBE_FILE_NAME = '_writable'
const PROBE_BYTES: Uint8Array = new Uint8Array([1])
