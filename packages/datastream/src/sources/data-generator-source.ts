import {
  checkInteger,
  checkOptions,
  type JsonValue,
  MillraceError,
  type PollResult,
  show,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  type Timer,
  type TypeInfo,
} from '@millrace/core'
import { checkFunction } from '../functions/check-function.ts'
import { IndexCursor, type IndexSplit, indexSplits } from './index-cursor.ts'
import { RateLimit } from './rate-limit.ts'

/** What a {@link DataGeneratorSource} makes. */
export interface DataGeneratorOptions<T> {
  /** Makes the record of an index, from 0. Must depend on nothing else: after a failure it is asked again. */
  readonly generator: (index: number) => T
  /** How many records. Default: without end. */
  readonly count?: number
  /** Records a second, over all subtasks. Default: as fast as they are taken. */
  readonly recordsPerSecond?: number
  /** The type of the records. Default: unknown, so `Types.any()`. */
  readonly type?: TypeInfo<T>
  /** Shown in plans. Default `Data Generator`. */
  readonly name?: string
}

/**
 * Records made by a function of their index: for tests, examples and load. Its position is part of checkpoints, so it replays
 * exactly. Parallel subtasks take turns: of two, one makes the records 0, 2, 4 …, the other 1, 3, 5 …
 *
 * @throws MillraceError `OPTION_INVALID` or `OPTION_UNKNOWN`
 * @example
 * ```ts
 * import { DataGeneratorSource, StreamExecutionEnvironment, Types, WatermarkStrategy } from 'millrace'
 *
 * const squares = new DataGeneratorSource({ count: 4, generator: (i) => i * i, type: Types.long })
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const stream = env.fromSource(squares, WatermarkStrategy.noWatermarks(), 'squares')
 * console.log(await stream.executeAndCollect()) // [ 0, 1, 4, 9 ]
 * ```
 */
export class DataGeneratorSource<T> implements Source<T, IndexSplit> {
  readonly name: string
  readonly boundedness: 'bounded' | 'unbounded'
  readonly type: TypeInfo<T> | undefined
  readonly #generator: (index: number) => T
  readonly #count: number | null
  readonly #recordsPerSecond: number | null

  constructor(options: DataGeneratorOptions<T>) {
    checkOptions('DataGeneratorSource', options, [
      'generator',
      'count',
      'recordsPerSecond',
      'type',
      'name',
    ])
    const { generator, count, recordsPerSecond, type, name } = options
    this.#generator = checkFunction('DataGeneratorSource', generator)
    this.#count = count === undefined ? null : checkCount(count)
    this.#recordsPerSecond = recordsPerSecond === undefined ? null : checkRate(recordsPerSecond)
    this.boundedness = this.#count === null ? 'unbounded' : 'bounded'
    this.type = type
    this.name = name ?? 'Data Generator'
  }

  describe(): JsonValue {
    return {
      source: 'data-generator',
      count: this.#count,
      recordsPerSecond: this.#recordsPerSecond,
    }
  }

  createEnumerator(
    context: SplitEnumeratorContext<IndexSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<IndexSplit> {
    const findSplits = (): readonly IndexSplit[] => indexSplits(this.#count, context.parallelism)
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<T, IndexSplit> {
    const perSecond = this.#recordsPerSecond
    return new GeneratorReader(
      this.#generator,
      context,
      perSecond === null ? undefined : perSecond / context.parallelism,
    )
  }
}

class GeneratorReader<T> implements SourceReader<T, IndexSplit> {
  readonly #generator: (index: number) => T
  readonly #context: SourceReaderContext
  readonly #rate: RateLimit | undefined
  readonly #cursor = new IndexCursor()
  #timer: Timer | undefined

  constructor(
    generator: (index: number) => T,
    context: SourceReaderContext,
    perSecond: number | undefined,
  ) {
    this.#generator = generator
    this.#context = context
    const { clock } = context.platform
    this.#rate =
      perSecond === undefined ? undefined : new RateLimit(perSecond, () => clock.monotonicMs())
  }

  start(): void {}

  addSplits(splits: readonly IndexSplit[]): void {
    this.#cursor.addSplits(splits)
  }

  notifyNoMoreSplits(): void {
    this.#cursor.notifyNoMoreSplits()
  }

  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult {
    const cursor = this.#cursor
    if (cursor.pollResult !== 'more') return cursor.pollResult
    const records = this.#rate === undefined ? recordsMax : this.#rate.take(recordsMax)
    if (records === 0) return this.#wait()
    for (let n = 0; n < records; n++) {
      const index = cursor.take()
      if (index === undefined) break
      output.collect(this.#generator(index))
    }
    return cursor.pollResult
  }

  snapshot(): readonly IndexSplit[] {
    return this.#cursor.snapshot()
  }

  close(): void {
    this.#timer?.cancel()
  }

  #wait(): PollResult {
    this.#timer?.cancel()
    this.#timer = this.#context.platform.timers.after(this.#rate?.delayMs ?? 0, this.#context.wake)
    return 'nothing-now'
  }
}

function checkCount(count: number): number {
  return checkInteger('count', count, { min: 0, max: Number.MAX_SAFE_INTEGER })
}

function checkRate(recordsPerSecond: number): number {
  if (Number.isFinite(recordsPerSecond) && recordsPerSecond > 0) return recordsPerSecond
  throw new MillraceError('OPTION_INVALID', {
    expected: 'recordsPerSecond as a number above 0',
    came: show(recordsPerSecond),
    todo: 'Leave it out for a source without a limit.',
  })
}
