// Whether the state of a checkpoint has a place in a job. State is matched by operator uid, so these errors
// are met by people who changed a job, and say how to get the state back.

import { MillraceError } from '@millrace/core'
import type { CheckpointMetadata, OperatorCheckpoint } from '../metadata/checkpoint-metadata.ts'

/** The job that is to be restored. */
export interface RestoringJob {
  readonly name: string
  readonly operators: readonly RestoringOperator[]
}

/** One operator of the job that is to be restored. */
export interface RestoringOperator {
  readonly uid: string
  readonly name: string
  readonly parallelism: number
  readonly maxParallelism: number
}

/** A checkpoint without the state that nobody claims, and whose that was. */
export interface ClaimedState {
  readonly claimed: CheckpointMetadata
  /** The operators with state that the job does not have. */
  readonly unclaimed: readonly OperatorCheckpoint[]
}

/**
 * Leaves the state of operators behind that the job does not have.
 *
 * @throws MillraceError `CHECKPOINT_OF_ANOTHER_JOB` if no operator of the job is in the checkpoint.
 */
export function claimedState(metadata: CheckpointMetadata, job: RestoringJob): ClaimedState {
  const uids = new Set(job.operators.map(({ uid }) => uid))
  const unclaimed = metadata.operators.filter(
    (operator) => hasState(operator) && !uids.has(operator.uid),
  )
  if (unclaimed.length === 0) return { claimed: metadata, unclaimed }
  if (!metadata.operators.some(({ uid }) => uids.has(uid))) {
    throw checkpointOfAnotherJob(metadata, job)
  }
  const operators = metadata.operators.filter((operator) => !unclaimed.includes(operator))
  return { claimed: { ...metadata, operators }, unclaimed }
}

/**
 * @throws MillraceError `CHECKPOINT_OF_ANOTHER_JOB`, `STATE_UNCLAIMED` or `STATE_INCOMPATIBLE`.
 */
export function checkMetadataFitsJob(metadata: CheckpointMetadata, job: RestoringJob): void {
  const { unclaimed } = claimedState(metadata, job)
  if (unclaimed.length > 0) throw stateUnclaimed(metadata, job, unclaimed)
  const jobByUid = new Map(job.operators.map((operator) => [operator.uid, operator]))
  for (const old of metadata.operators.filter(hasState)) {
    const operator = jobByUid.get(old.uid)
    if (operator !== undefined) checkKeyGroups(metadata, old, operator)
  }
}

function hasState(operator: OperatorCheckpoint): boolean {
  return operator.subtasks.some((subtask) => Object.keys(subtask.slots).length > 0)
}

function checkKeyGroups(
  { checkpointId }: CheckpointMetadata,
  old: OperatorCheckpoint,
  operator: RestoringOperator,
): void {
  const isKeyed = old.subtasks.some((subtask) => Object.hasOwn(subtask.slots, 'keyed'))
  if (!isKeyed || old.maxParallelism === operator.maxParallelism) return
  throw new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the maxParallelism ${old.maxParallelism} that the keyed state of ${named(old)} has in checkpoint ${checkpointId}`,
    came: `${operator.maxParallelism}`,
    todo:
      `Set the operator's maxParallelism to ${old.maxParallelism} again. The number of key groups is fixed ` +
      'when an operator first runs; the parallelism may change up to it.',
    ids: { checkpointId, uid: old.uid },
  })
}

function checkpointOfAnotherJob(metadata: CheckpointMetadata, job: RestoringJob): MillraceError {
  const { checkpointId, jobName } = metadata
  const isSameName = jobName === job.name
  return new MillraceError('CHECKPOINT_OF_ANOTHER_JOB', {
    expected: `a checkpoint of the job '${job.name}'`,
    came:
      `checkpoint ${checkpointId} of the job '${jobName}', none of whose operators ` +
      `(${uidsOf(metadata.operators)}) is in this job`,
    todo: isSameName
      ? 'The operators lost their uids. Give them the uids listed above, or start without the checkpoint ' +
        'in another directory.'
      : 'Give each job a checkpoint directory of its own, or name the checkpoint of this job.',
    ids: { checkpointId, jobName: job.name, checkpointJobName: jobName },
  })
}

function stateUnclaimed(
  { checkpointId }: CheckpointMetadata,
  job: RestoringJob,
  unclaimed: readonly OperatorCheckpoint[],
): MillraceError {
  return new MillraceError('STATE_UNCLAIMED', {
    expected: `an operator in the job '${job.name}' for all state of checkpoint ${checkpointId}`,
    came: `no operator with the uid of ${unclaimed.map(named).join(', ')}`,
    todo:
      'Give the operator its uid back with .uid(...): state is found by uid, and an operator without one gets a ' +
      'uid that depends on its place in the job. If the operator is gone for good, restore with ' +
      'allowNonRestoredState: true, which leaves its state behind.',
    ids: { checkpointId, jobName: job.name },
  })
}

function named({ uid, name }: OperatorCheckpoint): string {
  return uid === name ? `'${uid}'` : `'${uid}' (${name})`
}

function uidsOf(operators: readonly OperatorCheckpoint[]): string {
  const shown = operators.slice(0, 5).map((operator) => `'${operator.uid}'`)
  return operators.length > 5
    ? `${shown.join(', ')} and ${operators.length - 5} more`
    : shown.join(', ')
}
