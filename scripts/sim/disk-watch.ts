// Watches the disk of a simulated job, in the moment in which something changes, and at the end.

import { basename, dirname } from 'node:path'
import { type CheckpointMetadata, decodeMetadata, METADATA_FILE_NAME } from '@millrace/checkpoint'
import type { JsonValue } from 'millrace'
import type { SimulatedDisk } from '@millrace/testing'
import { CHECKPOINT_DIRECTORY, type Row, SINKS } from './job.ts'

/** What a disk watch is made from. */
export interface DiskWatchInit {
  readonly disk: SimulatedDisk
  /** Whether checkpoints are on the disk. */
  readonly isDurable: boolean
  /** Whether files cannot be written or removed now and then: then more may be left over. */
  readonly canFailToWrite: boolean
  readonly violation: (message: string) => void
}

/** Whether the files are what they may be. */
export class DiskWatch {
  readonly #init: DiskWatchInit
  /** The final paths of the part files that some complete checkpoint names. */
  readonly #committed = new Set<string>()
  #isLastStartRestored = false

  constructor(init: DiskWatchInit) {
    this.#init = init
    init.disk.onRename((to) => this.#onRename(to))
  }

  /** The program starts, for the first time or again. */
  programStarts(): void {
    this.#isLastStartRestored = this.#paths().some((path) => basename(path) === METADATA_FILE_NAME)
  }

  /** The rows in the visible files of a sink. A line that is no row is a violation. */
  rowsIn(folder: string): readonly Row[] {
    const paths = this.#paths().filter((path) => dirname(path) === folder && !isHidden(path))
    return paths.flatMap((path) => {
      const text = new TextDecoder().decode(this.#init.disk.contentOf(path))
      if (text !== '' && !text.endsWith('\n')) this.#init.violation(`${path} ends inside a line`)
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => this.#row(path, line))
    })
  }

  /**
   * What lies about after the end, and must not: hidden part files, and checkpoints that are not whole. A run that died
   * before its first checkpoint leaves its hidden files, since no later one knows that it may remove them; and what could
   * not be removed is left.
   */
  leftovers(lastRun: string): readonly string[] {
    const found: string[] = []
    for (const path of this.#paths()) {
      const name = basename(path)
      const isSink = Object.values(SINKS).includes(dirname(path) as never)
      if (isSink && isHidden(path)) {
        const isOfLastRun = name.includes(`-${lastRun.slice(0, 8)}-`)
        if (isOfLastRun || this.#isLastStartRestored) found.push(`${path} is left`)
      }
      if (name === '_writable') found.push(`${path} is left`)
    }
    return this.#init.canFailToWrite ? found : [...found, ...this.#unfinishedCheckpoints()]
  }

  #unfinishedCheckpoints(): readonly string[] {
    const paths = this.#paths().filter((path) => path.startsWith(`${CHECKPOINT_DIRECTORY}/`))
    const complete = new Set(
      paths.filter((path) => basename(path) === METADATA_FILE_NAME).map((path) => dirname(path)),
    )
    return paths
      .filter((path) => !complete.has(dirname(path)))
      .map((path) => `${path} is left of a checkpoint that is not complete`)
  }

  #onRename(to: string): void {
    if (basename(to) === METADATA_FILE_NAME && to.startsWith(CHECKPOINT_DIRECTORY)) {
      const bytes = this.#init.disk.contentOf(to) ?? new Uint8Array()
      for (const path of committablesOf(decodeMetadata(bytes, to))) this.#committed.add(path)
      return
    }
    const isVisiblePart = Object.values(SINKS).includes(dirname(to) as never) && !isHidden(to)
    if (isVisiblePart && this.#init.isDurable && !this.#committed.has(to)) {
      this.#init.violation(`${to} became visible and is in no complete checkpoint`)
    }
  }

  #paths(): readonly string[] {
    return this.#init.disk.paths()
  }

  #row(path: string, line: string): Row {
    try {
      return JSON.parse(line) as Row
    } catch (error) {
      this.#init.violation(`${path} holds ${JSON.stringify(line)}: ${String(error)}`)
      return {}
    }
  }
}

/** The final paths of the part files that a checkpoint will commit. */
function committablesOf({ operators }: CheckpointMetadata): readonly string[] {
  return operators.flatMap(({ subtasks }) =>
    subtasks.flatMap(({ slots }) => {
      const handle = slots['sink-committables']
      if (handle === undefined) return []
      if (handle.kind === 'file') throw new Error('committables are small enough to be inline')
      const list = JSON.parse(new TextDecoder().decode(handle.bytes)) as JsonValue[]
      return list.map((part) => (part as { readonly final: string }).final)
    }),
  )
}

function isHidden(path: string): boolean {
  return basename(path).startsWith('.')
}
