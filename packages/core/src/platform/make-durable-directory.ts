// Creates a folder so that it is still there after a power cut.
//
//   sync the folder above the deepest one that exists    an attempt that failed here may have made that one
//   for each missing one, from above: make it, then sync the folder above it
//
// So a folder in which this made another one is durable, always, and only the deepest can be in doubt.

import { dirname } from 'node:path'
import { MillraceError } from '../errors/millrace-error.ts'
import type { FileSystem } from './platform.ts'

/**
 * Creates a folder and its parents, durably; one that exists is made durable too. After a failure it may be called again,
 * also by another process.
 *
 * @throws MillraceError `FILE_UNWRITABLE`
 */
export async function makeDurableDirectory(files: FileSystem, path: string): Promise<void> {
  const missing: string[] = []
  let existing = path
  while ((await files.stat(existing)) === undefined && dirname(existing) !== existing) {
    missing.push(existing)
    existing = dirname(existing)
  }
  if (dirname(existing) !== existing) await syncIfPermitted(files, dirname(existing))
  for (const directory of missing.toReversed()) {
    await files.makeDirectory(directory)
    await files.syncDirectory(dirname(directory))
  }
}

/** Who may not even open a folder has not made anything in it either. */
async function syncIfPermitted(files: FileSystem, path: string): Promise<void> {
  try {
    await files.syncDirectory(path)
  } catch (error) {
    if (error instanceof MillraceError && !error.isRetryable) return
    throw error
  }
}
