import type { SourceSplit } from './source-split.ts'

/** What one fetch has brought. */
export interface FetchedBatch<R> {
  /** The records of each split, in order. */
  readonly splits: readonly { readonly splitId: string; readonly records: readonly R[] }[]
  /** The splits that end with this batch. Default: none. */
  readonly finishedSplits?: readonly string[]
}

/**
 * Waits for the records of some splits, such as a consumer of a broker or a cursor of a database. Used by a
 * {@link SplitFetcherReader}, which calls `fetch` in the background, again and again, never twice at once.
 */
export interface SplitReader<R, S extends SourceSplit> {
  /** From now on records of these splits are fetched too. May be called while a fetch is under way. */
  addSplits(splits: readonly S[]): void
  /**
   * Resolves with what there is as soon as there is something, or after {@link wakeUp}, perhaps with nothing; it is called again in
   * the next turn of the event loop then.
   */
  fetch(): Promise<FetchedBatch<R>>
  /** Lets a fetch that is under way return soon: splits have changed, or the reader is being closed. */
  wakeUp(): void
  /** Fetches nothing of some splits until they are resumed. Left out by readers that cannot. */
  pauseOrResumeSplits?(toPause: readonly string[], toResume: readonly string[]): void
  /** Gives up what it holds. Called once, when no fetch is under way. */
  close(): void | Promise<void>
}
