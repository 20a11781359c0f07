// Which subtask of a new run gets which bytes of a checkpoint. A pure decision: nothing is read.
//
//   slot                       same parallelism        another parallelism
//   keyed                      its own                 all old ones whose key groups overlap its range
//   operator                   all                     all; the state backend splits, unites or copies them
//   generalized-watermarks     all                     all; what is known of each channel of any old subtask
//   source, sink, others       its own                 all; the elements are dealt in contiguous runs
//   accumulators               its own                 each old one goes whole to exactly one subtask
//
// Elements are dealt by their reader: every subtask gets the same states, decodes all elements in order and keeps the run
// that `dealtRun` gives it. `operator` goes to all even at the same parallelism, because it may hold union and broadcast state.

import { keyGroupRangeFor } from '@millrace/core'
import type {
  CheckpointMetadata,
  OperatorCheckpoint,
  StateHandle,
  SubtaskCheckpoint,
} from '../metadata/checkpoint-metadata.ts'
import { checkMetadataFitsJob, type RestoringJob, type RestoringOperator } from './check-fit.ts'
import { dealtRun } from './deal.ts'

/** The state of one slot of one old subtask. */
export interface AssignedState {
  readonly fromSubtaskIndex: number
  readonly handle: StateHandle
}

/** What one subtask of the new run is restored from. */
export interface SubtaskAssignment {
  readonly subtaskIndex: number
  /** The subtask had already processed all of its input: its own old one had, or all of the operator had. */
  readonly isFinished: boolean
  /** By slot name, in the order of the old subtasks; a slot that no old subtask had is left out. */
  readonly slots: Readonly<Record<string, readonly AssignedState[]>>
}

/** By operator uid: one assignment for each subtask. Operators that the checkpoint does not know are left out. */
export type StateAssignment = ReadonlyMap<string, readonly SubtaskAssignment[]>

/**
 * Assigns the state of a checkpoint to the operators of a job.
 *
 * @throws MillraceError `CHECKPOINT_OF_ANOTHER_JOB` if no operator of the job is in the checkpoint,
 * `STATE_UNCLAIMED` if an operator with state is not in the job, `STATE_INCOMPATIBLE` if keyed state has
 * another number of key groups.
 * @example
 * ```ts
 * import { assignState, METADATA_FORMAT_VERSION } from '@millrace/checkpoint'
 *
 * const bytes = new Uint8Array(3)
 * const count = { uid: 'count', name: 'count words', parallelism: 1, maxParallelism: 128 }
 * const assignment = assignState({
 *   metadata: {
 *     formatVersion: METADATA_FORMAT_VERSION,
 *     checkpointId: 7,
 *     kind: 'checkpoint',
 *     triggeredAtMs: 0,
 *     completedAtMs: 0,
 *     jobName: 'words',
 *     graphHash: '',
 *     operators: [
 *       {
 *         ...count,
 *         kind: 'process',
 *         subtasks: [
 *           { subtaskIndex: 0, isFinished: false, slots: { keyed: { kind: 'inline', bytes } } },
 *         ],
 *       },
 *     ],
 *   },
 *   job: { name: 'words', operators: [{ ...count, parallelism: 2 }] },
 * })
 * console.log(assignment.get('count')?.length) // 2
 * ```
 */
export function assignState({
  metadata,
  job,
}: {
  readonly metadata: CheckpointMetadata
  readonly job: RestoringJob
}): StateAssignment {
  checkMetadataFitsJob(metadata, job)
  const oldByUid = new Map(metadata.operators.map((operator) => [operator.uid, operator]))
  const assignment = new Map<string, readonly SubtaskAssignment[]>()
  for (const operator of job.operators) {
    const old = oldByUid.get(operator.uid)
    if (old !== undefined) assignment.set(operator.uid, assignOperator(old, operator))
  }
  return assignment
}

function assignOperator(
  old: OperatorCheckpoint,
  operator: RestoringOperator,
): readonly SubtaskAssignment[] {
  const slotNames = new Set(old.subtasks.flatMap((subtask) => Object.keys(subtask.slots)))
  const isEveryOldFinished = old.subtasks.every((subtask) => subtask.isFinished)
  return Array.from({ length: operator.parallelism }, (_, subtaskIndex) => {
    const slots: Record<string, readonly AssignedState[]> = {}
    for (const slot of slotNames) {
      const givers = giversOf(slot, subtaskIndex, old, operator)
      const states = givers.flatMap((giver) => stateOf(giver, slot))
      if (states.length > 0) slots[slot] = states
    }
    const own = old.parallelism === operator.parallelism ? old.subtasks[subtaskIndex] : undefined
    return { subtaskIndex, isFinished: own?.isFinished ?? isEveryOldFinished, slots }
  })
}

function giversOf(
  slot: string,
  subtaskIndex: number,
  old: OperatorCheckpoint,
  { parallelism, maxParallelism }: RestoringOperator,
): readonly SubtaskCheckpoint[] {
  if (slot === 'operator' || slot === 'generalized-watermarks') return old.subtasks
  if (old.parallelism === parallelism) {
    return old.subtasks.slice(subtaskIndex, subtaskIndex + 1)
  }
  if (slot === 'keyed') {
    const range = keyGroupRangeFor(subtaskIndex, parallelism, maxParallelism)
    return old.subtasks.filter((subtask) => {
      const held = keyGroupRangeFor(subtask.subtaskIndex, old.parallelism, maxParallelism)
      return held.start <= range.end && range.start <= held.end
    })
  }
  if (slot === 'accumulators') {
    const { start, end } = dealtRun({ count: old.parallelism, subtaskIndex, parallelism })
    return old.subtasks.slice(start, end)
  }
  return old.subtasks
}

function stateOf(subtask: SubtaskCheckpoint, slot: string): readonly AssignedState[] {
  const handle = Object.hasOwn(subtask.slots, slot) ? subtask.slots[slot] : undefined
  return handle === undefined ? [] : [{ fromSubtaskIndex: subtask.subtaskIndex, handle }]
}
