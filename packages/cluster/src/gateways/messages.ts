// What the job master and its task executors say to each other. Every message names the attempt it belongs to;
// one of an older attempt is dropped: it is the fencing token of this protocol.
//
//   job master ── deploy ─> opened ── start ──> ( trigger ─> acknowledged … complete ─> committed, older ones subsumed
//                                                        └─> declined … aborted )*
//              ── finish ─> finished      or  ── cancel ─> canceled

import type { OperatorSnapshot, TaskCheckpointFigures } from '@millrace/checkpoint'
import type { AccumulatorReport } from '@millrace/core'
import type { Barrier } from '@millrace/exchange'
import type { JobGraph, JobSettings, SinkMessage } from '@millrace/job-graph'
import type { SourceCommand, SourceEvent, TaskDeployment } from '@millrace/runtime'
import type { WireError } from './wire-error.ts'

/** Job master to task executor. */
export type ExecutorCommand =
  | DeployCommand
  | { readonly kind: 'start'; readonly attempt: number }
  /** To the source of a task, from its coordinator. Keeps its order against `trigger-checkpoint`. */
  | {
      readonly kind: 'source-command'
      readonly attempt: number
      readonly vertexId: string
      readonly subtaskIndex: number
      readonly command: SourceCommand
    }
  | { readonly kind: 'trigger-checkpoint'; readonly attempt: number; readonly barrier: Barrier }
  | {
      readonly kind: 'checkpoint-complete'
      readonly attempt: number
      readonly checkpointId: number
    }
  | { readonly kind: 'checkpoint-aborted'; readonly attempt: number; readonly checkpointId: number }
  | {
      readonly kind: 'checkpoint-subsumed'
      readonly attempt: number
      readonly checkpointId: number
    }
  /** From the program that submitted the job, to a subtask of a sink. */
  | ({ readonly kind: 'client-message'; readonly attempt: number } & SinkMessage)
  /** The job is done: close all tasks. */
  | { readonly kind: 'finish'; readonly attempt: number }
  | { readonly kind: 'cancel'; readonly attempt: number }

/** Deploys all tasks of one executor. */
export interface DeployCommand {
  readonly kind: 'deploy'
  readonly attempt: number
  /** Differs between two starts of the job. */
  readonly runId: string
  /** The executor compares it with the graph it built itself. */
  readonly graph: JobGraph
  readonly settings: JobSettings
  readonly tasks: readonly TaskDeployment[]
  readonly placement: Placement
  /** The checkpoint that the tasks' restored state is of, or `null`. */
  readonly checkpointId: number | null
}

/** The executor of each subtask, by vertex id. */
export type Placement = Readonly<Record<string, readonly number[]>>

/** Task executor to job master. */
export type ExecutorReport =
  | { readonly kind: 'opened'; readonly attempt: number }
  /** From the source of a task, to its coordinator. */
  | {
      readonly kind: 'source-event'
      readonly attempt: number
      readonly vertexId: string
      readonly subtaskIndex: number
      readonly event: SourceEvent
    }
  | { readonly kind: 'drained'; readonly attempt: number; readonly task: string }
  | {
      readonly kind: 'acknowledged'
      readonly attempt: number
      readonly task: string
      readonly checkpointId: number
      readonly snapshots: readonly OperatorSnapshot[]
      readonly figures: TaskCheckpointFigures
    }
  | {
      readonly kind: 'declined'
      readonly attempt: number
      readonly task: string
      readonly checkpointId: number
      readonly error: WireError
    }
  | { readonly kind: 'failed'; readonly attempt: number; readonly error: WireError }
  | {
      readonly kind: 'committed'
      readonly attempt: number
      readonly checkpointId: number
      /** A task has something left that only a further final checkpoint ends. */
      readonly needsCheckpoint: boolean
    }
  | { readonly kind: 'finished'; readonly attempt: number }
  | { readonly kind: 'canceled'; readonly attempt: number }
  | {
      readonly kind: 'figures'
      readonly attempt: number
      readonly accumulators: AccumulatorReport
      readonly sourceRecords: Readonly<Record<string, number>>
    }
  | {
      readonly kind: 'collected'
      readonly attempt: number
      readonly uid: string
      readonly subtaskIndex: number
      readonly payload: unknown
    }

/** The name of a task in messages. */
export function taskName(vertexId: string, subtaskIndex: number): string {
  return `${vertexId}/${subtaskIndex}`
}
