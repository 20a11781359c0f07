// A log outside of the job: partitions of records with offsets, each of which becomes visible at a time of its own.
//
//   partition 0   r0 r2 r4 │ r6 …      visible until now │ not yet
//   partition 1   r1 r3    │ r5 …
//
// A reader asks for what is visible behind its offset, and is given some of it.

import {
  checkInteger,
  checkOptions,
  type FetchedBatch,
  type JsonValue,
  type Platform,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  SplitFetcherReader,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  type SplitReader,
  staticSplitEnumerator,
  type TypeInfo,
} from '@millrace/core'
import type { SimulatedServices } from './simulated-services.ts'

/** What a simulated topic holds. */
export interface TopicOptions<T> {
  /** In the order in which they become visible. Readers get copies. */
  readonly records: readonly T[]
  /** Default: 2. */
  readonly partitions?: number
  /** The partition of a record, from 0. Default: one after the other. */
  readonly partitionOf?: (record: T, index: number) => number
  /** How many become visible in a second, over all partitions. Default: 1000. */
  readonly recordsPerSecond?: number
  /** A record's own timestamp, in milliseconds since 1970. Default: none, the watermark strategy gives one. */
  readonly timestampOf?: (record: T) => number
  readonly type?: TypeInfo<T>
}

/** A partition, and the offset from which it is read. */
export interface TopicSplit {
  readonly splitId: string
  readonly partition: number
  offset: number
}

interface StoredRecord<T> {
  readonly value: T
  readonly visibleAtMs: number
}

/** A topic of a {@link SimulatedWorld}: what Kafka is to a job in production. */
export class SimulatedTopic<T> {
  readonly name: string
  readonly #options: TopicOptions<T>
  readonly #services: SimulatedServices
  readonly #partitions: readonly StoredRecord<T>[][]

  constructor(name: string, options: TopicOptions<T>, services: SimulatedServices) {
    checkOptions('topic', options, [
      'records',
      'partitions',
      'partitionOf',
      'recordsPerSecond',
      'timestampOf',
      'type',
    ])
    this.name = name
    this.#options = options
    this.#services = services
    this.#partitions = partitioned(options)
  }

  /** Reads all records of all partitions and ends: each exactly once, those of a partition in order. */
  source(): Source<T, TopicSplit> {
    return new TopicSource(this, this.#options)
  }

  /** Every record by partition, in order. */
  get partitions(): readonly (readonly T[])[] {
    return this.#partitions.map((records) => records.map(({ value }) => value))
  }

  /** Some of what is visible in a partition from an offset on, as copies. */
  async fetch(platform: Platform, { partition, offset }: TopicSplit): Promise<readonly T[]> {
    const { random, nowMs } = this.#services
    return this.#services.request(platform, `topic ${this.name}`, () => {
      const records = this.#partitions[partition] ?? []
      const end = offset + random.integer({ min: 1, max: FETCH_RECORDS_MAX })
      return records
        .slice(offset, end)
        .filter(({ visibleAtMs }) => visibleAtMs <= nowMs)
        .map(({ value }) => structuredClone(value))
    })
  }

  /** How many records a partition will ever have. */
  recordsIn(partition: number): number {
    return this.#partitions[partition]?.length ?? 0
  }
}

const FETCH_RECORDS_MAX = 50

/** A reader that found nothing asks again after this. */
const POLL_MS = 5

const RATE_MAX = 1_000_000_000

function partitioned<T>(options: TopicOptions<T>): StoredRecord<T>[][] {
  const { records, partitions = 2, recordsPerSecond = 1000 } = options
  checkInteger('topic.partitions', partitions, { min: 1, max: 1000 })
  checkInteger('topic.recordsPerSecond', recordsPerSecond, { min: 1, max: RATE_MAX })
  const { partitionOf = (_record: T, index: number) => index % partitions } = options
  const stored: StoredRecord<T>[][] = Array.from({ length: partitions }, () => [])
  records.forEach((value, index) => {
    const partition = checkInteger('the answer of topic.partitionOf', partitionOf(value, index), {
      min: 0,
      max: partitions - 1,
    })
    stored[partition]?.push({ value, visibleAtMs: (index * 1000) / recordsPerSecond })
  })
  return stored
}

class TopicSource<T> implements Source<T, TopicSplit> {
  readonly name: string
  readonly boundedness = 'bounded'
  readonly hasTimePerSplit = true
  readonly type: TypeInfo<T> | undefined
  readonly #topic: SimulatedTopic<T>
  readonly #timestampOf: ((record: T) => number) | undefined

  constructor(topic: SimulatedTopic<T>, { type, timestampOf }: TopicOptions<T>) {
    this.name = `SimulatedTopic(${topic.name})`
    this.type = type
    this.#topic = topic
    this.#timestampOf = timestampOf
  }

  describe(): JsonValue {
    return { topic: this.#topic.name, partitions: this.#topic.partitions.length }
  }

  createEnumerator(
    context: SplitEnumeratorContext<TopicSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<TopicSplit> {
    const findSplits = (): readonly TopicSplit[] =>
      this.#topic.partitions.map((_, partition) => ({
        splitId: `${this.#topic.name}-${partition}`,
        partition,
        offset: 0,
      }))
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<T, TopicSplit> {
    const timestampOf = this.#timestampOf
    return new SplitFetcherReader<T, T, TopicSplit>({
      context,
      hasTimePerSplit: true,
      createSplitReader: () => new PartitionReader(this.#topic, context.platform),
      emit: (record, output, split) => {
        output.collect(record, timestampOf?.(record))
        split.offset++
      },
    })
  }
}

/** Fetches from its partitions in turn, and answers an empty batch now and then where there is nothing. */
class PartitionReader<T> implements SplitReader<T, TopicSplit> {
  readonly #topic: SimulatedTopic<T>
  readonly #platform: Platform
  /** As far as they are fetched. */
  #splits: TopicSplit[] = []

  constructor(topic: SimulatedTopic<T>, platform: Platform) {
    this.#topic = topic
    this.#platform = platform
  }

  addSplits(splits: readonly TopicSplit[]): void {
    this.#splits.push(...splits.map((split) => ({ ...split })))
  }

  async fetch(): Promise<FetchedBatch<T>> {
    const split = this.#splits.shift()
    if (split === undefined) return this.#nothing()
    const { splitId, partition } = split
    const records = await this.#topic.fetch(this.#platform, split)
    split.offset += records.length
    const splits = [{ splitId, records }]
    if (split.offset === this.#topic.recordsIn(partition)) {
      return { splits, finishedSplits: [splitId] }
    }
    this.#splits.push(split)
    return records.length === 0 ? this.#nothing() : { splits }
  }

  /** What is under way comes back by itself soon. */
  wakeUp(): void {}

  close(): void {}

  async #nothing(): Promise<FetchedBatch<T>> {
    await new Promise<void>((resolve) => void this.#platform.timers.after(POLL_MS, resolve))
    return { splits: [] }
  }
}
