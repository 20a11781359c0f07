// A source that finds its splits while the job runs and hands them out to the readers that ask: what a connector does
// that lists a directory or a topic again and again.

import type {
  JsonValue,
  PollResult,
  Source,
  SourceOutput,
  SourceReader,
  SourceReaderContext,
  SourceSplit,
  SplitEnumerator,
  SplitEnumeratorContext,
} from 'millrace'

/** The numbers from `next` up to, but not including, `end`. */
export interface Stretch extends SourceSplit {
  readonly next: number
  readonly end: number
}

export interface DiscoveringOptions {
  readonly splits: number
  readonly splitRecords: number
  /** How long it takes until the next split is found. */
  readonly everyMs: number
  readonly reassigns?: boolean
  /** After the last split, more are waited for. */
  readonly isEndless?: boolean
}

/** The numbers from 0 on, in splits of the same length. */
export class DiscoveringSource implements Source<number, Stretch> {
  readonly name = 'DiscoveringSource'
  readonly boundedness = 'bounded'
  readonly type = undefined
  readonly reassignsSplitsOnRecovery: boolean
  readonly #options: DiscoveringOptions

  constructor(options: DiscoveringOptions) {
    this.#options = options
    this.reassignsSplitsOnRecovery = options.reassigns === true
  }

  describe(): JsonValue {
    return { ...this.#options }
  }

  createEnumerator(
    context: SplitEnumeratorContext<Stretch>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<Stretch> {
    return new DiscoveringEnumerator(this.#options, context, restored as State | undefined)
  }

  createReader(context: SourceReaderContext): SourceReader<number, Stretch> {
    return new StretchReader(context)
  }
}

type State = { readonly found: number; readonly unassigned: readonly Stretch[] }

class DiscoveringEnumerator implements SplitEnumerator<Stretch> {
  readonly #options: DiscoveringOptions
  readonly #context: SplitEnumeratorContext<Stretch>
  readonly #asking = new Set<number>()
  #found: number
  #unassigned: readonly Stretch[]

  constructor(
    options: DiscoveringOptions,
    context: SplitEnumeratorContext<Stretch>,
    restored: State = { found: 0, unassigned: [] },
  ) {
    this.#options = options
    this.#context = context
    this.#found = restored.found
    this.#unassigned = restored.unassigned
  }

  start(): void {
    const { everyMs } = this.#options
    this.#context.schedule(
      async () => this.#found,
      (found) => this.#find(found),
      { intervalMs: everyMs },
    )
  }

  addReader(): void {}

  handleSplitRequest(subtaskIndex: number): void {
    this.#asking.add(subtaskIndex)
    this.#answer()
  }

  addSplitsBack(splits: readonly Stretch[]): void {
    this.#unassigned = [...this.#unassigned, ...splits]
    this.#answer()
  }

  snapshotState(): JsonValue {
    return { found: this.#found, unassigned: this.#unassigned } as unknown as JsonValue
  }

  close(): void {}

  get #isComplete(): boolean {
    const { splits, isEndless } = this.#options
    return isEndless !== true && this.#found >= splits
  }

  #find(number: number): void {
    const { splits, splitRecords } = this.#options
    if (number < splits) {
      const next = number * splitRecords
      const split = { splitId: `split ${number}`, next, end: next + splitRecords }
      this.#unassigned = [...this.#unassigned, split]
      this.#found = number + 1
    }
    this.#answer()
  }

  #answer(): void {
    const { registeredReaders, parallelism } = this.#context
    for (const subtaskIndex of this.#asking) {
      const [split, ...others] = this.#unassigned
      if (split !== undefined) {
        this.#unassigned = others
        this.#asking.delete(subtaskIndex)
        this.#context.assignSplits([split], subtaskIndex)
      } else if (this.#isComplete && registeredReaders.size === parallelism) {
        this.#context.signalNoMoreSplits(subtaskIndex)
      }
    }
  }
}

/** Reads one split at a time and then asks for the next. */
class StretchReader implements SourceReader<number, Stretch> {
  readonly #context: SourceReaderContext
  #splits: readonly Stretch[] = []
  #isComplete = false

  constructor(context: SourceReaderContext) {
    this.#context = context
  }

  start(): void {
    this.#context.sendSplitRequest()
  }

  addSplits(splits: readonly Stretch[]): void {
    this.#splits = [...this.#splits, ...splits]
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pollNext(output: SourceOutput<number>, recordsMax: number): PollResult {
    const [split, ...others] = this.#splits
    if (split === undefined) return this.#isComplete ? 'end' : 'nothing-now'
    const end = Math.min(split.next + recordsMax, split.end)
    for (let number = split.next; number < end; number++) output.collect(number, number)
    if (end < split.end) this.#splits = [{ ...split, next: end }, ...others]
    else {
      this.#splits = others
      if (others.length === 0) this.#context.sendSplitRequest()
    }
    return 'more'
  }

  snapshot(): readonly Stretch[] {
    return this.#splits
  }

  close(): void {}
}
