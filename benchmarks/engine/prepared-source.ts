// A source that costs next to nothing: a few thousand records made beforehand, again and again, with a time of their own.

import {
  type Infer,
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
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

/** Bids in order of time, by one reader. */
export class PreparedSource implements Source<PreparedBid> {
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

  async enumerateSplits(): Promise<readonly JsonValue[]> {
    return [0]
  }

  createReader(): SourceReader<PreparedBid> {
    return new PreparedReader(this.#options)
  }
}

class PreparedReader implements SourceReader<PreparedBid> {
  readonly #options: PreparedSourceOptions
  readonly #bids: readonly PreparedBid[]
  #splits: readonly JsonValue[] = []
  #next = 0

  constructor(options: PreparedSourceOptions) {
    this.#options = options
    // Multiples of a prime that does not divide the number of auctions visit all of them, in no simple order.
    this.#bids = Array.from({ length: PREPARED }, (_, n) => ({
      auction: 1000 + ((n * 7919) % options.auctions),
      price: n,
    }))
  }

  open(splits: readonly JsonValue[]): void {
    this.#splits = splits
    this.#next = Number(splits[0] ?? this.#options.events)
  }

  pollNext(output: SourceOutput<PreparedBid>, recordsMax: number): PollResult {
    const { events, eventsPerSecond } = this.#options
    const end = Math.min(this.#next + recordsMax, events)
    for (let n = this.#next; n < end; n++) {
      const timestamp = START_MS + Math.floor((n * 1000) / eventsPerSecond)
      output.collect(this.#bids[n & (PREPARED - 1)] as PreparedBid, timestamp)
    }
    this.#next = end
    return end === events ? 'end' : 'more'
  }

  snapshot(): readonly JsonValue[] {
    return this.#splits.length === 0 ? [] : [this.#next]
  }

  close(): void {}
}
