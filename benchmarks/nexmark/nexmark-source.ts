// Nexmark events as a source. Split i of n holds the events i, i + n, i + 2n, …; its state is the number of the next one,
// because the generator makes event n from its number alone.

import {
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
} from 'millrace'
import { NexmarkGenerator, type NexmarkOptions } from './generator.ts'
import { Event } from './model.ts'

/** Which events a source emits. */
export interface NexmarkSourceOptions extends Omit<NexmarkOptions, 'firstEvent' | 'eventStep'> {
  /** How many events, from event 0 on. */
  readonly events: number
}

/** Where a split stands: event `next` comes next, then every `step`-th. */
interface NexmarkSplit extends SourceSplit {
  readonly next: number
  readonly step: number
}

/**
 * The first events of a generator, once each, whatever the parallelism.
 *
 * @example
 * ```ts
 * env.fromSource(new NexmarkSource({ events: 1_000_000 }), WatermarkStrategy.noWatermarks(), 'events')
 * ```
 */
export class NexmarkSource implements Source<Event, NexmarkSplit> {
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

  createEnumerator(
    context: SplitEnumeratorContext<NexmarkSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<NexmarkSplit> {
    const step = context.parallelism
    const findSplits = (): readonly NexmarkSplit[] =>
      Array.from({ length: step }, (_, next) => ({ splitId: `${next} of ${step}`, next, step }))
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(): SourceReader<Event, NexmarkSplit> {
    return new NexmarkReader(this.#options)
  }
}

class NexmarkReader implements SourceReader<Event, NexmarkSplit> {
  readonly #options: NexmarkSourceOptions
  #generators: readonly SplitGenerator[] = []
  #isComplete = false

  constructor(options: NexmarkSourceOptions) {
    this.#options = options
  }

  start(): void {}

  addSplits(splits: readonly NexmarkSplit[]): void {
    const { events, ...generation } = this.#options
    const added = splits.map(({ splitId, next, step }) => ({
      splitId,
      generator: new NexmarkGenerator({ ...generation, firstEvent: next, eventStep: step }),
      step,
      end: events,
    }))
    this.#generators = [...this.#generators, ...added]
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<Event>, recordsMax: number): PollResult {
    for (let left = recordsMax; left > 0;) {
      const split = this.#furthestBehind()
      if (split === undefined) break
      left -= emit(split, output, Math.min(left, this.#stretch))
    }
    if (this.#furthestBehind() !== undefined) return 'more'
    return this.#isComplete ? 'end' : 'nothing-now'
  }

  snapshot(): readonly NexmarkSplit[] {
    return this.#generators.map(({ splitId, generator, step }) => ({
      splitId,
      next: generator.nextEvent,
      step,
    }))
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
  readonly splitId: string
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
