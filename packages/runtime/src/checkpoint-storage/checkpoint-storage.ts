// The checkpoints of one job in one directory; how each lies on disk is in stored-checkpoint.ts.
//
//   chk-7/_metadata      a complete checkpoint
//   chk-8/               no metadata: unfinished, passed over
//   chk-9/_savepoint     the job was stopped with a savepoint, which lies elsewhere. Its sinks have made visible what belongs to
//                        it, so that is what the job goes on from: going back to chk-7 would write it twice

import { join } from 'node:path'
import {
  checkpointDirectoryName,
  checkpointIdsNewestFirst,
  type CheckpointMetadata,
  METADATA_FILE_NAME,
  type StateHandle,
} from '@millrace/checkpoint'
import { type FileSystem, makeDurableDirectory, MillraceError } from '@millrace/core'
import {
  missingMetadata,
  StoredCheckpoint,
  type StoredCheckpointOptions,
} from './stored-checkpoint.ts'
import { proveWritable, writeDurable } from './write-durable.ts'

const SAVEPOINT_FILE_NAME = '_savepoint'

/** What a job can be restored from. */
export interface RestorePoint {
  readonly metadata: CheckpointMetadata
  /** Where its files are. */
  readonly directory: string
}

/**
 * The checkpoints of one job in one directory. Any number of instances, in any thread, may write state of the same
 * checkpoint; one of them, the coordinator's, completes and discards.
 */
export class CheckpointStorage {
  readonly directory: string
  readonly #files: FileSystem
  readonly #options: StoredCheckpointOptions

  constructor(files: FileSystem, directory: string, options: StoredCheckpointOptions = {}) {
    this.#files = files
    this.directory = directory
    this.#options = options
  }

  /**
   * Makes the directory and proves that it can be written. Called before a job starts, since nobody wants to learn
   * it at the first checkpoint.
   *
   * @throws MillraceError `CHECKPOINT_DIRECTORY_UNWRITABLE`
   */
  async prepare(): Promise<void> {
    try {
      await proveWritable(this.#files, this.directory)
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

  /** Stores the bytes of one slot of a checkpoint; see {@link StoredCheckpoint.writeState}. */
  writeState(checkpointId: number, fileName: string, bytes: Uint8Array): Promise<StateHandle> {
    return this.#of(checkpointId).writeState(fileName, bytes)
  }

  /**
   * Makes a checkpoint complete, atomically. When this resolves, it survives any crash; when it rejects, it may or
   * may not be complete, and the job must restart from {@link latest}.
   *
   * @throws MillraceError `CHECKPOINT_FAILED` if it is complete already.
   */
  complete(metadata: CheckpointMetadata): Promise<void> {
    return this.#of(metadata.checkpointId).complete(metadata)
  }

  /**
   * Notes, in place of a checkpoint of that number, that the job was stopped with a complete savepoint. When this resolves,
   * {@link latest} answers the savepoint; when it rejects, it may or may not.
   */
  async completeBySavepoint(checkpointId: number, savepointDirectory: string): Promise<void> {
    const directory = this.directoryOf(checkpointId)
    await makeDurableDirectory(this.#files, directory)
    const path = join(directory, SAVEPOINT_FILE_NAME)
    const unfinishedPath = `${path}.unfinished`
    const text = JSON.stringify({ savepoint: savepointDirectory })
    await writeDurable(this.#files, unfinishedPath, new TextEncoder().encode(text))
    await this.#files.syncDirectory(directory)
    await this.#files.rename(unfinishedPath, path)
    await this.#of(checkpointId).makeNamesDurable()
  }

  /**
   * The newest complete checkpoint, or `undefined` if there is none; durable, so that sinks may commit what belongs to it,
   * even if whoever completed it died before it was. Directories without metadata are unfinished
   * checkpoints and passed over; damaged metadata is an error and never passed over, because the sinks
   * committed what belongs to it.
   *
   * @throws MillraceError `CHECKPOINT_CORRUPT`; `CHECKPOINT_MISSING` if a savepoint that takes its place was moved.
   */
  async latest({ idMin = 0 }: { readonly idMin?: number } = {}): Promise<RestorePoint | undefined> {
    for (const checkpointId of await this.#idsNewestFirst()) {
      if (checkpointId < idMin) return undefined
      if (!(await this.#isComplete(checkpointId))) continue
      await this.#of(checkpointId).makeNamesDurable()
      return this.#restorePoint(checkpointId)
    }
    return undefined
  }

  /**
   * The metadata of one complete checkpoint.
   *
   * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_CORRUPT`
   */
  async load(checkpointId: number): Promise<CheckpointMetadata> {
    const metadata = await this.#of(checkpointId).load()
    if (metadata.checkpointId !== checkpointId) {
      const path = join(this.directoryOf(checkpointId), METADATA_FILE_NAME)
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
  readState(checkpointId: number, handle: StateHandle): Promise<Uint8Array> {
    return this.#of(checkpointId).readState(handle)
  }

  /** Deletes a checkpoint, complete or not. Repeating it is fine. A savepoint that takes its place stays. */
  discard(checkpointId: number): Promise<void> {
    return this.#of(checkpointId).discard()
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

  /** Where a checkpoint is. */
  directoryOf(checkpointId: number): string {
    return join(this.directory, checkpointDirectoryName(checkpointId))
  }

  /** The checkpoint of a number, or the savepoint that takes its place. */
  async #restorePoint(checkpointId: number): Promise<RestorePoint> {
    const savepoint = await this.#savepointOf(checkpointId)
    if (savepoint === undefined) {
      const metadata = await this.load(checkpointId)
      return { metadata, directory: this.directoryOf(checkpointId) }
    }
    const stored = new StoredCheckpoint(this.#files, savepoint)
    if (!(await stored.isComplete())) throw savepointMoved(savepoint, checkpointId)
    return { metadata: await stored.load(), directory: savepoint }
  }

  async #idsNewestFirst(): Promise<readonly number[]> {
    const entries = await this.#files.list(this.directory)
    return checkpointIdsNewestFirst(
      entries.filter((entry) => entry.isDirectory).map((entry) => entry.name),
    )
  }

  async #isComplete(checkpointId: number): Promise<boolean> {
    if (await this.#of(checkpointId).isComplete()) return true
    const path = join(this.directoryOf(checkpointId), SAVEPOINT_FILE_NAME)
    return (await this.#files.stat(path)) !== undefined
  }

  /** Where the savepoint is that takes the place of a checkpoint. */
  async #savepointOf(checkpointId: number): Promise<string | undefined> {
    const path = join(this.directoryOf(checkpointId), SAVEPOINT_FILE_NAME)
    if ((await this.#files.stat(path)) === undefined) return undefined
    const text = new TextDecoder().decode(await this.#files.read(path))
    return savepointIn(text, path)
  }

  #of(checkpointId: number): StoredCheckpoint {
    return new StoredCheckpoint(this.#files, this.directoryOf(checkpointId), this.#options)
  }
}

/**
 * What is at a path that a user names: a savepoint, a checkpoint, the metadata of one, or a directory that holds exactly one.
 *
 * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_CORRUPT`, or `OPTION_INVALID` if there are several.
 */
export async function findRestorePoint(files: FileSystem, path: string): Promise<RestorePoint> {
  const suffix = `/${METADATA_FILE_NAME}`
  const directory = path.endsWith(suffix) ? path.slice(0, -suffix.length) : path
  const stored = new StoredCheckpoint(files, directory)
  if (await stored.isComplete()) return { metadata: await stored.load(), directory }
  const pointer = join(directory, SAVEPOINT_FILE_NAME)
  if ((await files.stat(pointer)) !== undefined) {
    const text = new TextDecoder().decode(await files.read(pointer))
    return findRestorePoint(files, savepointIn(text, pointer))
  }
  const within = await completeWithin(files, directory)
  const [only] = within
  if (only === undefined) throw missingMetadata(join(directory, METADATA_FILE_NAME))
  if (within.length > 1) throw severalIn(directory, within)
  return findRestorePoint(files, only)
}

async function completeWithin(files: FileSystem, directory: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name, isDirectory } of await files.list(directory)) {
    const path = join(directory, name)
    const marks = [METADATA_FILE_NAME, SAVEPOINT_FILE_NAME].map((mark) => join(path, mark))
    const stats = isDirectory ? await Promise.all(marks.map((mark) => files.stat(mark))) : []
    if (stats.some((stat) => stat !== undefined)) found.push(path)
  }
  return found
}

function savepointIn(text: string, path: string): string {
  try {
    const { savepoint } = JSON.parse(text) as { readonly savepoint?: unknown }
    if (typeof savepoint === 'string' && savepoint !== '') return savepoint
  } catch {
    // Said below.
  }
  throw new MillraceError('CHECKPOINT_CORRUPT', {
    expected: `the path of a savepoint in ${path}`,
    came: 'other text',
    todo: 'The file is damaged. Name the savepoint that the job was stopped with in restoreFrom.',
    ids: { path },
  })
}

function savepointMoved(savepoint: string, checkpointId: number): MillraceError {
  return new MillraceError('CHECKPOINT_MISSING', {
    expected: `the savepoint ${savepoint}, with which the job was stopped after its last checkpoint`,
    came: 'no such savepoint',
    todo:
      'Its sinks have made visible what belongs to it. If it was moved, name where it is now in restoreFrom; to go back to an ' +
      'older checkpoint, and write again what came after it, name that.',
    ids: { path: savepoint, checkpointId },
  })
}

function severalIn(directory: string, found: readonly string[]): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `one checkpoint or savepoint in ${directory}`,
    came: `${found.length}: ${found.slice(0, 5).join(', ')}${found.length > 5 ? ' …' : ''}`,
    todo: 'Name one of them in restoreFrom.',
    ids: { path: directory },
  })
}
