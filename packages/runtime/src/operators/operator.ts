// The deal between a task and its operators.
//
//   constructor ─> open ─> ( processElement | processWatermark | timers | mail | snapshot )*
//                       ─> finish? ─> ( timers | mail | snapshot )* until drained ─> snapshot* ─> close
//
// All calls come from the task's one loop and never overlap. Records are handed on by calling the output's
// `processElement`, directly, one record a call; nothing on that path waits. An operator throws to fail its job.

import type { GeneralizedWatermark, KeyGroupRange, Parameters, Platform } from '@millrace/core'
import type { InputGate } from '@millrace/exchange'
import type { FunctionTable, JobOperator } from '@millrace/job-graph'
import type { ProcessingTimeService } from '../timers/processing-time-service.ts'
import type { SourceEvent } from '../sources/source-messages.ts'
import type { AccumulatorSet } from '../task/accumulator-set.ts'

/** Takes records and watermarks: an operator's input, or the writer of an edge. */
export interface Input<T> {
  /** `timestamp` is `NO_TIMESTAMP` for a record without event time. */
  processElement(value: T, timestamp: number): void
  /** No older record will follow. Watermarks only grow. */
  processWatermark(watermark: number): void
  /**
   * `true`: nothing is to be waited for here, others go on without this input. `false`: it counts again, and records may
   * follow. At first an input counts. The end of time, `MAX_WATERMARK`, may come whatever the status.
   */
  processWatermarkStatus(isIdle: boolean): void
  /**
   * A watermark of the user's own kind. An operator with two inputs is told through the first, what both say together. It is not
   * told again after a restart.
   */
  processGeneralizedWatermark(watermark: GeneralizedWatermark): void
}

/** Named byte blobs of one operator subtask: its part of a checkpoint. */
export type OperatorSnapshot = Readonly<Record<string, Uint8Array | Promise<Uint8Array>>>

/** One operator of a running task. */
export interface Operator {
  /** One input for each stream it reads; a source has none. */
  readonly inputs: readonly Input<never>[]
  /** Puts restored state back and prepares; may wait. Must not emit records. */
  open(): void | Promise<void>
  /** All input has ended, and the last watermark was processed: emit what is left, now or until {@link isDrained}. */
  finish(): void
  /**
   * Whether nothing that came in is still to be emitted by and by. After `finish`, the operators behind this one are not finished
   * before it is true; it calls `context.wake` then.
   */
  readonly isDrained: boolean
  /**
   * The state at this moment. What is not yet bytes is cut here and delivered by a promise; the operator goes on meanwhile.
   */
  snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot
  /** The checkpoint is durable, and so are all before it. */
  notifyCheckpointComplete(checkpointId: number): void | Promise<void>
  /**
   * Asked when all input has ended and `notifyCheckpointComplete` of a final checkpoint has settled: whether what it holds, or
   * has emitted since the barrier, needs another one. Left out by operators that never do.
   */
  readonly needsCheckpoint?: boolean
  /** The checkpoint will never be complete. No snapshot is taken for it any more. */
  notifyCheckpointAborted(checkpointId: number): void
  /** The checkpoint is complete, and nobody will restore it any more: a newer one has taken its place. */
  notifyCheckpointSubsumed(checkpointId: number): void
  /** What the program that submitted the job sends to this subtask. Left out by all operators but sinks. */
  handleClientMessage?(message: unknown): void
  /** Gives up what it holds. Called once, also after a failure. */
  close(): void | Promise<void>
  /** False while it cannot take records; it calls `context.wake` when it can. */
  readonly isAvailable: boolean
}

/** What an operator is made of. */
export interface OperatorContext {
  readonly platform: Platform
  readonly operator: JobOperator
  readonly functions: FunctionTable
  readonly jobName: string
  readonly taskName: string
  readonly subtaskIndex: number
  readonly parallelism: number
  readonly maxParallelism: number
  readonly keyGroupRange: KeyGroupRange
  /** 0 at the first start, one more after each restart. */
  readonly attempt: number
  /** Differs between two starts of the job, the same in all its subtasks. */
  readonly runId: string
  readonly autoWatermarkIntervalMs: number
  readonly hasCheckpoints: boolean
  /** The channels that lead back to the head of a loop. */
  readonly feedback: InputGate | undefined
  readonly output: Input<unknown>
  /** The readers of a side output; an output that drops everything if nobody reads it. */
  readonly sideOutput: (tag: string) => Input<unknown>
  readonly restored: RestoredOperator
  readonly processingTime: ProcessingTimeService
  readonly accumulators: AccumulatorSet
  /** Whether input waits that the task does not take: its output is full, or it waits for a barrier on another channel. */
  readonly isInputBlocked: () => boolean
  readonly globalJobParameters: Parameters
  /** The paths of the job's cached files by name. */
  readonly cachedFiles: Readonly<Record<string, string>>
  /** Runs `mail` in the task's loop, once the task runs; for what comes from promises. What it throws fails the task. */
  readonly enqueue: (mail: () => void) => void
  /** Work may be possible again, or something was emitted outside of a call by the task. */
  readonly wake: () => void
  /** Fails the task, from outside a call of the operator. */
  readonly fail: (error: unknown) => void
  readonly sendToClient: (payload: unknown) => void
  /** From a source to its coordinator. */
  readonly sendSourceEvent: (event: SourceEvent) => void
}

/** What a checkpoint holds for one operator subtask; empty at a fresh start. */
export interface RestoredOperator {
  readonly isRestored: boolean
  /** The checkpoint; `undefined` at a fresh start. */
  readonly checkpointId: number | undefined
  /** It had processed all its input: `finish` was called before the checkpoint. */
  readonly isFinished: boolean
  /** The number of subtasks that wrote the checkpoint. */
  readonly parallelism: number
  /** The blobs of one slot, from the old subtasks that concern this one. */
  readonly slot: (name: string) => readonly RestoredSlot[]
}

/** One blob, and which old subtask wrote it. */
export interface RestoredSlot {
  readonly subtaskIndex: number
  readonly bytes: Uint8Array
}

/** Makes an operator of one kind. */
export type OperatorFactory = (context: OperatorContext) => Operator
