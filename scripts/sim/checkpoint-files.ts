// Looks through a checkpoint directory after the end of a job: what a complete checkpoint refers to exists, and nothing
// else does.

import { basename, dirname } from 'node:path'
import {
  decodeMetadata,
  type FileStateHandle,
  METADATA_FILE_NAME,
  parseCheckpointDirectoryName,
} from '@millrace/checkpoint'
import type { SimulatedDisk } from '@millrace/testing'

/** What is looked through. */
export interface CheckpointFilesInit {
  readonly disk: SimulatedDisk
  readonly directory: string
  /** How many complete checkpoints are kept. */
  readonly retained: number
  /** Older ones belong to an earlier start of the program, which cannot remove them any more. */
  readonly oldestOwnId: number
  /** Whether files could not be removed now and then: then more may be there than must. */
  readonly mayLeave: boolean
}

/** What is missing, and what should not be there. */
export function checkCheckpointFiles(init: CheckpointFilesInit): readonly string[] {
  const { disk, directory, retained, oldestOwnId, mayLeave } = init
  const paths = disk.paths().filter((path) => path.startsWith(`${directory}/`))
  const complete = paths.filter((path) => basename(path) === METADATA_FILE_NAME)
  const referred = new Set(complete)
  const found: string[] = []
  for (const metadataPath of complete) {
    for (const handle of handlesIn(disk, metadataPath)) {
      const path = `${dirname(metadataPath)}/${handle.path}`
      referred.add(path)
      const sizeBytes = disk.contentOf(path)?.length ?? 0
      if (sizeBytes < handle.offset + handle.sizeBytes) {
        found.push(`${metadataPath} refers to ${path}, which has ${sizeBytes} bytes`)
      }
    }
  }
  if (mayLeave) return found
  for (const path of paths) {
    if (!referred.has(path)) found.push(`${path} is left, and no complete checkpoint refers to it`)
  }
  const own = complete.filter((path) => idOf(path) >= oldestOwnId)
  if (own.length > retained) found.push(`${own.length} checkpoints are kept, and not ${retained}`)
  return found
}

function handlesIn(disk: SimulatedDisk, metadataPath: string): readonly FileStateHandle[] {
  const bytes = disk.contentOf(metadataPath) ?? new Uint8Array()
  return decodeMetadata(bytes, metadataPath).operators.flatMap(({ subtasks }) =>
    subtasks.flatMap(({ slots }) =>
      Object.values(slots).flatMap((handle) => (handle.kind === 'file' ? handle : [])),
    ),
  )
}

function idOf(metadataPath: string): number {
  return parseCheckpointDirectoryName(basename(dirname(metadataPath))) ?? -1
}

/** The newest complete checkpoint in a directory; -1 if there is none. */
export function newestCompleteId(disk: SimulatedDisk, directory: string): number {
  const ids = disk
    .paths()
    .filter((path) => path.startsWith(`${directory}/`) && basename(path) === METADATA_FILE_NAME)
    .map(idOf)
  return Math.max(-1, ...ids)
}
