import type { FileSystem } from '@millrace/core'
import { StoredCheckpoint } from './stored-checkpoint.ts'

/**
 * Deletes a savepoint, or a checkpoint that no job uses any more: its metadata first, so that half of one is never taken for a
 * whole. What is at `path` must be whole.
 *
 * @throws MillraceError `CHECKPOINT_MISSING` or `CHECKPOINT_CORRUPT`; then nothing was deleted.
 */
export async function disposeStoredSavepoint(files: FileSystem, path: string): Promise<void> {
  const stored = new StoredCheckpoint(files, path)
  await stored.load()
  await stored.discard()
}
