// Keys of which some come far more often than others, drawn beforehand so that emitting them costs next to nothing.

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
import { seedOf, step } from '../nexmark/random.ts'

/** What is emitted. */
export interface ZipfSourceOptions {
  /** Of all readers together. */
  readonly events: number
  readonly keys: number
  /** Key k comes in proportion to 1 / k^exponent: 0 is all equally often. */
  readonly exponent: number
}

const DRAWN = 1 << 16
/** A second of event time. */
const EVENTS_PER_SECOND = 100_000

/** Keys from 1 on, in order of time, an equal part from each subtask. */
export class ZipfSource implements Source<number, SourceSplit> {
  readonly name: string = 'ZipfSource'
  readonly boundedness = 'bounded'
  readonly type = Types.int
  readonly #options: ZipfSourceOptions

  constructor(options: ZipfSourceOptions) {
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

  createReader({ parallelism, subtaskIndex }: SourceReaderContext): SourceReader<number> {
    const events = Math.floor(this.#options.events / parallelism)
    return new ZipfReader(drawKeys(this.#options, subtaskIndex + 1), events, parallelism)
  }
}

class ZipfReader implements SourceReader<number> {
  readonly #keys: Int32Array
  readonly #events: number
  readonly #msPerEvent: number
  #next = 0
  #isComplete = false

  constructor(keys: Int32Array, events: number, parallelism: number) {
    this.#keys = keys
    this.#events = events
    this.#msPerEvent = (1000 * parallelism) / EVENTS_PER_SECOND
  }

  start(): void {}

  addSplits(): void {}

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<number>, recordsMax: number): PollResult {
    const end = Math.min(this.#next + recordsMax, this.#events)
    for (; this.#next < end; this.#next++) {
      const key = this.#keys[this.#next & (DRAWN - 1)] as number
      output.collect(key, Math.floor(this.#next * this.#msPerEvent))
    }
    if (end < this.#events) return 'more'
    return this.#isComplete ? 'end' : 'nothing-now'
  }

  /** It is measured how fast the job is: a restart is not foreseen. */
  snapshot(): readonly SourceSplit[] {
    return []
  }

  close(): void {}
}

/** Draws keys by looking where a random number falls among the sums of their weights. */
export function drawKeys({ keys, exponent }: ZipfSourceOptions, seed: number): Int32Array {
  const sums = new Float64Array(keys)
  let sum = 0
  for (let key = 1; key <= keys; key++) sums[key - 1] = sum += key ** -exponent
  let state = seedOf(seed, 0)
  return Int32Array.from({ length: DRAWN }, () => {
    state = step(state)
    return firstAtLeast(sums, ((state >>> 0) / 2 ** 32) * sum) + 1
  })
}

function firstAtLeast(sorted: Float64Array, wanted: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) >= wanted) high = middle
    else low = middle + 1
  }
  return low
}
