// Snapshots of single operators, and how they are dealt out when the operator starts again: by the rules that the job
// master follows for a whole job.

import { assignState, METADATA_FORMAT_VERSION, type SubtaskCheckpoint } from '@millrace/checkpoint'
import { assert, MIN_WATERMARK } from '@millrace/core'
import type { RestoredOperator } from '@millrace/runtime'

/** What one subtask of an operator left in a checkpoint. Plain data: it shares nothing with the operator. */
export interface HarnessSnapshot {
  readonly subtaskIndex: number
  readonly parallelism: number
  readonly maxParallelism: number
  readonly checkpointId: number
  /** The operator had processed all its input. */
  readonly isFinished: boolean
  /** How far time had come on each input. */
  readonly inputWatermarks: readonly number[]
  /** The bytes, by slot name. */
  readonly slots: Readonly<Record<string, Uint8Array>>
}

/** The place of an operator subtask in its job. */
export interface OperatorPlace {
  readonly subtaskIndex: number
  readonly parallelism: number
  readonly maxParallelism: number
}

/** What a subtask gets of the snapshots of all old ones; nothing if there are none. */
export function restoredOperator(
  snapshots: readonly HarnessSnapshot[],
  place: OperatorPlace,
): RestoredOperator {
  const [first] = snapshots
  if (first === undefined) return FRESH
  const { parallelism, maxParallelism } = first
  assert(
    snapshots.every((snapshot) => snapshot.parallelism === parallelism),
    'snapshots that are restored together come from the same run',
  )
  const names = { uid: OPERATOR_UID, name: OPERATOR_UID }
  const assignment = assignState({
    metadata: {
      formatVersion: METADATA_FORMAT_VERSION,
      checkpointId: 1,
      kind: 'checkpoint',
      triggeredAtMs: 0,
      completedAtMs: 0,
      jobName: 'harness',
      graphHash: '',
      operators: [
        { ...names, kind: 'harness', parallelism, maxParallelism, subtasks: subtasksOf(snapshots) },
      ],
    },
    job: { name: 'harness', operators: [{ ...names, ...place }] },
  })
  const assigned = assignment.get(OPERATOR_UID)?.[place.subtaskIndex]
  return {
    isRestored: true,
    checkpointId: Math.max(...snapshots.map((snapshot) => snapshot.checkpointId)),
    isFinished: assigned?.isFinished ?? false,
    parallelism,
    slot: (name) =>
      (assigned?.slots[name] ?? []).flatMap(({ fromSubtaskIndex, handle }) =>
        handle.kind === 'inline' ? [{ subtaskIndex: fromSubtaskIndex, bytes: handle.bytes }] : [],
      ),
  }
}

/** How far time had come on each input: of several old subtasks, the smallest. */
export function restoredInputWatermarks(
  snapshots: readonly HarnessSnapshot[],
  inputCount: number,
): readonly number[] {
  if (snapshots.length === 0) return Array.from({ length: inputCount }, () => MIN_WATERMARK)
  return Array.from({ length: inputCount }, (_, input) =>
    Math.min(...snapshots.map((snapshot) => snapshot.inputWatermarks[input] ?? MIN_WATERMARK)),
  )
}

/** The uid of the operator in a harness. */
export const OPERATOR_UID = 'operator'

const FRESH: RestoredOperator = {
  isRestored: false,
  checkpointId: undefined,
  isFinished: false,
  parallelism: 0,
  slot: () => [],
}

function subtasksOf(snapshots: readonly HarnessSnapshot[]): readonly SubtaskCheckpoint[] {
  const bySubtask = new Map(snapshots.map((snapshot) => [snapshot.subtaskIndex, snapshot]))
  return Array.from({ length: snapshots[0]?.parallelism ?? 0 }, (_, subtaskIndex) => {
    const snapshot = bySubtask.get(subtaskIndex)
    const slots = Object.entries(snapshot?.slots ?? {}).map(
      ([slot, bytes]) => [slot, { kind: 'inline', bytes }] as const,
    )
    return {
      subtaskIndex,
      isFinished: snapshot?.isFinished ?? false,
      slots: Object.fromEntries(slots),
    }
  })
}
