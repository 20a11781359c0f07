// The bytes of one slot, wherever they are, a piece at a time.

import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { FileStateHandle, StateHandle } from '@millrace/checkpoint'
import type { FileSystem, ReadableFile } from '@millrace/core'
import type { SnapshotBytes } from '@millrace/state'
import { corruptState } from '../checkpoint-storage/corrupt-state.ts'
import { pathInside } from '../checkpoint-storage/stored-checkpoint.ts'

/** Where the state of a checkpoint lies. */
export interface StatePlace {
  readonly files: FileSystem
  /** The directory of the checkpoint. */
  readonly directory: string
}

/**
 * Lets `use` look at the bytes of a slot. With `verify`, all of them are read first, a megabyte at a time.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export async function withStateBytes<Result>(
  { files, directory }: StatePlace,
  handle: StateHandle,
  verify: boolean,
  use: (bytes: SnapshotBytes) => Promise<Result>,
): Promise<Result> {
  if (handle.kind === 'inline') {
    const { bytes } = handle
    const read = async (position: number, byteLength: number): Promise<Uint8Array> =>
      bytes.subarray(position, position + byteLength)
    return use({ sizeBytes: bytes.length, read })
  }
  const path = join(directory, pathInside(handle))
  if ((await files.stat(path)) === undefined) {
    throw corruptState(path, `a file of ${handle.sizeBytes} bytes`, 'none')
  }
  const file = await files.open(path)
  try {
    const bytes = rangeOf(file, path, handle)
    if (verify) await checkSum(bytes, path, handle)
    return await use(bytes)
  } finally {
    await file.close()
  }
}

/** So much is read at once while checksums are compared. */
const VERIFY_BYTES = 1024 * 1024

async function checkSum(
  bytes: SnapshotBytes,
  path: string,
  handle: FileStateHandle,
): Promise<void> {
  let sum = 0
  for (let at = 0; at < bytes.sizeBytes; at += VERIFY_BYTES) {
    sum = crc32(await bytes.read(at, Math.min(VERIFY_BYTES, bytes.sizeBytes - at)), sum)
  }
  if (sum !== handle.crc32) throw corruptState(path, 'the crc32 of its metadata', 'another')
}

function rangeOf(
  file: ReadableFile,
  path: string,
  { offset, sizeBytes }: FileStateHandle,
): SnapshotBytes {
  if (file.sizeBytes < offset + sizeBytes) {
    throw corruptState(path, `${offset + sizeBytes} bytes`, `a file of ${file.sizeBytes}`)
  }
  return {
    sizeBytes,
    read: async (position, byteLength) => {
      const bytes = await file.read(offset + position, byteLength)
      if (bytes.length === byteLength) return bytes
      throw corruptState(path, `${byteLength} bytes from ${position}`, `${bytes.length} bytes`)
    },
  }
}
