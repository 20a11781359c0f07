import { checkInteger, MillraceError, show } from '@millrace/core'
import type { DataStream } from '@millrace/datastream'
import type { ScriptEntry, ScriptSource, SplitScript } from './mini-source.ts'

/** What a test does with one split of a source. All calls can be chained. */
export interface MiniSplit<T> {
  /** Emits a record, with a timestamp if it has event time. */
  emit(value: T, timestamp?: number): this
  /** Says that event time has come so far. */
  watermark(watermark: number): this
  /** Says that nothing is to be waited for here, until the next record, watermark or {@link active}. */
  idle(): this
  /** The opposite of {@link idle}. */
  active(): this
  /** Says that this was all. */
  end(): this
}

/**
 * A source that a test writes; see {@link MiniEnvironment.source}. What is written plays when the test lets time pass, in the
 * order in which it was written, and again after a failure, from the checkpoint on.
 *
 * @example
 * ```ts
 * import { MiniEnvironment } from 'millrace/testing'
 *
 * const mini = new MiniEnvironment()
 * const numbers = mini.source<number>()
 * const doubled = mini.collect(numbers.stream.map((n) => 2 * n))
 * numbers.emit(1).emit(2).end()
 * await mini.runToEnd()
 * console.log(doubled.values) // [ 2, 4 ]
 * await mini.close()
 * ```
 */
export class MiniSource<T> implements MiniSplit<T> {
  /** The records of the source. */
  readonly stream: DataStream<T>
  readonly #script: ScriptSource<T>
  readonly #splits: readonly ScriptedSplit<T>[]

  constructor(stream: DataStream<T>, script: ScriptSource<T>) {
    this.stream = stream
    this.#script = script
    let sequence = 0
    const write = (split: SplitScript<T>, entry: ScriptEntry<T>): void => {
      split.add(sequence++, entry)
      script.wake()
    }
    this.#splits = script.scripts.map(
      (split) =>
        new ScriptedSplit(
          split,
          (entry) => write(split, entry),
          () => script.wake(),
        ),
    )
  }

  /** One split of several, from 0. The methods of the source itself are those of split 0, but for {@link end}. */
  split(index: number): MiniSplit<T> {
    checkInteger('the index of a split', index, { min: 0, max: this.#splits.length - 1 })
    return this.#splits[index] as ScriptedSplit<T>
  }

  emit(value: T, timestamp?: number): this {
    this.split(0).emit(value, timestamp)
    return this
  }

  watermark(watermark: number): this {
    this.split(0).watermark(watermark)
    return this
  }

  idle(): this {
    this.split(0).idle()
    return this
  }

  active(): this {
    this.split(0).active()
    return this
  }

  /** Ends all splits. Any number of times. */
  end(): this {
    for (const split of this.#script.scripts) split.end()
    this.#script.wake()
    return this
  }
}

class ScriptedSplit<T> implements MiniSplit<T> {
  readonly #split: SplitScript<T>
  readonly #write: (entry: ScriptEntry<T>) => void
  readonly #wake: () => void

  constructor(split: SplitScript<T>, write: (entry: ScriptEntry<T>) => void, wake: () => void) {
    this.#split = split
    this.#write = write
    this.#wake = wake
  }

  emit(value: T, timestamp?: number): this {
    return this.#add({ kind: 'record', value, timestamp })
  }

  watermark(watermark: number): this {
    if (!Number.isInteger(watermark)) {
      throw new MillraceError('TIMESTAMP_INVALID', {
        expected: 'whole milliseconds since 1970 as a watermark',
        came: show(watermark),
        todo: 'Write for example watermark(59_999).',
      })
    }
    return this.#add({ kind: 'watermark', watermark })
  }

  idle(): this {
    return this.#add({ kind: 'idle' })
  }

  active(): this {
    return this.#add({ kind: 'active' })
  }

  end(): this {
    this.#split.end()
    this.#wake()
    return this
  }

  #add(entry: ScriptEntry<T>): this {
    if (this.#split.hasEnded) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'a split that has not ended',
        came: `${entry.kind} after its end`,
        todo: 'Call end() last; runToEnd() ends all sources of the test.',
      })
    }
    this.#write(entry)
    return this
  }
}
