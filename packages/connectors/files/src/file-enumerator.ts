// Finds the files of a source, once or again and again, and gives a split to each reader that asks: who reads faster gets more.
//
//   start: find ──> waiting splits ──handleSplitRequest──> one split
//   every interval: find ──> files that were never seen ──> waiting splits ──> readers that wait
//
// Its state are the splits that wait and, when it goes on looking, the paths it has seen: they grow with the number of files.

import {
  checkRestored,
  type FileSystem,
  type JsonValue,
  type SplitEnumerator,
  type SplitEnumeratorContext,
} from '@millrace/core'
import { type FileSearch, findFiles, type FoundFile, isGzipped } from './file-discovery.ts'
import { checkedSplit, type FileSplit, freshSplit, rangesOf } from './file-split.ts'

/** What an enumerator is made of. */
export interface FileEnumeratorInit {
  readonly context: SplitEnumeratorContext<FileSplit>
  readonly restored: JsonValue | undefined
  readonly search: FileSearch
  /** `undefined`: a file is one split. */
  readonly splitBytes: number | undefined
  /** `undefined`: files are looked for once. */
  readonly monitorIntervalMs: number | undefined
}

/** What a checkpoint holds of it. */
type EnumeratorState = {
  readonly waiting: readonly FileSplit[]
  /** Empty when files are looked for once. */
  readonly seen: readonly string[]
}

/** The enumerator of a file source. */
export class FileEnumerator implements SplitEnumerator<FileSplit> {
  readonly #init: FileEnumeratorInit
  readonly #files: FileSystem
  readonly #seen: Set<string>
  #waiting: FileSplit[]
  /** Readers that asked when there was nothing. */
  readonly #waitingReaders = new Set<number>()

  constructor(init: FileEnumeratorInit) {
    this.#init = init
    this.#files = init.context.platform.files
    const { waiting, seen } = restoredState(init.restored)
    this.#waiting = [...waiting]
    this.#seen = new Set(seen)
  }

  /** @throws MillraceError `FILE_MISSING`, `FILE_UNREADABLE`, naming the whole path */
  async start(): Promise<void> {
    const { restored, context, monitorIntervalMs, search } = this.#init
    if (restored === undefined) this.#add(await findFiles(this.#files, search))
    if (monitorIntervalMs === undefined) return
    const find = (): Promise<readonly FoundFile[]> => findFiles(this.#files, search)
    context.schedule(find, (found) => this.#discover(found), {
      delayMs: restored === undefined ? monitorIntervalMs : 0,
      intervalMs: monitorIntervalMs,
    })
  }

  addReader(): void {}

  handleSplitRequest(subtaskIndex: number): void {
    const { context, monitorIntervalMs } = this.#init
    const split = this.#waiting.shift()
    if (split !== undefined) context.assignSplits([split], subtaskIndex)
    else if (monitorIntervalMs === undefined) context.signalNoMoreSplits(subtaskIndex)
    else this.#waitingReaders.add(subtaskIndex)
  }

  addSplitsBack(splits: readonly FileSplit[]): void {
    this.#waiting.unshift(...splits)
  }

  snapshotState(): JsonValue {
    const state: EnumeratorState = { waiting: [...this.#waiting], seen: [...this.#seen] }
    return state as unknown as JsonValue
  }

  close(): void {}

  #discover(found: readonly FoundFile[]): void {
    this.#add(found)
    for (const subtaskIndex of [...this.#waitingReaders]) {
      if (this.#waiting.length === 0) return
      this.#waitingReaders.delete(subtaskIndex)
      this.handleSplitRequest(subtaskIndex)
    }
  }

  #add(found: readonly FoundFile[]): void {
    const { monitorIntervalMs } = this.#init
    for (const file of found) {
      if (this.#seen.has(file.path)) continue
      if (monitorIntervalMs !== undefined) this.#seen.add(file.path)
      this.#waiting.push(...this.#splitsOf(file))
    }
  }

  #splitsOf({ path, sizeBytes }: FoundFile): readonly FileSplit[] {
    const { splitBytes } = this.#init
    if (splitBytes === undefined || isGzipped(path)) return [freshSplit(path)]
    return rangesOf(path, sizeBytes, splitBytes)
  }
}

function restoredState(restored: JsonValue | undefined): EnumeratorState {
  if (restored === undefined) return { waiting: [], seen: [] }
  const { waiting, seen } = (restored ?? {}) as unknown as Partial<EnumeratorState>
  const arePaths = Array.isArray(seen) && seen.every((path) => typeof path === 'string')
  checkRestored(Array.isArray(waiting) && arePaths, 'the files that wait and those seen', restored)
  return { waiting: waiting.map(checkedSplit), seen }
}
