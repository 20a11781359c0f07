// What a connector writes to read splits, and what it reads them with.

import type { Platform } from '../platform/platform.ts'
import type { WatermarkDeclaration, WatermarkValueOf } from '../time/generalized-watermark.ts'
import type { JsonValue } from '../types/json.ts'
import type { SourceSplit } from './source-split.ts'

/** What a reader is told, and how it reaches the engine and its enumerator. */
export interface SourceReaderContext {
  /** The clock, files and network to use, so that the simulator can run the source. */
  readonly platform: Platform
  /** The name of the operator that reads, as plans and logs show it. */
  readonly operatorName: string
  /** From 0. */
  readonly subtaskIndex: number
  /** How many readers there are. */
  readonly parallelism: number
  /** A number that is part of the job's checkpoints, as {@link RuntimeContext.getAccumulator}. */
  readonly addToAccumulator: (name: string, amount: number) => void
  /** Call it when records may be there again after `pollNext` answered `'nothing-now'`. Any number of times. */
  readonly wake: () => void
  /** Call it when reading failed outside `pollNext`; the job fails with this error. */
  readonly fail: (error: unknown) => void
  /**
   * Asks the enumerator for splits: its `handleSplitRequest` is called. Requests are not part of checkpoints: after a
   * restore a reader that has nothing to read asks again, in `start`.
   */
  readonly sendSplitRequest: () => void
  /** Sends JSON to the enumerator's `handleSourceEvent`. */
  readonly sendSourceEvent: (event: JsonValue) => void
}

/** What `pollNext` answers: call again, wait for `wake` or for splits, or never again. */
export type PollResult = 'more' | 'nothing-now' | 'end'

/**
 * Reads splits. All calls come from the task's one loop and never overlap.
 *
 * ```
 * start ─> addSplits (restored) ─> ( addSplits | notifyNoMoreSplits | pollNext | snapshot | … )* ─> close
 * ```
 */
export interface SourceReader<T, S extends SourceSplit = SourceSplit> {
  /** Called once, before all else. May wait for what it needs; no task of the job runs before. */
  start(): void | Promise<void>
  /** These splits are the reader's now: fresh ones, or the states of a checkpoint. They must not be changed in place. */
  addSplits(splits: readonly S[]): void
  /** The last `addSplits` was the last one: after these splits the reader is at its end. */
  notifyNoMoreSplits(): void
  /**
   * Emits up to `recordsMax` records and returns at once: no waiting. Input that must be waited for is read
   * ahead in the background, up to a fixed number of bytes. `'end'` may only be answered after `notifyNoMoreSplits`.
   */
  pollNext(output: SourceOutput<T>, recordsMax: number): PollResult
  /** The splits as far as they are read; those that are read to their end may be left out. JSON, and not changed later. */
  snapshot(): readonly S[]
  /**
   * Holds splits back that are too far ahead of others, for sources that say `hasTimePerSplit`: their records are not emitted until
   * they are resumed. Left out by readers that cannot; then the whole reader is held back, when all its splits are ahead.
   */
  readonly pauseOrResumeSplits?:
    | ((toPause: readonly string[], toResume: readonly string[]) => void)
    | undefined
  /** What the enumerator sent by `sendEventToReader`. */
  handleSourceEvent?(event: JsonValue): void
  /** The checkpoint that held the latest {@link snapshot} before it, and all before, are durable. */
  notifyCheckpointComplete?(checkpointId: number): void | Promise<void>
  /** The checkpoint failed and will never be complete. */
  notifyCheckpointAborted?(checkpointId: number): void
  /** A newer checkpoint has taken the place of this complete one. */
  notifyCheckpointSubsumed?(checkpointId: number): void
  /** Gives up what it holds. Called once, also after a failure. */
  close(): void | Promise<void>
}

/** Takes the records of a split, or of a reader. */
export interface SplitOutput<T> {
  /** `timestamp` is the record's own (a Kafka record has one); without it, the watermark strategy gives one. */
  collect(value: T, timestamp?: number): void
  /** No record is to be waited for here, until {@link markActive} or until a watermark. Any number of times. */
  markIdle(): void
  /** The opposite of {@link markIdle}. Any number of times. */
  markActive(): void
}

/** Takes the records of a reader. */
export interface SourceOutput<T> extends SplitOutput<T> {
  /**
   * Takes the records of one split, for sources that say `hasTimePerSplit`: these emit all records so. Any number of times
   * for a split, until it is released.
   */
  forSplit(splitId: string): SplitOutput<T>
  /**
   * The split is read to its end: it holds the time of the others back no more. A reader that has released all its splits, and
   * has not asked for others, is idle until it is given one.
   */
  releaseSplit(splitId: string): void
  /**
   * Emits a watermark of the user's own kind, between the records, whatever splits they are of. The stream of the source must
   * declare it, by `declareWatermarks`. What was emitted before a checkpoint is not emitted again after a restore by the engine.
   *
   * @throws MillraceError `OPTION_INVALID` if it does not, or for a value of another type.
   */
  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void
}
