// Fetches batches of splits in the background, one fetch at a time, as long as there is room for what it brings.

import type { FetchedBatch, SplitReader } from './split-reader.ts'
import type { SourceSplit } from './source-split.ts'

/** What a {@link SplitFetcher} is made of. */
export interface SplitFetcherInit<R, S extends SourceSplit> {
  readonly reader: SplitReader<R, S>
  /** How many batches may be fetched and not used. */
  readonly batchesMax: number
  /** To pause the split is to fetch nothing. */
  readonly isForOneSplit: boolean
  readonly handOver: (batch: FetchedBatch<R>) => void
  /** Calls back when others have had their turn. */
  readonly soon: (callback: () => void) => void
  readonly fail: (error: unknown) => void
}

/** The loop around one split reader. */
export class SplitFetcher<R, S extends SourceSplit> {
  readonly #init: SplitFetcherInit<R, S>
  readonly #splitIds = new Set<string>()
  #unusedBatches = 0
  #isPaused = false
  #isClosed = false
  #closing: Promise<void> | undefined
  /** The loop, as long as it has something to do. */
  #fetching: Promise<void> | undefined

  constructor(init: SplitFetcherInit<R, S>) {
    this.#init = init
  }

  get canPauseSplits(): boolean {
    return this.#init.isForOneSplit || this.#init.reader.pauseOrResumeSplits !== undefined
  }

  addSplits(splits: readonly S[]): void {
    for (const { splitId } of splits) this.#splitIds.add(splitId)
    this.#init.reader.addSplits(splits)
    this.#init.reader.wakeUp()
    this.#goOn()
  }

  /** The split has ended. After the last one a fetch that is under way has nothing to wait for. */
  removeSplit(splitId: string): void {
    this.#splitIds.delete(splitId)
    if (this.#splitIds.size === 0) this.#init.reader.wakeUp()
  }

  pauseOrResumeSplits(toPause: readonly string[], toResume: readonly string[]): void {
    const { reader, isForOneSplit } = this.#init
    if (!isForOneSplit) {
      reader.pauseOrResumeSplits?.(toPause, toResume)
      return reader.wakeUp()
    }
    if (toPause.some((splitId) => this.#splitIds.has(splitId))) this.#isPaused = true
    if (toResume.some((splitId) => this.#splitIds.has(splitId))) this.#isPaused = false
    this.#goOn()
  }

  /** There is room for another batch. */
  batchIsUsed(): void {
    this.#unusedBatches--
    this.#goOn()
  }

  /** Resolves when nothing is fetched any more and the split reader is closed. Any number of times. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #goOn(): void {
    if (this.#fetching !== undefined || !this.#mayFetch) return
    this.#fetching = this.#fetch().catch((error: unknown) => {
      if (!this.#isClosed) this.#init.fail(error)
    })
  }

  get #mayFetch(): boolean {
    const hasRoom = this.#unusedBatches < this.#init.batchesMax
    return !this.#isClosed && !this.#isPaused && hasRoom && this.#splitIds.size > 0
  }

  async #fetch(): Promise<void> {
    while (this.#mayFetch) {
      const batch = await this.#init.reader.fetch()
      if (this.#isClosed) return
      const isEmpty = batch.splits.length === 0 && (batch.finishedSplits ?? []).length === 0
      if (isEmpty) {
        // A client that answers nothing at once, again and again, must not keep the thread from everybody else.
        await new Promise<void>((resolve) => this.#init.soon(resolve))
        continue
      }
      this.#unusedBatches++
      this.#init.handOver(batch)
    }
    this.#fetching = undefined
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    this.#init.reader.wakeUp()
    await this.#fetching
    await this.#init.reader.close()
  }
}
