import {
  FrameBuffer,
  frameCodec,
  type JsonValue,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  type TypeInfo,
} from '@millrace/core'
import { IndexCursor, type IndexSplit, indexSplits } from './index-cursor.ts'

/** The values of an array. See {@link StreamExecutionEnvironment.fromData}. */
export class CollectionSource<T> implements Source<T, IndexSplit> {
  readonly name: string = 'Collection Source'
  readonly boundedness = 'bounded' as const
  readonly type: TypeInfo<T> | undefined
  readonly #values: readonly T[]

  constructor(values: readonly T[], type: TypeInfo<T> | undefined) {
    this.#values = [...values]
    this.type = type
  }

  describe(): JsonValue {
    return { source: 'collection', count: this.#values.length }
  }

  createEnumerator(
    context: SplitEnumeratorContext<IndexSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<IndexSplit> {
    const findSplits = (): readonly IndexSplit[] =>
      indexSplits(this.#values.length, context.parallelism)
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(): SourceReader<T, IndexSplit> {
    return new CollectionReader(this.#values, this.type)
  }
}

class CollectionReader<T> implements SourceReader<T, IndexSplit> {
  readonly #values: readonly T[]
  readonly #asRecords: (values: T[]) => readonly T[]
  readonly #cursor = new IndexCursor()

  constructor(values: readonly T[], type: TypeInfo<T> | undefined) {
    this.#values = values
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
    while (batch.length < recordsMax) {
      const index = this.#cursor.take()
      if (index === undefined) break
      batch.push(this.#values[index] as T)
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
