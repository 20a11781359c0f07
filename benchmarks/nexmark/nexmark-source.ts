// Nexmark events as a source. Split i of n holds the events i, i + n, i + 2n, …; its state is the number of the next one,
// because the generator makes event n from its number alone.

import type {
  JsonValue,
  PollResult,
  Source,
  SourceOutput,
  SourceReader,
  SplitEnumerationContext,
} from 'millrace'
import { NexmarkGenerator, type NexmarkOptions } from './generator.ts'
import { Event } from './model.ts'

/** Which events a source emits. */
export interface NexmarkSourceOptions extends Omit<NexmarkOptions, 'firstEvent' | 'eventStep'> {
  /** How many events, from event 0 on. */
  readonly events: number
}

/** Where a split stands: event `next` comes next, then every `step`-th. */
type NexmarkSplit = { readonly next: number; readonly step: number }

/**
 * The first events of a generator, once each, whatever the parallelism.
 *
 * @example
 * ```ts
 * env.fromSource(new NexmarkSource({ events: 1_000_000 }), WatermarkStrategy.noWatermarks(), 'events')
 * ```
 */
export class NexmarkSource implements Source<Event> {
  readonly name: string = 'NexmarkSource'
  readonly boundedness = 'bounded'
  readonly type = Event
  readonly #options: NexmarkSourceOptions

  constructor(options: NexmarkSourceOptions) {
    this.#options = options
  }

  describe(): JsonValue {
    return { ...this.#options }
  }

  async enumerateSplits({ parallelism }: SplitEnumerationContext): Promise<readonly JsonValue[]> {
    return Array.from({ length: parallelism }, (_, next): NexmarkSplit => ({
      next,
      step: parallelism,
    }))
  }

  createReader(): SourceReader<Event> {
    return new NexmarkReader(this.#options)
  }
}

class NexmarkReader implements SourceReader<Event> {
  readonly #options: NexmarkSourceOptions
  #generators: readonly SplitGenerator[] = []

  constructor(options: NexmarkSourceOptions) {
    this.#options = options
  }

  open(splits: readonly JsonValue[]): void {
    const { events, ...generation } = this.#options
    this.#generators = (splits as readonly NexmarkSplit[]).map(({ next, step }) => ({
      generator: new NexmarkGenerator({ ...generation, firstEvent: next, eventStep: step }),
      step,
      end: events,
    }))
  }

  pollNext(output: SourceOutput<Event>, recordsMax: number): PollResult {
    for (let left = recordsMax; left > 0;) {
      const split = this.#furthestBehind()
      if (split === undefined) return 'end'
      left -= emit(split, output, Math.min(left, this.#stretch))
    }
    return this.#furthestBehind() === undefined ? 'end' : 'more'
  }

  snapshot(): readonly JsonValue[] {
    return this.#generators.map(({ generator, step }) => ({ next: generator.nextEvent, step }))
  }

  close(): void {
    this.#generators = []
  }

  /** Records to take from one split before looking at the others: with several, one, so that no event comes late. */
  get #stretch(): number {
    return this.#generators.length === 1 ? Number.POSITIVE_INFINITY : 1
  }

  /** The split whose next event has the smallest number, of those that have one. */
  #furthestBehind(): SplitGenerator | undefined {
    let first: SplitGenerator | undefined
    for (const split of this.#generators) {
      const next = split.generator.nextEvent
      if (next < split.end && next < (first?.generator.nextEvent ?? split.end)) first = split
    }
    return first
  }
}

interface SplitGenerator {
  readonly generator: NexmarkGenerator
  readonly step: number
  readonly end: number
}

/** Emits up to `recordsMax` events of a split that has at least one; answers how many. */
function emit(
  { generator, step, end }: SplitGenerator,
  output: SourceOutput<Event>,
  recordsMax: number,
): number {
  const count = Math.min(recordsMax, Math.ceil((end - generator.nextEvent) / step))
  for (let n = 0; n < count; n++) output.collect(generator.next())
  return count
}
