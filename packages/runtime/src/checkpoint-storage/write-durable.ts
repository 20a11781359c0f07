import { join } from 'node:path'
import { type FileSystem, makeDurableDirectory } from '@millrace/core'

/** Creates a file of these bytes. They are durable when this resolves; the name is not yet. */
export async function writeDurable(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const file = await files.create(path)
  try {
    await file.write(bytes)
    await file.sync()
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
