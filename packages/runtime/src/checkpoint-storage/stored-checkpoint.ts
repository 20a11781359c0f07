// One checkpoint or savepoint on disk: a directory that can be moved, because it names its files relative to itself. The
// order of syncs is the protocol: `_metadata` gets its name only after all that it refers to is durable, so whatever moment
// the machine stops, a checkpoint is either whole or not there.
//
//   writeState   create a, write, sync                     any number, from any subtask
//                sync the names in the directory           durable before it is acknowledged: its host may fail then
//   complete     create _metadata.unfinished, write, sync
//                sync the names in the directory           the unfinished metadata is durable too
//                rename to _metadata, sync the names in the directory, and those in the one above
//   discard      remove _metadata, sync the names          from here on it is an unfinished one
//                remove the directory and all it holds

import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  type CheckpointMetadata,
  decodeMetadata,
  encodeMetadata,
  type FileStateHandle,
  METADATA_FILE_NAME,
  METADATA_UNFINISHED_FILE_NAME,
  type StateHandle,
} from '@millrace/checkpoint'
import { type FileSystem, makeDurableDirectory, MillraceError } from '@millrace/core'
import { corruptState } from './corrupt-state.ts'
import { writeDurable } from './write-durable.ts'

/** Flink's `state.storage.fs.memory-threshold`: below it, a file costs more than the bytes in it. */
const INLINE_BYTES_BELOW = 20 * 1024

/** How state is stored. */
export interface StoredCheckpointOptions {
  /** State of fewer bytes is kept in the metadata instead of a file. Default: 20 KiB. */
  readonly inlineBytesBelow?: number
}

/** One checkpoint or savepoint. Any number of instances, in any thread, may write state; one completes and discards. */
export class StoredCheckpoint {
  readonly directory: string
  readonly #files: FileSystem
  readonly #inlineBytesBelow: number

  constructor(
    files: FileSystem,
    directory: string,
    { inlineBytesBelow = INLINE_BYTES_BELOW }: StoredCheckpointOptions = {},
  ) {
    this.#files = files
    this.directory = directory
    this.#inlineBytesBelow = inlineBytesBelow
  }

  /**
   * Stores the bytes of one slot and resolves, when they are durable, with where they are.
   * `fileName` must differ between the slots of a checkpoint, see `stateFileName`.
   */
  async writeState(fileName: string, bytes: Uint8Array): Promise<StateHandle> {
    if (bytes.length < this.#inlineBytesBelow)
      return { kind: 'inline', bytes: new Uint8Array(bytes) }
    await makeDurableDirectory(this.#files, this.directory)
    const crc = await writeDurable(this.#files, join(this.directory, fileName), bytes)
    await this.#files.syncDirectory(this.directory)
    return { kind: 'file', path: fileName, offset: 0, sizeBytes: bytes.length, crc32: crc }
  }

  /**
   * Makes it complete, atomically. When this resolves, it survives any crash; when it rejects, it may or may not be complete.
   *
   * @throws MillraceError `CHECKPOINT_FAILED` if it is complete already.
   */
  async complete(metadata: CheckpointMetadata): Promise<void> {
    if (await this.isComplete()) throw alreadyComplete(this.#metadataPath)
    await makeDurableDirectory(this.#files, this.directory)
    const unfinishedPath = join(this.directory, METADATA_UNFINISHED_FILE_NAME)
    await writeDurable(this.#files, unfinishedPath, encodeMetadata(metadata))
    await this.#files.syncDirectory(this.directory)
    await this.#files.rename(unfinishedPath, this.#metadataPath)
    await this.makeNamesDurable()
  }

  async isComplete(): Promise<boolean> {
    return (await this.#files.stat(this.#metadataPath)) !== undefined
  }

  /** Makes durable what whoever completed it may not have come to: its name, and that of its metadata. */
  async makeNamesDurable(): Promise<void> {
    await this.#files.syncDirectory(this.directory)
    await this.#files.syncDirectory(dirname(this.directory))
  }

  /**
   * The metadata.
   *
   * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_CORRUPT`
   */
  async load(): Promise<CheckpointMetadata> {
    const path = this.#metadataPath
    if (!(await this.isComplete())) throw missingMetadata(path)
    return decodeMetadata(await this.#files.read(path), path)
  }

  /**
   * The bytes of one slot.
   *
   * @throws MillraceError `CHECKPOINT_CORRUPT` if the file is missing, too short or changed.
   */
  async readState(handle: StateHandle): Promise<Uint8Array> {
    if (handle.kind === 'inline') return handle.bytes
    const path = join(this.directory, pathInside(handle))
    const bytes = await this.#readRange(path, handle)
    if (crc32(bytes) !== handle.crc32)
      throw corruptState(path, 'the crc32 of its metadata', 'another')
    return bytes
  }

  /** Deletes it, complete or not. Repeating it is fine. */
  async discard(): Promise<void> {
    if ((await this.#files.stat(this.directory)) === undefined) return
    await this.#files.remove(this.#metadataPath)
    await this.#files.syncDirectory(this.directory)
    await this.#files.removeDirectory(this.directory)
    await this.#files.syncDirectory(dirname(this.directory))
  }

  get #metadataPath(): string {
    return join(this.directory, METADATA_FILE_NAME)
  }

  async #readRange(path: string, { offset, sizeBytes }: FileStateHandle): Promise<Uint8Array> {
    if ((await this.#files.stat(path)) === undefined) {
      throw corruptState(path, `a file of ${sizeBytes} bytes`, 'none')
    }
    const file = await this.#files.open(path)
    try {
      if (file.sizeBytes < offset + sizeBytes) {
        throw corruptState(path, `${offset + sizeBytes} bytes`, `a file of ${file.sizeBytes}`)
      }
      const bytes = await file.read(offset, sizeBytes)
      if (bytes.length !== sizeBytes) {
        throw corruptState(path, `${sizeBytes} bytes from ${offset}`, `${bytes.length} bytes`)
      }
      return bytes
    } finally {
      await file.close()
    }
  }
}

/** Metadata may come from another host; it must not point outside of its own directory. */
export function pathInside({ path }: FileStateHandle): string {
  const isInside = path !== '' && !/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)/.test(path)
  if (!isInside)
    throw corruptState(path, 'a path inside the directory of the checkpoint', 'another')
  return path
}

/** There is nothing to restore from at that path. */
export function missingMetadata(path: string): MillraceError {
  return new MillraceError('CHECKPOINT_MISSING', {
    expected: `a complete checkpoint or savepoint, that is, the file ${path}`,
    came: 'no such file',
    todo: 'Look where it is now, and name a directory that holds _metadata.',
    ids: { path },
  })
}

function alreadyComplete(path: string): MillraceError {
  return new MillraceError('CHECKPOINT_FAILED', {
    expected: `that ${path} does not exist yet`,
    came: 'a complete checkpoint of the same number',
    todo: 'Another run writes to the same checkpoint directory. Stop it, or give each job its own.',
    ids: { path },
    isRetryable: false,
  })
}
