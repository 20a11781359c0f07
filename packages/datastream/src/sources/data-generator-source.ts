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
  TokenBucket,
  type TypeInfo,
} from '@millrace/core'
import { checkFunction } from '../functions/check-function.ts'
import { IndexCursor, type IndexSplit, indexSplits } from './index-cursor.ts'
import {
  checkSchemaOptions,
  describeCheck,
  type SchemaCheck,
  SchemaGate,
  type SchemaOptions,
  type ValidationOptions,
} from './schema-gate.ts'

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

/** What a {@link DataGeneratorSource} makes with the help of a schema. */
export interface ValidatedGeneratorOptions<T>
  extends Omit<DataGeneratorOptions<T>, 'generator'>, ValidationOptions<T> {
  /** Makes what the schema makes a record of, from an index. Must depend on nothing else. */
  readonly generator: (index: number) => unknown
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
  readonly #check: SchemaCheck<T> | undefined

  constructor(options: ValidatedGeneratorOptions<T>)
  constructor(options: DataGeneratorOptions<T>)
  constructor(options: DataGeneratorOptions<T> & SchemaOptions<T>) {
    checkOptions('DataGeneratorSource', options, [
      'generator',
      'count',
      'recordsPerSecond',
      'type',
      'schema',
      'onMalformed',
      'name',
    ])
    const { generator, count, recordsPerSecond, type, name } = options
    this.#generator = checkFunction('DataGeneratorSource', generator)
    this.#count = count === undefined ? null : checkCount(count)
    this.#recordsPerSecond = recordsPerSecond === undefined ? null : checkRate(recordsPerSecond)
    this.boundedness = this.#count === null ? 'unbounded' : 'bounded'
    this.type = type
    this.name = name ?? 'Data Generator'
    this.#check = checkSchemaOptions('DataGeneratorSource', options)
  }

  describe(): JsonValue {
    return {
      source: 'data-generator',
      count: this.#count,
      recordsPerSecond: this.#recordsPerSecond,
      ...describeCheck(this.#check),
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
    return new GeneratorReader({
      generator: this.#generator,
      context,
      perSecond: perSecond === null ? undefined : perSecond / context.parallelism,
      gate: this.#check && new SchemaGate(this.#check, context),
    })
  }
}

interface GeneratorReaderInit<T> {
  readonly generator: (index: number) => T
  readonly context: SourceReaderContext
  readonly perSecond: number | undefined
  readonly gate: SchemaGate<T> | undefined
}

class GeneratorReader<T> implements SourceReader<T, IndexSplit> {
  readonly #generator: (index: number) => T
  readonly #context: SourceReaderContext
  readonly #rate: TokenBucket | undefined
  readonly #gate: SchemaGate<T> | undefined
  readonly #cursor = new IndexCursor()
  #timer: Timer | undefined

  constructor({ generator, context, perSecond, gate }: GeneratorReaderInit<T>) {
    this.#generator = generator
    this.#context = context
    this.#gate = gate
    const { clock } = context.platform
    this.#rate =
      perSecond === undefined ? undefined : new TokenBucket(perSecond, () => clock.monotonicMs())
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
      const value = this.#generator(index)
      if (this.#gate === undefined) output.collect(value)
      else if (this.#gate.accepts(value)) output.collect(this.#gate.record)
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
