// A source of one's own: replays a JSON array of flights out of order, as they would come in over unreliable lines.
//
// The order is that of the dates, with each flight moved by a seeded chance of up to `disorder` places. It depends on the
// seed alone, so a restored reader finds flight n where it was: its position is one number.

import {
  type JsonValue,
  MillraceError,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
} from 'millrace'
import { Flight, toFlight } from './flight.ts'

/** How long a reader with a rate waits between two looks at the clock. */
const PAUSE_MS = 5

/** What is replayed. */
export interface ReplayOptions {
  /** A JSON array of flights. */
  readonly path: string
  readonly seed: number
  /** How many places a flight may come too late or too early. */
  readonly disorder: number
  /** Flights per second; 0 as fast as they are taken. */
  readonly rate: number
}

/** The flights from number `next` on. */
interface ReplaySplit extends SourceSplit {
  readonly next: number
}

/** Flights out of order. One split: the file is read by one subtask. */
export class ReplaySource implements Source<Flight, ReplaySplit> {
  readonly name = 'ReplaySource'
  readonly boundedness = 'bounded'
  readonly type = Flight
  readonly #options: ReplayOptions

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  describe(): JsonValue {
    return { ...this.#options }
  }

  createEnumerator(
    context: SplitEnumeratorContext<ReplaySplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<ReplaySplit> {
    const findSplits = async (): Promise<readonly ReplaySplit[]> => {
      // A file that cannot be opened is better known now than when the job is running.
      await (await context.platform.files.open(this.#options.path)).close()
      return [{ splitId: 'all', next: 0 }]
    }
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<Flight, ReplaySplit> {
    return new ReplayReader(this.#options, context)
  }
}

class ReplayReader implements SourceReader<Flight, ReplaySplit> {
  readonly #options: ReplayOptions
  readonly #context: SourceReaderContext
  /** `undefined` until the file is read. */
  #flights: readonly Flight[] | undefined
  #split: ReplaySplit | undefined
  #isComplete = false
  #next = 0
  #startedMs = 0
  #emitted = 0
  #pause: { cancel(): void } | undefined

  constructor(options: ReplayOptions, context: SourceReaderContext) {
    this.#options = options
    this.#context = context
  }

  start(): void {}

  addSplits([split]: readonly ReplaySplit[]): void {
    if (split === undefined) return
    this.#split = split
    this.#next = split.next
    this.#load().then(this.#context.wake, this.#context.fail)
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<Flight>, recordsMax: number): PollResult {
    if (this.#split === undefined) return this.#isComplete ? 'end' : 'nothing-now'
    const flights = this.#flights
    if (flights === undefined) return 'nothing-now'
    const end = Math.min(this.#next + this.#allowance(recordsMax), flights.length)
    for (; this.#next < end; this.#next++) {
      output.collect(flights[this.#next] as Flight)
      this.#emitted++
      this.#context.addToAccumulator('flights read', 1)
    }
    if (this.#next >= flights.length) return this.#isComplete ? 'end' : 'nothing-now'
    if (this.#options.rate === 0) return 'more'
    this.#pause ??= this.#context.platform.timers.after(PAUSE_MS, () => {
      this.#pause = undefined
      this.#context.wake()
    })
    return 'nothing-now'
  }

  snapshot(): readonly ReplaySplit[] {
    return this.#split === undefined ? [] : [{ ...this.#split, next: this.#next }]
  }

  close(): void {
    this.#pause?.cancel()
    this.#flights = undefined
  }

  async #load(): Promise<void> {
    const { path } = this.#options
    const bytes = await this.#context.platform.files.read(path)
    const flights = parseArray(path, new TextDecoder().decode(bytes)).map(toFlight)
    this.#flights = shuffled(flights, this.#options)
    this.#startedMs = this.#context.platform.clock.monotonicMs()
  }

  #allowance(recordsMax: number): number {
    const { rate } = this.#options
    if (rate === 0) return recordsMax
    const elapsedMs = this.#context.platform.clock.monotonicMs() - this.#startedMs
    return Math.max(0, Math.min(recordsMax, Math.floor((elapsedMs * rate) / 1000) - this.#emitted))
  }
}

function parseArray(path: string, text: string): readonly JsonValue[] {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch (cause) {
    throw notFlights(path, 'text that is not JSON', cause)
  }
  if (Array.isArray(value)) return value as readonly JsonValue[]
  throw notFlights(path, 'JSON that is not an array')
}

function notFlights(path: string, came: string, cause?: unknown): MillraceError {
  return new MillraceError('RECORD_MALFORMED', {
    expected: `a JSON array of flights in ${path}`,
    came,
    todo: 'Choose another input: flights-20k.json or flights-200k.json of vega-datasets.',
    ids: { file: path },
    cause,
  })
}

/** By date, then each moved by chance: sorted again by its place plus a random number up to `disorder`. */
function shuffled(flights: readonly Flight[], { seed, disorder }: ReplayOptions): Flight[] {
  const random = mulberry32(seed)
  return flights
    .toSorted((a, b) => a.date - b.date)
    .map((flight, place) => ({ flight, place: place + random() * disorder }))
    .sort((a, b) => a.place - b.place)
    .map(({ flight }) => flight)
}

/** A small seeded generator of numbers from 0 to 1 (mulberry32, by Tommy Ettinger, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
