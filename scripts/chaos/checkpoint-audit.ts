// Looks at a checkpoint directory from outside: is all there that a complete checkpoint refers to, and is anything there that
// nothing refers to?

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  checkpointDirectoryName,
  checkpointIdsNewestFirst,
  type CheckpointMetadata,
  decodeMetadata,
  METADATA_FILE_NAME,
  parseCheckpointDirectoryName,
  type StateHandle,
} from '@millrace/checkpoint'

/** What lies in a checkpoint directory. */
export interface CheckpointAudit {
  /** The complete checkpoints, newest first. */
  readonly complete: readonly CheckpointMetadata[]
  /** Those without metadata: under way, failed, or being removed. */
  readonly unfinishedIds: readonly number[]
  /** Files that a complete checkpoint needs and that are gone, too short or changed. */
  readonly missing: readonly string[]
  /** Files that no checkpoint will ever need. */
  readonly leaked: readonly string[]
}

/** The ids of the complete checkpoints, newest first. Cheap enough to ask every millisecond. */
export function completeIds(directory: string): readonly number[] {
  return idsIn(directory).filter((id) => isComplete(directory, id))
}

/** The ids of checkpoints without metadata, newest first. */
export function unfinishedIds(directory: string): readonly number[] {
  return idsIn(directory).filter((id) => !isComplete(directory, id))
}

/** Reads all of a checkpoint directory. */
export function auditCheckpoints(directory: string): CheckpointAudit {
  const complete = completeIds(directory).map((id) => readMetadata(directory, id))
  const strangers = namesIn(directory).filter(
    (name) => parseCheckpointDirectoryName(name) === undefined,
  )
  return {
    complete,
    unfinishedIds: unfinishedIds(directory),
    missing: complete.flatMap((metadata) => missingFiles(directory, metadata)),
    leaked: [...strangers, ...complete.flatMap((metadata) => leakedFiles(directory, metadata))],
  }
}

/** What is leaked when the job has ended: all but the newest complete checkpoint and its files. */
export function leakedAtEnd({ complete, unfinishedIds: ids, leaked }: CheckpointAudit): string[] {
  const older = complete.slice(1).map(({ checkpointId }) => checkpointId)
  return [...leaked, ...[...older, ...ids].map(checkpointDirectoryName)]
}

/** The bytes of a slot of every subtask of an operator. */
export function slotsOf(
  directory: string,
  { checkpointId, operators }: CheckpointMetadata,
  { uid, slot }: { readonly uid: string; readonly slot: string },
): readonly Uint8Array[] {
  const operator = operators.find((one) => one.uid === uid)
  return (operator?.subtasks ?? [])
    .map(({ slots }) => slots[slot])
    .filter((handle) => handle !== undefined)
    .map((handle) => bytesOf(join(directory, checkpointDirectoryName(checkpointId)), handle))
}

function missingFiles(directory: string, metadata: CheckpointMetadata): readonly string[] {
  const name = checkpointDirectoryName(metadata.checkpointId)
  return handlesOf(metadata)
    .filter((handle) => handle.kind === 'file')
    .filter((handle) => {
      if (!existsSync(join(directory, name, handle.path))) return true
      return crc32(bytesOf(join(directory, name), handle)) !== handle.crc32
    })
    .map(({ path }) => join(name, path))
}

function leakedFiles(directory: string, metadata: CheckpointMetadata): readonly string[] {
  const name = checkpointDirectoryName(metadata.checkpointId)
  const needed = new Set([METADATA_FILE_NAME])
  for (const handle of handlesOf(metadata)) if (handle.kind === 'file') needed.add(handle.path)
  return namesIn(join(directory, name))
    .filter((file) => !needed.has(file))
    .map((file) => join(name, file))
}

function handlesOf({ operators }: CheckpointMetadata): readonly StateHandle[] {
  return operators.flatMap(({ subtasks }) => subtasks.flatMap(({ slots }) => Object.values(slots)))
}

function bytesOf(checkpoint: string, handle: StateHandle): Uint8Array {
  if (handle.kind === 'inline') return handle.bytes
  const { path, offset, sizeBytes } = handle
  return readFileSync(join(checkpoint, path)).subarray(offset, offset + sizeBytes)
}

function readMetadata(directory: string, id: number): CheckpointMetadata {
  const path = join(directory, checkpointDirectoryName(id), METADATA_FILE_NAME)
  return decodeMetadata(readFileSync(path), path)
}

function isComplete(directory: string, id: number): boolean {
  return existsSync(join(directory, checkpointDirectoryName(id), METADATA_FILE_NAME))
}

function idsIn(directory: string): readonly number[] {
  return checkpointIdsNewestFirst(namesIn(directory))
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
