import { type Committer, type FileSystem, type JsonValue, MillraceError } from '@millrace/core'
import type { PartPaths } from './part-names.ts'
import { partPathsOf, removalOf } from './part-state.ts'
import { folderOf } from './paths.ts'

/** Makes sealed part files visible by giving them their final names, then removes files that others hold the content of. */
export class FileCommitter implements Committer {
  readonly #files: FileSystem

  constructor(files: FileSystem) {
    this.#files = files
  }

  async commit(committables: readonly JsonValue[]): Promise<void> {
    const removals = committables.flatMap((committable) => removalOf(committable) ?? [])
    const parts = committables
      .filter((committable) => removalOf(committable) === undefined)
      .map(partPathsOf)
    for (const part of parts) await this.#makeVisible(part)
    // Also when all were renamed before: the attempt that did so may have ended ahead of this.
    await this.#syncFoldersOf(parts.map(({ final }) => final))
    for (const path of removals) await this.#files.remove(path)
    await this.#syncFoldersOf(removals)
  }

  async #syncFoldersOf(paths: readonly string[]): Promise<void> {
    for (const folder of new Set(paths.map(folderOf))) await this.#files.syncDirectory(folder)
  }

  async #makeVisible({ pending, final }: PartPaths): Promise<void> {
    try {
      await this.#files.rename(pending, final)
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'FILE_MISSING') throw error
      if ((await this.#files.stat(final)) !== undefined) return
      throw new MillraceError('FILE_MISSING', {
        expected: `the part file ${pending} of a completed checkpoint, or ${final} where it was committed`,
        came: 'neither of them: its records are lost',
        todo: 'Find out who removed it. Restore the file, or start the job from an older savepoint.',
        ids: { pending, final },
        cause: error,
      })
    }
  }
}
