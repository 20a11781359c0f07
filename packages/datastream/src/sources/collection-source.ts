import {
  FrameBuffer,
  frameCodec,
  inferType,
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  type TypeInfo,
} from '@millrace/core'
import { IndexCursor, type IndexSplit, indexSplits } from './index-cursor.ts'
import { describeCheck, type SchemaCheck, SchemaGate } from './schema-gate.ts'

/** How the values of a {@link CollectionSource} become records. */
export interface CollectionSourceInit<T> {
  readonly values: readonly unknown[]
  readonly type: TypeInfo<T> | undefined
  readonly check: SchemaCheck<T> | undefined
}

/** The values of an array. See {@link StreamExecutionEnvironment.fromData}. */
export class CollectionSource<T> implements Source<T, IndexSplit> {
  readonly name: string = 'Collection Source'
  readonly boundedness = 'bounded' as const
  readonly type: TypeInfo<T> | undefined
  readonly #values: readonly unknown[]
  readonly #check: SchemaCheck<T> | undefined

  constructor({ values, type, check }: CollectionSourceInit<T>) {
    this.#values = [...values]
    this.#check = check
    this.type = type
  }

  describe(): JsonValue {
    return { source: 'collection', count: this.#values.length, ...describeCheck(this.#check) }
  }

  createEnumerator(
    context: SplitEnumeratorContext<IndexSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<IndexSplit> {
    const findSplits = (): readonly IndexSplit[] =>
      indexSplits(this.#values.length, context.parallelism)
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<T, IndexSplit> {
    const gate = this.#check && new SchemaGate(this.#check, context)
    return new CollectionReader(this.#values, this.#recordType(), gate)
  }

  /**
   * The type whose class the records get. One that is inferred stays in here: what functions make of such records may be of
   * another type, so that the stream itself has none.
   */
  #recordType(): TypeInfo<T> | undefined {
    if (this.type !== undefined || this.#check !== undefined) return this.type
    const inferred = inferType(this.#values)
    return inferred?.kind === 'record' ? inferred : undefined
  }
}

class CollectionReader<T> implements SourceReader<T, IndexSplit> {
  readonly #values: readonly unknown[]
  readonly #asRecords: (values: T[]) => readonly T[]
  readonly #gate: SchemaGate<T> | undefined
  readonly #cursor = new IndexCursor()

  constructor(
    values: readonly unknown[],
    type: TypeInfo<T> | undefined,
    gate: SchemaGate<T> | undefined,
  ) {
    this.#values = values
    this.#gate = gate
    this.#asRecords = type === undefined ? (batch) => batch : recordsOf(type)
  }

  start(): void {}

  addSplits(splits: readonly IndexSplit[]): void {
    this.#cursor.addSplits(splits)
  }

  notifyNoMoreSplits(): void {
    this.#cursor.notifyNoMoreSplits()
  }

  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult {
    const batch: T[] = []
    for (let n = 0; n < recordsMax; n++) {
      const index = this.#cursor.take()
      if (index === undefined) break
      const value = this.#values[index]
      if (this.#gate === undefined) batch.push(value as T)
      else if (this.#gate.accepts(value)) batch.push(this.#gate.record)
    }
    for (const record of this.#asRecords(batch)) output.collect(record)
    return this.#cursor.pollResult
  }

  snapshot(): readonly IndexSplit[] {
    return this.#cursor.snapshot()
  }

  close(): void {}
}

/** Writing values as a frame checks them against their type, and reading it makes them records of the engine's classes. */
function recordsOf<T>(type: TypeInfo<T>): (values: T[]) => readonly T[] {
  const codec = frameCodec(type)
  const frame = new FrameBuffer(new ArrayBuffer(4096))
  return (values) => {
    const timestamps = new Float64Array(values.length)
    codec.encode(frame, 0, values, timestamps, values.length)
    codec.decode(frame, 0, values, timestamps)
    return values
  }
}
