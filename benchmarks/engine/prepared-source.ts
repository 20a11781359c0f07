// A source that costs next to nothing: a few thousand records made beforehand, again and again, with a time of their own.

import {
  type Infer,
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  Types,
} from 'millrace'

/** As much of a bid as counting needs. */
export const PreparedBid = Types.record({ auction: Types.int, price: Types.int })
export type PreparedBid = Infer<typeof PreparedBid>

/** What is emitted. */
export interface PreparedSourceOptions {
  readonly events: number
  /** How many different auctions there are bids for, each about equally often. */
  readonly auctions: number
  /** Events for each second of event time; they come in order. */
  readonly eventsPerSecond: number
}

const PREPARED = 1 << 14
const START_MS = Date.UTC(2015, 6, 15)

/** The bids from number `next` on. */
interface PreparedSplit extends SourceSplit {
  readonly next: number
}

/** Bids in order of time, by one reader. */
export class PreparedSource implements Source<PreparedBid, PreparedSplit> {
  readonly name: string = 'PreparedSource'
  readonly boundedness = 'bounded'
  readonly type = PreparedBid
  readonly #options: PreparedSourceOptions

  constructor(options: PreparedSourceOptions) {
    this.#options = options
  }

  describe(): JsonValue {
    return { ...this.#options }
  }

  createEnumerator(
    context: SplitEnumeratorContext<PreparedSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<PreparedSplit> {
    const findSplits = (): readonly PreparedSplit[] => [{ splitId: 'all', next: 0 }]
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(): SourceReader<PreparedBid, PreparedSplit> {
    return new PreparedReader(this.#options)
  }
}

class PreparedReader implements SourceReader<PreparedBid, PreparedSplit> {
  readonly #options: PreparedSourceOptions
  readonly #bids: readonly PreparedBid[]
  #split: PreparedSplit | undefined
  #isComplete = false
  #next: number

  constructor(options: PreparedSourceOptions) {
    this.#options = options
    this.#next = options.events
    // Multiples of a prime that does not divide the number of auctions visit all of them, in no simple order.
    this.#bids = Array.from({ length: PREPARED }, (_, n) => ({
      auction: 1000 + ((n * 7919) % options.auctions),
      price: n,
    }))
  }

  start(): void {}

  addSplits([split]: readonly PreparedSplit[]): void {
    if (split === undefined) return
    this.#split = split
    this.#next = split.next
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<PreparedBid>, recordsMax: number): PollResult {
    const { events, eventsPerSecond } = this.#options
    const end = Math.min(this.#next + recordsMax, events)
    for (let n = this.#next; n < end; n++) {
      const timestamp = START_MS + Math.floor((n * 1000) / eventsPerSecond)
      output.collect(this.#bids[n & (PREPARED - 1)] as PreparedBid, timestamp)
    }
    this.#next = end
    if (end < events) return 'more'
    return this.#isComplete ? 'end' : 'nothing-now'
  }

  snapshot(): readonly PreparedSplit[] {
    return this.#split === undefined ? [] : [{ ...this.#split, next: this.#next }]
  }

  close(): void {}
}
