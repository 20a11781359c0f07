// Events that are due at equal distances, whether the job keeps up or not. Each says when it was due, and that is its event
// time: who measures from there also measures how long an event waited because the job, or this source, was late.

import {
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
  type SourceSplit,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  Types,
} from 'millrace'
import { monotonicMs } from './monotonic-clock.ts'

/** One event. */
export interface PacedEvent {
  readonly key: number
  /** By {@link monotonicMs}. */
  readonly dueMs: number
}

class PacedEventRecord implements PacedEvent {
  readonly key: number
  readonly dueMs: number

  constructor(key: number, dueMs: number) {
    this.key = key
    this.dueMs = dueMs
  }
}

const PacedEventType = Types.record({ key: Types.int, dueMs: Types.double })

/** What is due, and for how long. */
export interface PacedSourceOptions {
  /** Of all readers together. */
  readonly eventsPerSecond: number
  readonly seconds: number
  readonly keys: number
}

/** As often as the reader looks what is due: the shortest time that a timer of Node can wait. */
const LOOK_EVERY_MS = 1

/** Events at a fixed rate, one part of them from each subtask. */
export class PacedSource implements Source<PacedEvent, SourceSplit> {
  readonly name: string = 'PacedSource'
  readonly boundedness = 'bounded'
  readonly type = PacedEventType
  readonly #options: PacedSourceOptions

  constructor(options: PacedSourceOptions) {
    this.#options = options
  }

  describe(): JsonValue {
    return { ...this.#options }
  }

  createEnumerator(
    context: SplitEnumeratorContext<SourceSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<SourceSplit> {
    const findSplits = (): readonly SourceSplit[] =>
      Array.from({ length: context.parallelism }, (_, index) => ({ splitId: String(index) }))
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<PacedEvent, SourceSplit> {
    return new PacedReader(this.#options, context)
  }
}

class PacedReader implements SourceReader<PacedEvent, SourceSplit> {
  readonly #context: SourceReaderContext
  readonly #keys: number
  readonly #msPerEvent: number
  readonly #count: number
  #startMs: number | undefined
  #next = 0
  #isComplete = false
  /** One at a time, however often the reader is asked in between. */
  #isLookPlanned = false
  /** Another prime for each reader: they do not go through the keys side by side. */
  readonly #stride: number

  constructor(
    { eventsPerSecond, seconds, keys }: PacedSourceOptions,
    context: SourceReaderContext,
  ) {
    this.#context = context
    this.#keys = keys
    this.#msPerEvent = (1000 * context.parallelism) / eventsPerSecond
    this.#count = Math.floor((seconds * 1000) / this.#msPerEvent)
    this.#stride = context.subtaskIndex % 2 === 0 ? 7919 : 104_729
  }

  start(): void {}

  addSplits(): void {
    this.#startMs ??= monotonicMs()
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<PacedEvent>, recordsMax: number): PollResult {
    if (this.#startMs === undefined) return 'nothing-now'
    const nowMs = monotonicMs()
    const due = Math.min(Math.floor((nowMs - this.#startMs) / this.#msPerEvent), this.#count)
    const end = Math.min(due, this.#next + recordsMax)
    for (; this.#next < end; this.#next++) {
      const dueMs = this.#startMs + this.#next * this.#msPerEvent
      const key = (this.#next * this.#stride) % this.#keys
      output.collect(new PacedEventRecord(key, dueMs), Math.floor(dueMs))
    }
    if (this.#next < due) return 'more'
    if (this.#next === this.#count && this.#isComplete) return 'end'
    this.#planLook()
    return 'nothing-now'
  }

  #planLook(): void {
    if (this.#isLookPlanned) return
    this.#isLookPlanned = true
    this.#context.platform.timers.after(LOOK_EVERY_MS, () => {
      this.#isLookPlanned = false
      this.#context.wake()
    })
  }

  /** It is measured how fast results come, not what they are: a restart is not foreseen. */
  snapshot(): readonly SourceSplit[] {
    return []
  }

  close(): void {}
}
