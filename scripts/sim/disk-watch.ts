// Watches the disk of a simulated job, in the moment in which something changes, and at the end.

import { basename, dirname } from 'node:path'
import {
  type CheckpointMetadata,
  decodeMetadata,
  type FileStateHandle,
  METADATA_FILE_NAME,
  type StateHandle,
} from '@millrace/checkpoint'
import type { CommittableBatch, JsonValue } from 'millrace'
import type { SimulatedDisk } from '@millrace/testing'
import type { Checker, Observer } from './checkers.ts'
import { checkCheckpointFiles, newestCompleteId } from './checkpoint-files.ts'
import { CHECKPOINT_DIRECTORY, SINKS, type StartingPoint } from './job.ts'
import type { Row } from './row.ts'

/** What a disk watch is made from. */
export interface DiskWatchInit {
  readonly disk: SimulatedDisk
  /** Whether checkpoints are on the disk. */
  readonly isDurable: boolean
  /** Whether files cannot be written or removed now and then: then more may be left over. */
  readonly canFailToWrite: boolean
  /** The folder of a sink that joins part files: there a hidden file may belong to a committable in any operator's state. */
  readonly joinedFolder: string | null
  readonly observer: Observer
  /** How many complete checkpoints are kept. */
  readonly retained: number
}

/** Whether the files are what they may be. */
export class DiskWatch {
  readonly #init: DiskWatchInit
  /** The final paths of the part files that some complete checkpoint names. */
  readonly #committed = new Set<string>()
  #isLastStartRestored = false
  #oldestOwnCheckpoint = 0
  #checkpointDirectory: string = CHECKPOINT_DIRECTORY

  constructor(init: DiskWatchInit) {
    this.#init = init
    init.disk.onRename((to) => this.#onRename(to))
  }

  /** The program starts, for the first time or again. */
  programStarts({ checkpointDirectory, restoreFrom }: StartingPoint): void {
    const newest = newestCompleteId(this.#init.disk, checkpointDirectory)
    this.#isLastStartRestored = newest >= 0 || restoreFrom !== 'latest'
    this.#oldestOwnCheckpoint = newest
    this.#checkpointDirectory = checkpointDirectory
  }

  /** The rows in the visible files of a sink. A line that is no row is a violation. */
  rowsIn(folder: string): readonly Row[] {
    const paths = this.#paths().filter((path) => path.startsWith(`${folder}/`) && !isHidden(path))
    return paths.flatMap((path) => {
      const text = new TextDecoder().decode(this.#init.disk.contentOf(path))
      if (text !== '' && !text.endsWith('\n')) this.#violation('rows', `${path} ends inside a line`)
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => this.#row(path, line))
    })
  }

  /** After the end: what lies about and must not, and what must and does not. */
  checkLeftovers(lastRun: string): void {
    const { disk, retained, canFailToWrite } = this.#init
    for (const path of this.#hiddenParts(lastRun)) this.#violation('sink files', `${path} is left`)
    const found = checkCheckpointFiles({
      disk,
      directory: this.#checkpointDirectory,
      retained,
      oldestOwnId: this.#oldestOwnCheckpoint,
      mayLeave: canFailToWrite,
    })
    for (const message of found) this.#violation('checkpoint files', message)
    for (const path of disk.openPaths) this.#violation('open files', `${path} is still open`)
  }

  /**
   * Hidden part files. A run that died before its first checkpoint leaves them, since no later one knows that it may remove
   * them; and what could not be removed is left. Where parts are joined, a later run does not touch the files of such a run
   * either.
   */
  #hiddenParts(lastRun: string): readonly string[] {
    const found: string[] = []
    for (const path of this.#paths()) {
      const name = basename(path)
      const isSink = isInSink(path)
      if (isSink && isHidden(path)) {
        const isOfLastRun = name.includes(`-${lastRun.slice(0, 8)}-`)
        if (isOfLastRun || (this.#isLastStartRestored && !this.#isJoined(path))) found.push(path)
      }
    }
    return found
  }

  #isJoined(path: string): boolean {
    const { joinedFolder } = this.#init
    return joinedFolder !== null && path.startsWith(`${joinedFolder}/`)
  }

  #onRename(to: string): void {
    if (basename(to) === METADATA_FILE_NAME) {
      const bytesIn = ({ path, offset, sizeBytes }: FileStateHandle): Uint8Array =>
        this.#content(`${dirname(to)}/${path}`).subarray(offset, offset + sizeBytes)
      const metadata = decodeMetadata(this.#content(to), to)
      for (const path of committablesOf(metadata, bytesIn)) this.#committed.add(path)
      return
    }
    const isVisiblePart = isInSink(to) && !isHidden(to)
    if (isVisiblePart && this.#init.isDurable && !this.#committed.has(to)) {
      this.#violation('commits', `${to} became visible and is in no complete checkpoint`)
    }
  }

  #violation(checker: Checker, message: string): void {
    this.#init.observer.violation(checker, message)
  }

  #content(path: string): Uint8Array {
    return this.#init.disk.contentOf(path) ?? new Uint8Array()
  }

  #paths(): readonly string[] {
    return this.#init.disk.paths()
  }

  #row(path: string, line: string): Row {
    try {
      return JSON.parse(line) as Row
    } catch (error) {
      this.#violation('rows', `${path} holds ${JSON.stringify(line)}: ${String(error)}`)
      return {}
    }
  }
}

/** Buckets are folders below that of their sink. */
function isInSink(path: string): boolean {
  return Object.values(SINKS).some((folder) => path.startsWith(`${folder}/`))
}

/** The final paths of the part files that a checkpoint will commit: those of a plain sink, and those at a committer. */
function committablesOf(
  { operators }: CheckpointMetadata,
  bytesIn: (handle: FileStateHandle) => Uint8Array,
): readonly string[] {
  const listIn = (handle: StateHandle | undefined): readonly JsonValue[] => {
    if (handle === undefined) return []
    const bytes = handle.kind === 'file' ? bytesIn(handle) : handle.bytes
    return JSON.parse(new TextDecoder().decode(bytes)) as JsonValue[]
  }
  return operators.flatMap(({ subtasks }) =>
    subtasks.flatMap(({ slots }) => {
      const batches = listIn(slots['committer']).flatMap(
        (text) => (JSON.parse(text as string) as CommittableBatch).committables,
      )
      return [...listIn(slots['sink-committables']), ...batches].flatMap(
        (part) => (part as { readonly final?: string }).final ?? [],
      )
    }),
  )
}

function isHidden(path: string): boolean {
  return basename(path).startsWith('.')
}
