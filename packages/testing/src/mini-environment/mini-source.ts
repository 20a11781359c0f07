// A source that plays what a test writes into it. The script stays with the test; a reader only remembers how far it has
// played, so that after a failure it goes on from its checkpoint.
//
//   source.emit, watermark, idle … ──> script of a split ──played by──> reader ──> entries ──> their values
//
// Watermarks are entries too: the generator of the source emits them when it sees one pass, so they keep their place
// between the records.

import {
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  type WatermarkGenerator,
} from '@millrace/core'

/** One line of a script. */
export type ScriptEntry<T> =
  | { readonly kind: 'record'; readonly value: T; readonly timestamp: number | undefined }
  | { readonly kind: 'watermark'; readonly watermark: number }
  | { readonly kind: 'idle' }
  | { readonly kind: 'active' }

/** What one split plays, and when it is over. */
export class SplitScript<T> {
  readonly #entries: { readonly sequence: number; readonly entry: ScriptEntry<T> }[] = []
  #hasEnded = false

  /** Adds a line. `sequence` orders it among the lines of all splits. */
  add(sequence: number, entry: ScriptEntry<T>): void {
    this.#entries.push({ sequence, entry })
  }

  end(): void {
    this.#hasEnded = true
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** When the line at `position` was written; infinity if it was not yet. */
  sequenceAt(position: number): number {
    return this.#entries[position]?.sequence ?? Number.POSITIVE_INFINITY
  }

  entryAt(position: number): ScriptEntry<T> | undefined {
    return this.#entries[position]?.entry
  }

  /** Whether there is nothing at `position` and never will be. */
  isOverAt(position: number): boolean {
    return this.#hasEnded && position >= this.#entries.length
  }
}

/** How far a split is played. */
export interface PlayedSplit {
  readonly splitId: string
  readonly index: number
  readonly position: number
}

/** Plays scripts. */
export class ScriptSource<T> implements Source<ScriptEntry<T>, PlayedSplit> {
  readonly name: string
  readonly boundedness = 'unbounded'
  readonly type = undefined
  readonly hasTimePerSplit = true
  readonly scripts: readonly SplitScript<T>[]
  readonly #readers = new Set<SourceReaderContext>()

  constructor(name: string, splitCount: number) {
    this.name = name
    this.scripts = Array.from({ length: splitCount }, () => new SplitScript<T>())
  }

  describe(): JsonValue {
    return { name: this.name, splits: this.scripts.length }
  }

  /** There is something new in a script. */
  wake(): void {
    for (const reader of this.#readers) reader.wake()
  }

  createEnumerator(
    context: SplitEnumeratorContext<PlayedSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<PlayedSplit> {
    const findSplits = (): readonly PlayedSplit[] =>
      this.scripts.map((_, index) => ({ splitId: `split ${index}`, index, position: 0 }))
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<ScriptEntry<T>, PlayedSplit> {
    this.#readers.add(context)
    return new ScriptReader(this.scripts, () => this.#readers.delete(context))
  }
}

class ScriptReader<T> implements SourceReader<ScriptEntry<T>, PlayedSplit> {
  readonly #scripts: readonly SplitScript<T>[]
  readonly #onClose: () => void
  readonly #paused = new Set<string>()
  #splits: readonly PlayedSplit[] = []
  #isComplete = false

  constructor(scripts: readonly SplitScript<T>[], onClose: () => void) {
    this.#scripts = scripts
    this.#onClose = onClose
  }

  start(): void {}

  addSplits(splits: readonly PlayedSplit[]): void {
    this.#splits = [...this.#splits, ...splits]
  }

  notifyNoMoreSplits(): void {
    this.#isComplete = true
  }

  pauseOrResumeSplits(toPause: readonly string[], toResume: readonly string[]): void {
    for (const splitId of toPause) this.#paused.add(splitId)
    for (const splitId of toResume) this.#paused.delete(splitId)
  }

  pollNext(output: SourceOutput<ScriptEntry<T>>, recordsMax: number): PollResult {
    for (let count = 0; count < recordsMax; count++) {
      const next = this.#earliest()
      const entry = next && this.#scripts[next.index]?.entryAt(next.position)
      if (next === undefined || entry === undefined) return this.#afterLast(output)
      this.#replace(next, { ...next, position: next.position + 1 })
      const timestamp = entry.kind === 'record' ? entry.timestamp : undefined
      output.forSplit(next.splitId).collect(entry, timestamp)
    }
    return 'more'
  }

  snapshot(): readonly PlayedSplit[] {
    return this.#splits
  }

  close(): void {
    this.#onClose()
  }

  /** The split whose next line was written first. */
  #earliest(): PlayedSplit | undefined {
    const sequenceOf = ({ index, position }: PlayedSplit): number =>
      this.#scripts[index]?.sequenceAt(position) ?? Number.POSITIVE_INFINITY
    const ready = this.#splits.filter(
      (split) => !this.#paused.has(split.splitId) && sequenceOf(split) < Number.POSITIVE_INFINITY,
    )
    return ready.reduce<PlayedSplit | undefined>(
      (first, split) =>
        first === undefined || sequenceOf(split) < sequenceOf(first) ? split : first,
      undefined,
    )
  }

  #afterLast(output: SourceOutput<ScriptEntry<T>>): PollResult {
    const over = this.#splits.filter(
      ({ index, position }) => this.#scripts[index]?.isOverAt(position) === true,
    )
    for (const { splitId } of over) output.releaseSplit(splitId)
    this.#splits = this.#splits.filter((split) => !over.includes(split))
    return this.#isComplete && this.#splits.length === 0 ? 'end' : 'nothing-now'
  }

  #replace(before: PlayedSplit, after: PlayedSplit): void {
    this.#splits = this.#splits.map((split) => (split === before ? after : split))
  }
}

/** Emits the watermarks of a script where they stand. */
export function scriptedWatermarks(): WatermarkGenerator<ScriptEntry<unknown>> {
  return {
    onEvent: (entry, _timestamp, output) => {
      if (entry.kind === 'watermark') output.emitWatermark(entry.watermark)
      else if (entry.kind === 'idle') output.markIdle()
      // Whatever comes ends idleness.
      else output.markActive()
    },
  }
}
