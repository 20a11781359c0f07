// What a connector writes to find splits and to deal them out to readers. It lives with the coordinator of the job.

import type { Platform } from '../platform/platform.ts'
import type { JsonValue } from '../types/json.ts'
import type { SourceSplit } from './source-split.ts'

/** A reader that has registered. */
export interface RegisteredReader<S extends SourceSplit = SourceSplit> {
  readonly subtaskIndex: number
  /** The splits that it came with out of a checkpoint; empty at a fresh start. */
  readonly splits: readonly S[]
  /** It had come to its end before the checkpoint: it takes no splits. */
  readonly hasEnded: boolean
}

/** What works in an enumerator's own time: begun at once or later, once or again and again. */
export interface EnumeratorSchedule {
  /** Before the first time. Default: 0. */
  readonly delayMs?: number
  /** Between the end of one time and the beginning of the next. Default: it happens once. */
  readonly intervalMs?: number
}

/** What an enumerator acts through. All of it may be used from its first call until `close`. */
export interface SplitEnumeratorContext<S extends SourceSplit = SourceSplit> {
  readonly platform: Platform
  /** The number of readers. */
  readonly parallelism: number
  /** By subtask index. A reader is in it before `addReader` is called for it. */
  readonly registeredReaders: ReadonlyMap<number, RegisteredReader<S>>
  /** Gives splits to a registered reader. They are then the reader's: {@link SplitEnumerator.snapshotState} leaves them out. */
  assignSplits(splits: readonly S[], subtaskIndex: number): void
  /** Tells a registered reader that it will get no further splits. Bounded sources end by it. */
  signalNoMoreSplits(subtaskIndex: number): void
  /** Sends JSON to the reader's `handleSourceEvent`. */
  sendEventToReader(event: JsonValue, subtaskIndex: number): void
  /**
   * Does work that waits, then calls `handler` with what it gave, like any other call of the enumerator: never during
   * another one. If either fails, so does the job. Work that is still under way at the end is not heard of any more.
   */
  runAsync<R>(work: () => Promise<R>, handler: (result: R) => void): void
  /** As {@link runAsync}, later or again and again. One time never overlaps another. */
  schedule<R>(
    work: () => Promise<R>,
    handler: (result: R) => void,
    schedule: EnumeratorSchedule,
  ): void
  /**
   * Says whether what is being read now is old and waits to be caught up with, such as the first snapshot of a table. As long as any
   * source says so, checkpoints are taken at the interval `intervalDuringBacklog`. At first it is not; it is not part of checkpoints,
   * so that a restored enumerator says it again.
   */
  setIsProcessingBacklog(isProcessingBacklog: boolean): void
  /** Fails the job, which restarts if its strategy allows. */
  fail(error: unknown): void
}

/**
 * Finds splits and assigns them. All calls come one after the other, none during another.
 *
 * ```
 * start ─> ( addSplitsBack | addReader | handleSplitRequest | handleSourceEvent | snapshotState | … )* ─> close
 * ```
 */
export interface SplitEnumerator<S extends SourceSplit = SourceSplit> {
  /** Called once, before the first reader registers. If it waits, so does the start of the job. */
  start(): void | Promise<void>
  /** A reader has registered: it can be given splits. */
  addReader(subtaskIndex: number): void
  /** A reader asks for splits. May be left out if splits are assigned without being asked for. */
  handleSplitRequest?(subtaskIndex: number): void
  /**
   * Splits that a reader was given and will not read: the enumerator has them again. Comes before `addReader` of that
   * subtask, for sources that say `reassignsSplitsOnRecovery`.
   */
  addSplitsBack(splits: readonly S[], subtaskIndex: number): void
  /** What a reader sent by `sendSourceEvent`. */
  handleSourceEvent?(event: JsonValue, subtaskIndex: number): void
  /** What it must remember, at this moment: above all the splits that are not assigned, and what was discovered so far. */
  snapshotState(checkpointId: number): JsonValue
  /** The checkpoint is durable, and so are all before it. */
  notifyCheckpointComplete?(checkpointId: number): void
  /** Gives up what it holds. Called once, also after a failure. */
  close(): void | Promise<void>
}
