// Checkpoints on disk. The order of syncs is the protocol: `_metadata` gets its name only after all that it
// refers to is durable, so whatever moment the machine stops, a checkpoint is either whole or not there.
//
//   writeState   create chk-7/a, write, sync               any number, from any subtask
//                sync the names in chk-7                    durable before it is acknowledged: its host may fail then
//   complete     create chk-7/_metadata.unfinished, write, sync
//                sync the names in chk-7                    the unfinished metadata is durable too
//                rename to _metadata, sync the names in chk-7, and those in the checkpoint directory
//   discard      remove _metadata, sync the names in chk-7  from here on it is an unfinished one
//                remove chk-7 and all it holds

import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  checkpointDirectoryName,
  checkpointIdsNewestFirst,
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

/** Flink's `state.storage.fs.memory-threshold`: below it, a file costs more than the bytes in it. */
const INLINE_BYTES_BELOW = 20 * 1024

/** How checkpoints are stored. */
export interface CheckpointStorageOptions {
  /** State of fewer bytes is kept in the metadata instead of a file. Default: 20 KiB. */
  readonly inlineBytesBelow?: number
}

/**
 * The checkpoints of one job in one directory. Any number of instances, in any thread, may write state of the same
 * checkpoint; one of them, the coordinator's, completes and discards.
 */
export class CheckpointStorage {
  readonly directory: string
  readonly #files: FileSystem
  readonly #inlineBytesBelow: number

  constructor(files: FileSystem, directory: string, options: CheckpointStorageOptions = {}) {
    this.#files = files
    this.directory = directory
    this.#inlineBytesBelow = options.inlineBytesBelow ?? INLINE_BYTES_BELOW
  }

  /**
   * Makes the directory and proves that it can be written. Called before a job starts, since nobody wants to learn
   * it at the first checkpoint.
   *
   * @throws MillraceError `CHECKPOINT_DIRECTORY_UNWRITABLE`
   */
  async prepare(): Promise<void> {
    try {
      await makeDurableDirectory(this.#files, this.directory)
      const probe = join(this.directory, PROBE_FILE_NAME)
      await this.#writeDurable(probe, PROBE_BYTES)
      await this.#files.remove(probe)
      await this.#files.syncDirectory(this.directory)
    } catch (cause) {
      throw new MillraceError('CHECKPOINT_DIRECTORY_UNWRITABLE', {
        expected: `to create, sync and remove a file in the checkpoint directory ${this.directory}`,
        came: cause instanceof Error ? cause.message : String(cause),
        todo: 'Give the process the right to write there, free some space, or set another checkpoint directory.',
        ids: { directory: this.directory },
        cause,
      })
    }
  }

  /**
   * Stores the bytes of one slot and resolves, when they are durable, with where they are.
   * `fileName` must differ between the slots of a checkpoint, see `stateFileName`.
   */
  async writeState(
    checkpointId: number,
    fileName: string,
    bytes: Uint8Array,
  ): Promise<StateHandle> {
    if (bytes.length < this.#inlineBytesBelow)
      return { kind: 'inline', bytes: new Uint8Array(bytes) }
    const directory = this.#directoryOf(checkpointId)
    await makeDurableDirectory(this.#files, directory)
    await this.#writeDurable(join(directory, fileName), bytes)
    await this.#files.syncDirectory(directory)
    return {
      kind: 'file',
      path: fileName,
      offset: 0,
      sizeBytes: bytes.length,
      crc32: crc32(bytes),
    }
  }

  /**
   * Makes a checkpoint complete, atomically. When this resolves, it survives any crash; when it rejects, it may or
   * may not be complete, and the job must restart from {@link latest}.
   *
   * @throws MillraceError `CHECKPOINT_FAILED` if it is complete already.
   */
  async complete(metadata: CheckpointMetadata): Promise<void> {
    const directory = this.#directoryOf(metadata.checkpointId)
    const metadataPath = join(directory, METADATA_FILE_NAME)
    if ((await this.#files.stat(metadataPath)) !== undefined) throw alreadyComplete(metadataPath)
    await this.#files.makeDirectory(directory)
    const unfinishedPath = join(directory, METADATA_UNFINISHED_FILE_NAME)
    await this.#writeDurable(unfinishedPath, encodeMetadata(metadata))
    await this.#files.syncDirectory(directory)
    await this.#files.rename(unfinishedPath, metadataPath)
    await this.#files.syncDirectory(directory)
    await this.#files.syncDirectory(this.directory)
  }

  /**
   * The newest complete checkpoint, or `undefined` if there is none; durable, so that sinks may commit what belongs to it,
   * even if whoever completed it died before it was. Directories without metadata are unfinished
   * checkpoints and passed over; damaged metadata is an error and never passed over, because the sinks
   * committed what belongs to it.
   *
   * @throws MillraceError `CHECKPOINT_CORRUPT`
   */
  async latest(): Promise<CheckpointMetadata | undefined> {
    for (const checkpointId of await this.#idsNewestFirst()) {
      if (!(await this.#isComplete(checkpointId))) continue
      await this.#files.syncDirectory(this.#directoryOf(checkpointId))
      await this.#files.syncDirectory(this.directory)
      return this.load(checkpointId)
    }
    return undefined
  }

  /**
   * The metadata of one complete checkpoint.
   *
   * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_CORRUPT`
   */
  async load(checkpointId: number): Promise<CheckpointMetadata> {
    const path = join(this.#directoryOf(checkpointId), METADATA_FILE_NAME)
    if (!(await this.#isComplete(checkpointId))) throw missing(checkpointId, path)
    const metadata = decodeMetadata(await this.#files.read(path), path)
    if (metadata.checkpointId !== checkpointId) {
      throw new MillraceError('CHECKPOINT_CORRUPT', {
        expected: `the metadata of checkpoint ${checkpointId} in ${path}`,
        came: `that of checkpoint ${metadata.checkpointId}`,
        todo: 'Somebody renamed or copied the directory. Give it its own name back.',
        ids: { checkpointId, path },
      })
    }
    return metadata
  }

  /**
   * The bytes of one slot.
   *
   * @throws MillraceError `CHECKPOINT_CORRUPT` if the file is missing, too short or changed.
   */
  async readState(checkpointId: number, handle: StateHandle): Promise<Uint8Array> {
    if (handle.kind === 'inline') return handle.bytes
    const path = join(this.#directoryOf(checkpointId), pathInside(handle))
    const bytes = await this.#readRange(path, handle)
    if (crc32(bytes) !== handle.crc32)
      throw corruptState(path, 'the crc32 of its metadata', 'another')
    return bytes
  }

  /** Deletes a checkpoint, complete or not. Repeating it is fine. */
  async discard(checkpointId: number): Promise<void> {
    const directory = this.#directoryOf(checkpointId)
    if ((await this.#files.stat(directory)) === undefined) return
    await this.#files.remove(join(directory, METADATA_FILE_NAME))
    await this.#files.syncDirectory(directory)
    await this.#files.removeDirectory(directory)
    await this.#files.syncDirectory(this.directory)
  }

  /** Deletes every checkpoint that is not complete. Only while none is being taken. */
  async discardUnfinished(): Promise<void> {
    for (const checkpointId of await this.#idsNewestFirst()) {
      if (!(await this.#isComplete(checkpointId))) await this.discard(checkpointId)
    }
  }

  /** The ids of the complete checkpoints, newest first. */
  async completeIds(): Promise<readonly number[]> {
    const ids = await this.#idsNewestFirst()
    const areComplete = await Promise.all(ids.map((id) => this.#isComplete(id)))
    return ids.filter((_, index) => areComplete[index])
  }

  /** The highest checkpoint id in the directory, complete or not; `undefined` if there is none. */
  async highestId(): Promise<number | undefined> {
    const ids = await this.#idsNewestFirst()
    return ids[0]
  }

  async #idsNewestFirst(): Promise<readonly number[]> {
    const entries = await this.#files.list(this.directory)
    return checkpointIdsNewestFirst(
      entries.filter((entry) => entry.isDirectory).map((entry) => entry.name),
    )
  }

  async #isComplete(checkpointId: number): Promise<boolean> {
    const path = join(this.#directoryOf(checkpointId), METADATA_FILE_NAME)
    return (await this.#files.stat(path)) !== undefined
  }

  #directoryOf(checkpointId: number): string {
    return join(this.directory, checkpointDirectoryName(checkpointId))
  }

  async #writeDurable(path: string, bytes: Uint8Array): Promise<void> {
    const file = await this.#files.create(path)
    try {
      await file.write(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
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

const PROBE_FILE_NAME = '_writable'
const PROBE_BYTES: Uint8Array = new Uint8Array([1])

/** Metadata may come from another host; it must not point outside of its own directory. */
function pathInside({ path }: FileStateHandle): string {
  const isInside = path !== '' && !/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)/.test(path)
  if (!isInside)
    throw corruptState(path, 'a path inside the directory of the checkpoint', 'another')
  return path
}

function missing(checkpointId: number, path: string): MillraceError {
  return new MillraceError('CHECKPOINT_MISSING', {
    expected: `a complete checkpoint ${checkpointId}, that is, the file ${path}`,
    came: 'no such file',
    todo: 'List the checkpoint directory and name one whose directory holds _metadata.',
    ids: { checkpointId, path },
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
