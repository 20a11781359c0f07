// The sink interface: a writer takes records, a committer makes them visible, exactly once.
//
//   barrier n          writer.prepareCommit()   what was written before the barrier becomes durable, still hidden;
//                                               what it returns (committables, JSON) is stored in checkpoint n
//   checkpoint n done  committer.commit(...)    makes it visible
//   restore from n     committer.commit(...)    again, with the same committables: commit must be idempotent
//                      writer.open(states)      and what was written after n is thrown away
//
// A sink may ask for more than that, and then it becomes several operators (see docs/design/0021-sink-topologies.md):
//
//   records ─ preWrite ─> writers ─> preCommit stages ─> committer ─> postCommit stages

import type { CheckpointListener } from '../functions/checkpointed-function.ts'
import type { JsonValue } from '../types/json.ts'
import type { CommitStage } from './commit-stage.ts'
import type { Committer, CommitterContext } from './committer.ts'
import type { PreWriteStream } from './pre-write-stream.ts'

/**
 * A writable output. The object only describes; all writing happens in its writers. `T` is what the stream holds, `W`
 * what the writers take, if `preWrite` makes something else of the records.
 */
export interface Sink<T, W = T> {
  /** Shown in plans. */
  readonly name: string
  /** What makes this sink differ from another, as data: part of the plan and its hash. */
  describe(): JsonValue
  /** Called once in each subtask for each start and restart. */
  createWriter(context: SinkWriterContext): SinkWriter<W>
  /** Left out by sinks that make records visible as they write them: at least once, or idempotent. */
  createCommitter?(context: CommitterContext): Committer
  /**
   * How many subtasks commit. Left out, each writer commits what it wrote, unless there are stages: then there are as many
   * committers as subtasks of the operator in front. With 1 there is one committer for the whole job, which is given all committables of a
   * checkpoint in one call: what a table format needs.
   */
  readonly commitParallelism?: number
  /** Prepares the records before they are written: brings those of a partition together, for example. */
  preWrite?(records: PreWriteStream<T>): PreWriteStream<W>
  /** What committables go through before they are committed, in order. Default: nothing. */
  readonly preCommit?: readonly CommitStage[]
  /** What committables go through after they were committed, in order. Default: nothing. */
  readonly postCommit?: readonly CommitStage[]
}

/** What a writer is told. */
export interface SinkWriterContext extends CommitterContext {
  /** Call it when `isAvailable` became true again. */
  readonly wake: () => void
  /** Call it when writing failed outside a call of the writer; the job fails with this error. */
  readonly fail: (error: unknown) => void
  /** Whether the job takes checkpoints; without them, all is committed once, at the end of input. */
  readonly hasCheckpoints: boolean
}

/** What is known of a record when it is written. */
export interface SinkRecordContext {
  /** The record's event time, or `undefined`. */
  readonly timestamp: number | undefined
  /** Milliseconds since 1970; `MIN_WATERMARK` before the first watermark. */
  readonly currentWatermark: number
}

/** Writes records. All calls come from the task's one loop; `write` must not wait. */
export interface SinkWriter<T> extends CheckpointListener {
  /**
   * Called once, before all else. `states` are the writer states of the checkpoint that this subtask takes over,
   * `committables` those that will be committed again; anything else left behind by an earlier attempt may go.
   */
  open(restored: RestoredSinkState): void | Promise<void>
  /** Takes a record, into a buffer if need be. Must not wait. */
  write(value: T, context: SinkRecordContext): void
  /** Event time has come this far: no older record follows. Called for each watermark. */
  writeWatermark?(watermark: number): void
  /** False while buffers are full: the task then takes no more records until `wake`. */
  readonly isAvailable: boolean
  /**
   * Called right before each `prepareCommit`. After the end of input nothing may be held back any more; before, a writer
   * may keep what its state holds.
   */
  flush?(endOfInput: boolean): void
  /**
   * Called at each barrier and at the end of input. The cut is made when it is called, records written
   * later belong to the next one; the promise settles when all before the cut is durable. Resolves with what the
   * committer needs to make it visible.
   */
  prepareCommit(): Promise<readonly JsonValue[]>
  /** The writer's own state at the same cut; called right after `prepareCommit`. Often empty. */
  snapshotState(): readonly JsonValue[]
  /** What the program that submitted the job sends back to this subtask; see {@link SinkWriterContext.sendToClient}. */
  handleClientMessage?(message: unknown): void
  /** Called once at the end, also after a failure. */
  close(): void | Promise<void>
}

/** What a checkpoint holds for one sink subtask. Empty at a fresh start. */
export interface RestoredSinkState {
  /** Whether there was a checkpoint. */
  readonly isRestored: boolean
  /** What writers answered from `snapshotState`. */
  readonly states: readonly JsonValue[]
  /** What will be committed again. */
  readonly committables: readonly JsonValue[]
}
