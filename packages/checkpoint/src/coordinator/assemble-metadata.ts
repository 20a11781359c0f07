import { assert } from '@millrace/core'
import type {
  CheckpointMetadata,
  OperatorCheckpoint,
  SubtaskCheckpoint,
} from '../metadata/checkpoint-metadata.ts'
import { METADATA_FORMAT_VERSION } from '../metadata/metadata-format.ts'
import type { OperatorSnapshot, PendingCheckpoint } from './pending-checkpoint.ts'

/** What the metadata says beside the acknowledgements. */
export interface CompletedCheckpointFacts {
  readonly jobName: string
  readonly graphHash: string
  readonly oldestOwnId: number
  /** Milliseconds since 1970. */
  readonly completedAtMs: number
  /** Every operator of the job, without its subtasks. */
  readonly operators: readonly Omit<OperatorCheckpoint, 'subtasks' | 'enumerator'>[]
}

/**
 * The metadata of a fully acknowledged checkpoint. Every subtask of every operator must be in the
 * acknowledgements, exactly once: a checkpoint with a hole would restore half a job.
 */
export function assembleMetadata(
  pending: PendingCheckpoint,
  facts: CompletedCheckpointFacts,
): CheckpointMetadata {
  assert(pending.isFullyAcknowledged, 'metadata is made of a fully acknowledged checkpoint')
  const snapshotsByUid = new Map<string, OperatorSnapshot[]>()
  for (const { uid } of facts.operators) snapshotsByUid.set(uid, [])
  for (const snapshot of pending.snapshots) {
    const ofOperator = snapshotsByUid.get(snapshot.uid)
    assert(ofOperator !== undefined, `the acknowledged operator ${snapshot.uid} belongs to the job`)
    ofOperator.push(snapshot)
  }
  return {
    formatVersion: METADATA_FORMAT_VERSION,
    checkpointId: pending.checkpointId,
    kind: pending.kind,
    triggeredAtMs: pending.triggeredAtMs,
    completedAtMs: facts.completedAtMs,
    jobName: facts.jobName,
    graphHash: facts.graphHash,
    oldestOwnId: facts.oldestOwnId,
    operators: facts.operators.map((operator) => {
      const enumerator = pending.enumerators.get(operator.uid)
      return {
        uid: operator.uid,
        name: operator.name,
        kind: operator.kind,
        parallelism: operator.parallelism,
        maxParallelism: operator.maxParallelism,
        subtasks: subtasksInOrder(operator, snapshotsByUid.get(operator.uid) ?? []),
        ...(enumerator !== undefined && { enumerator }),
      }
    }),
  }
}

function subtasksInOrder(
  operator: Omit<OperatorCheckpoint, 'subtasks' | 'enumerator'>,
  snapshots: readonly OperatorSnapshot[],
): readonly SubtaskCheckpoint[] {
  const ordered = snapshots.toSorted((left, right) => left.subtaskIndex - right.subtaskIndex)
  const isWhole =
    ordered.length === operator.parallelism &&
    ordered.every((snapshot, index) => snapshot.subtaskIndex === index)
  assert(
    isWhole,
    `each of the ${operator.parallelism} subtasks of ${operator.uid} acknowledged once`,
  )
  return ordered.map(({ subtaskIndex, isFinished, slots }) => ({ subtaskIndex, isFinished, slots }))
}
