// A source that emits what a test puts into it, split by split: to drive time, idleness and alignment by hand.

import type {
  JsonValue,
  PollResult,
  Source,
  SourceOutput,
  SourceReader,
  SourceReaderContext,
  SourceSplit,
  SplitEnumerator,
} from '@millrace/core'

/** What a {@link ScriptedSource} can do. */
export interface ScriptedSourceOptions {
  /** Default: false. */
  readonly hasTimePerSplit?: boolean
  /** Whether single splits can be held back. Default: false. */
  readonly canPauseSplits?: boolean
}

/** Records are their own timestamps. One reader, made for an `OperatorHarness`, where the test is the coordinator. */
export class ScriptedSource implements Source<number> {
  readonly name = 'scripted'
  readonly boundedness = 'unbounded'
  readonly type = undefined
  readonly hasTimePerSplit: boolean
  readonly paused: Set<string> = new Set()
  readonly #canPauseSplits: boolean
  readonly #waiting: { readonly splitId: string; readonly at: number }[] = []
  #splits: readonly SourceSplit[] = []
  #context: SourceReaderContext | undefined
  #output: SourceOutput<number> | undefined
  #isComplete = false

  constructor({ hasTimePerSplit = false, canPauseSplits = false }: ScriptedSourceOptions = {}) {
    this.hasTimePerSplit = hasTimePerSplit
    this.#canPauseSplits = canPauseSplits
  }

  /** A record that the next poll emits, unless its split is paused. */
  put(splitId: string, at: number): void {
    this.#waiting.push({ splitId, at })
    this.#context?.wake()
  }

  /** The reader asks for a split. */
  request(): void {
    this.#context?.sendSplitRequest()
  }

  /** The output of the reader; there after the first poll. */
  get output(): SourceOutput<number> {
    if (this.#output === undefined) throw new Error('the source was not polled')
    return this.#output
  }

  /** How many records wait to be emitted. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  describe(): JsonValue {
    return this.name
  }

  createEnumerator(): SplitEnumerator {
    throw new Error('the test is the coordinator')
  }

  createReader(context: SourceReaderContext): SourceReader<number> {
    this.#context = context
    this.#splits = []
    const pausing = {
      pauseOrResumeSplits: (toPause: readonly string[], toResume: readonly string[]) => {
        for (const splitId of toPause) this.paused.add(splitId)
        for (const splitId of toResume) this.paused.delete(splitId)
      },
    }
    return {
      start: () => {},
      addSplits: (splits) => {
        this.#splits = [...this.#splits, ...splits]
      },
      notifyNoMoreSplits: () => {
        this.#isComplete = true
      },
      pollNext: (output, recordsMax) => this.#poll(output, recordsMax),
      snapshot: () => this.#splits,
      close: () => {},
      ...(this.#canPauseSplits && pausing),
    }
  }

  /** The reader is at the end of a split. */
  release(splitId: string): void {
    this.#splits = this.#splits.filter((split) => split.splitId !== splitId)
    this.output.releaseSplit(splitId)
  }

  #poll(output: SourceOutput<number>, recordsMax: number): PollResult {
    this.#output = output
    const ready = this.#waiting.filter(({ splitId }) => !this.paused.has(splitId))
    for (const record of ready.slice(0, recordsMax)) {
      this.#waiting.splice(this.#waiting.indexOf(record), 1)
      const { splitId, at } = record
      if (this.hasTimePerSplit) output.forSplit(splitId).collect(at, at)
      else output.collect(at, at)
    }
    if (ready.length > recordsMax) return 'more'
    return this.#isComplete && this.#waiting.length === 0 ? 'end' : 'nothing-now'
  }
}
