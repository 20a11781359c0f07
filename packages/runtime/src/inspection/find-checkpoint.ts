import { basename } from 'node:path'
import { METADATA_FILE_NAME } from '@millrace/checkpoint'
import type { FileSystem } from '@millrace/core'
import {
  CheckpointStorage,
  findRestorePoint,
  type RestorePoint,
} from '../checkpoint-storage/checkpoint-storage.ts'

/**
 * What a path means: what a job could be restored from by that path or, in a directory of checkpoints, what `latest` would be.
 *
 * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_CORRUPT`, or `OPTION_INVALID` if there are several savepoints.
 */
export async function findCheckpoint(files: FileSystem, path: string): Promise<RestorePoint> {
  if (basename(path) === METADATA_FILE_NAME) return findRestorePoint(files, path)
  const storage = new CheckpointStorage(files, path)
  const [newestId] = await storage.completeIds()
  return findRestorePoint(files, newestId === undefined ? path : storage.directoryOf(newestId))
}
