import { basename, dirname, join } from 'node:path'
import {
  checkpointIdsNewestFirst,
  checkpointDirectoryName,
  METADATA_FILE_NAME,
} from '@millrace/checkpoint'
import { type FileSystem, MillraceError } from '@millrace/core'

/**
 * The directory that holds the metadata which a path means: the directory itself, its `_metadata`, or a directory of
 * checkpoints, of which it is the newest complete one.
 *
 * @throws MillraceError `CHECKPOINT_MISSING`
 */
export async function findCheckpoint(files: FileSystem, path: string): Promise<string> {
  const directory = basename(path) === METADATA_FILE_NAME ? dirname(path) : path
  if (await hasMetadata(files, directory)) return directory
  const entries = await files.list(directory)
  const names = entries.filter((entry) => entry.isDirectory).map((entry) => entry.name)
  for (const checkpointId of checkpointIdsNewestFirst(names)) {
    const candidate = join(directory, checkpointDirectoryName(checkpointId))
    if (await hasMetadata(files, candidate)) return candidate
  }
  throw new MillraceError('CHECKPOINT_MISSING', {
    expected: `a complete checkpoint or savepoint at ${path}, that is, a file ${METADATA_FILE_NAME} in it`,
    came: names.length === 0 ? 'no such file' : 'checkpoints that were not completed',
    todo: 'Name the directory of a checkpoint, such as checkpoints/chk-7, or the directory that holds them.',
    ids: { path },
  })
}

async function hasMetadata(files: FileSystem, directory: string): Promise<boolean> {
  return (await files.stat(join(directory, METADATA_FILE_NAME))) !== undefined
}
