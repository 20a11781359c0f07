// A source reader that fetches in the background: the base of connectors that have to wait for their input.
//
//   splitReader.fetch() ──batch──> [ at most `batchesMax` a fetcher ] ──pollNext──> emit(record, output, split)
//           ^                                                           │
//           └── goes on when there is room <────── a batch is used up ──┘
//
// One fetcher for all splits, for clients that multiplex; or one for each, for those that read one thing at a time.

import { assert } from '../errors/millrace-error.ts'
import { SplitFetcher } from './split-fetcher.ts'
import type { FetchedBatch, SplitReader } from './split-reader.ts'
import type {
  PollResult,
  SourceOutput,
  SourceReader,
  SourceReaderContext,
  SplitOutput,
} from './source-reader.ts'
import type { SourceSplit } from './source-split.ts'

/** What a {@link SplitFetcherReader} is made of. */
export interface SplitFetcherReaderInit<R, T, S extends SourceSplit> {
  readonly context: SourceReaderContext
  /** Called once for each fetcher. */
  readonly createSplitReader: () => SplitReader<R, S>
  /** Default: `'one'`. */
  readonly fetchers?: 'one' | 'one-per-split'
  /** Whether the source says `hasTimePerSplit`. Default: false. */
  readonly hasTimePerSplit?: boolean
  /** How many batches of a fetcher may wait to be emitted, one that is under way included. Default: 2. */
  readonly batchesMax?: number
  /**
   * Emits a fetched record: as one record, several or none. `split` is the reader's own copy; change its fields so that it says
   * where to go on behind this record.
   */
  readonly emit: (record: R, output: SplitOutput<T>, split: S) => void
  /** A split is read to its end. For example `() => context.sendSplitRequest()`. */
  readonly onSplitFinished?: (split: S) => void
}

/**
 * A reader of splits that are fetched in the background.
 *
 * @example
 * ```ts
 * import { type FetchedBatch, type Source, SplitFetcherReader, staticSplitEnumerator, StreamExecutionEnvironment,
 *   WatermarkStrategy } from 'millrace'
 *
 * type Page = { readonly splitId: string; next: number }
 *
 * const pages: Source<string, Page> = {
 *   name: 'Pages',
 *   boundedness: 'bounded',
 *   type: undefined,
 *   describe: () => 'two pages',
 *   createEnumerator: (context, restored) =>
 *     staticSplitEnumerator({ context, restored, findSplits: () => [{ splitId: 'book', next: 1 }] }),
 *   createReader: (context) =>
 *     new SplitFetcherReader<number, string, Page>({
 *       context,
 *       createSplitReader: () => {
 *         let splits: readonly Page[] = []
 *         let wake = (): void => {}
 *         return {
 *           addSplits: (added) => void (splits = added, wake()),
 *           async fetch(): Promise<FetchedBatch<number>> {
 *             if (splits.length === 0) await new Promise<void>((resolve) => (wake = resolve))
 *             const fetched = splits.map(({ splitId, next }) => ({
 *               splitId,
 *               records: [1, 2].filter((page) => page >= next),
 *             }))
 *             splits = []
 *             return { splits: fetched, finishedSplits: fetched.map(({ splitId }) => splitId) }
 *           },
 *           wakeUp: () => wake(),
 *           close: () => {},
 *         }
 *       },
 *       emit: (page, output, split) => {
 *         output.collect(`page ${page}`)
 *         split.next = page + 1
 *       },
 *     }),
 * }
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const read = env.fromSource(pages, WatermarkStrategy.noWatermarks(), 'pages')
 * console.log(await read.executeAndCollect()) // [ 'page 1', 'page 2' ]
 * ```
 */
export class SplitFetcherReader<R, T, S extends SourceSplit> implements SourceReader<T, S> {
  readonly pauseOrResumeSplits: SourceReader<T, S>['pauseOrResumeSplits']
  readonly #init: SplitFetcherReaderInit<R, T, S>
  readonly #isOnePerSplit: boolean
  /** The splits that are not at their end, each as far as it is emitted. */
  readonly #splits = new Map<string, S>()
  readonly #fetchers = new Set<SplitFetcher<R, S>>()
  /** Batches in the order in which they came, each with its fetcher. */
  readonly #batches: { readonly batch: FetchedBatch<R>; readonly fetcher: SplitFetcher<R, S> }[] =
    []
  /** The place in the first batch: the next record of which of its splits. */
  #splitIndex = 0
  #recordIndex = 0
  #isComplete = false

  constructor(init: SplitFetcherReaderInit<R, T, S>) {
    this.#init = init
    this.#isOnePerSplit = init.fetchers === 'one-per-split'
    const shared = this.#isOnePerSplit ? undefined : this.#createFetcher()
    const canPause = shared === undefined || shared.canPauseSplits
    this.pauseOrResumeSplits = canPause
      ? (toPause, toResume) => {
          for (const fetcher of this.#fetchers) fetcher.pauseOrResumeSplits(toPause, toResume)
        }
      : undefined
  }

  start(): void {}

  addSplits(splits: readonly S[]): void {
    for (const split of splits) this.#splits.set(split.splitId, { ...split })
    if (!this.#isOnePerSplit) {
      for (const fetcher of this.#fetchers) fetcher.addSplits(splits)
    } else for (const split of splits) this.#createFetcher().addSplits([split])
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult {
    let left = recordsMax
    for (let first = this.#batches[0]; first !== undefined; first = this.#batches[0]) {
      if (left === 0) return 'more'
      left -= this.#emit(first.batch, output, left)
      if (this.#splitIndex === first.batch.splits.length) this.#finishBatch(output)
    }
    return this.#isComplete && this.#splits.size === 0 ? 'end' : 'nothing-now'
  }

  snapshot(): readonly S[] {
    return [...this.#splits.values()].map((split) => ({ ...split }))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#fetchers].map((fetcher) => fetcher.close()))
  }

  /** Emits up to so many records of the first batch; answers how many. */
  #emit({ splits }: FetchedBatch<R>, output: SourceOutput<T>, recordsMax: number): number {
    const { emit, hasTimePerSplit } = this.#init
    let emitted = 0
    while (this.#splitIndex < splits.length) {
      const { splitId, records } = splits[this.#splitIndex] as FetchedBatch<R>['splits'][0]
      const split = this.#splits.get(splitId)
      assert(
        split !== undefined,
        `the split '${splitId}', of which records were fetched, is a reader's own`,
      )
      const target = hasTimePerSplit === true ? output.forSplit(splitId) : output
      while (this.#recordIndex < records.length) {
        if (emitted === recordsMax) return emitted
        emit(records[this.#recordIndex++] as R, target, split)
        emitted++
      }
      this.#splitIndex++
      this.#recordIndex = 0
    }
    return emitted
  }

  #finishBatch(output: SourceOutput<T>): void {
    const first = this.#batches.shift()
    this.#splitIndex = 0
    if (first === undefined) return
    const { batch, fetcher } = first
    for (const splitId of batch.finishedSplits ?? []) {
      const split = this.#splits.get(splitId)
      if (split === undefined) continue
      this.#splits.delete(splitId)
      fetcher.removeSplit(splitId)
      // First the request, then the release: between the two the reader would count as idle.
      this.#init.onSplitFinished?.(split)
      output.releaseSplit(splitId)
      if (this.#isOnePerSplit) this.#end(fetcher)
    }
    fetcher.batchIsUsed()
  }

  #end(fetcher: SplitFetcher<R, S>): void {
    this.#fetchers.delete(fetcher)
    fetcher.close().catch(this.#init.context.fail)
  }

  #createFetcher(): SplitFetcher<R, S> {
    const { context, createSplitReader, batchesMax = 2 } = this.#init
    const fetcher: SplitFetcher<R, S> = new SplitFetcher({
      reader: createSplitReader(),
      batchesMax,
      isForOneSplit: this.#isOnePerSplit,
      handOver: (batch) => {
        this.#batches.push({ batch, fetcher })
        context.wake()
      },
      soon: (callback) => context.platform.timers.soon(callback),
      fail: context.fail,
    })
    this.#fetchers.add(fetcher)
    return fetcher
  }
}
