// What committables go through on their way to the committer and behind it: a stage is an operator of its own, with its own
// parallelism and state.
//
//   batches of committables ──process──> [ processor ] ──context.emit──> batches for the next stage
//
// A batch reaches the first stage after the checkpoint that made its committables durable. What a stage was given and has
// not emitted yet must be in its state; after a restore it is emitted then. After the end of input the job takes final
// checkpoints until no stage has anything left, so a stage need not hurry.

import type { JsonValue } from '../types/json.ts'
import type { CommitterContext } from './committer.ts'

/** The committables of one writer and one checkpoint, or what a stage made of them. Plain JSON. */
export type CommittableBatch = {
  /** The checkpoint that holds them. */
  readonly checkpointId: number
  /** The writer they come from. A stage that joins batches may give any of theirs. */
  readonly subtaskIndex: number
  /** How many writers there are: so many batches come for each checkpoint, empty ones too. */
  readonly subtaskCount: number
  readonly committables: readonly JsonValue[]
}

/** One step before or after the commit. The object only describes. */
export interface CommitStage {
  /** Shown in plans. */
  readonly name: string
  /** Default: as many as the stage before has. */
  readonly parallelism?: number
  createProcessor(context: CommitStageContext): CommitStageProcessor
}

/** What a stage is told. */
export interface CommitStageContext extends CommitterContext {
  /** Hands a batch on. May be called at any time but in `open` and `snapshotState`; `process` need not wait for it. */
  readonly emit: (batch: CommittableBatch) => void
  /** Call it when work failed outside of a call of the processor; the job fails with this error. */
  readonly fail: (error: unknown) => void
}

/** Processes the batches of one subtask. Calls never overlap. */
export interface CommitStageProcessor {
  /** Called once, before all else, with the state of the checkpoint that this subtask takes over. */
  open?(states: readonly JsonValue[]): void | Promise<void>
  /** Takes a batch. Work that waits goes on behind it. */
  process(batch: CommittableBatch): void
  /** A checkpoint is complete: what `snapshotState` answered for it is durable. */
  onCheckpointComplete?(completed: CompletedStageCheckpoint): void
  /** Resolves when no work is under way. Asked after the end of input. */
  whenIdle?(): Promise<void>
  /**
   * Whether something was processed and not emitted yet. Empty batches must not count: each further final checkpoint brings
   * one, and the job would never end.
   */
  readonly isHolding: boolean
  /** All that was processed and not emitted yet. */
  snapshotState(): readonly JsonValue[]
  close?(): void | Promise<void>
}

/** What {@link CommitStageProcessor.onCheckpointComplete} is told. */
export interface CompletedStageCheckpoint {
  readonly checkpointId: number
  /** No record will come any more: what waits for more should go on. */
  readonly isEndOfInput: boolean
}
