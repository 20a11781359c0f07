// The source interface: what a connector writes so that the engine can read.
//
//   coordinator                       every source subtask
//   source.enumerateSplits() ──────>  reader = source.createReader(context)
//   (once, at the first start)        reader.open(splits)        new splits, or the states of a checkpoint
//                                     reader.pollNext(out, n)    again and again
//                                     reader.snapshot()          at each barrier: one state a split
//
// A split is a part of the input that one reader reads in order; its state (JSON) says how far. The states
// of a checkpoint are dealt out again when the job restarts, perhaps to another number of readers.

import type { CheckpointListener } from '../functions/checkpointed-function.ts'
import type { Platform } from '../platform/platform.ts'
import type { TypeInfo } from '../types/type-info.ts'
import type { JsonValue } from '../types/json.ts'

/** A readable input. The object only describes; all reading happens in its readers. */
export interface Source<T> {
  /** Shown in plans, for example `FileSource(flights.json)`. */
  readonly name: string
  readonly boundedness: 'bounded' | 'unbounded'
  /** What the readers emit; `undefined` counts as `Types.any()`. */
  readonly type: TypeInfo<T> | undefined
  /** What makes this source differ from another, as data: part of the plan and its hash. */
  describe(): JsonValue
  /** The parts to read, found once when a job starts without a checkpoint. */
  enumerateSplits(context: SplitEnumerationContext): Promise<readonly JsonValue[]>
  createReader(context: SourceReaderContext): SourceReader<T>
}

/** What {@link Source.enumerateSplits} is told. */
export interface SplitEnumerationContext {
  readonly platform: Platform
  readonly parallelism: number
}

/** What a reader is told, and how it wakes the engine. */
export interface SourceReaderContext {
  readonly platform: Platform
  readonly subtaskIndex: number
  readonly parallelism: number
  /** A number that is part of the job's checkpoints, as {@link RuntimeContext.getAccumulator}. */
  readonly addToAccumulator: (name: string, amount: number) => void
  /** Call it when records may be there again after `pollNext` answered `'nothing-now'`. Any number of times. */
  readonly wake: () => void
  /** Call it when reading failed outside `pollNext`; the job fails with this error. */
  readonly fail: (error: unknown) => void
}

/** What `pollNext` answers: call again, wait for `wake`, or never again. */
export type PollResult = 'more' | 'nothing-now' | 'end'

/** Reads splits. All calls come from the task's one loop and never overlap. */
export interface SourceReader<T> extends CheckpointListener {
  /** Called once, before all else, with the splits or the split states this reader shall read. */
  open(splits: readonly JsonValue[]): void | Promise<void>
  /**
   * Emits up to `recordsMax` records and returns at once: no waiting. Input that must be waited for is read
   * ahead in the background, up to a fixed number of bytes.
   */
  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult
  /** The state of each split, finished ones too, so that after a restore nothing is read twice. */
  snapshot(): readonly JsonValue[]
  close(): void | Promise<void>
}

/** Takes the records of a reader. */
export interface SourceOutput<T> {
  /** `timestamp` is the record's own (a Kafka record has one); without it, the watermark strategy gives one. */
  collect(value: T, timestamp?: number): void
}
