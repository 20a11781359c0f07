// Looks into a checkpoint without a job. Metadata is read whole; of state files only what says how much of what is in them, unless
// checksums are to be compared, and then a piece at a time: a gigabyte of state needs no gigabyte of memory.

import type { OperatorCheckpoint, StateHandle } from '@millrace/checkpoint'
import type { FileSystem, JsonValue } from '@millrace/core'
import { outlineSnapshot, type SnapshotBytes } from '@millrace/state'
import type { CheckpointDescription, OperatorDescription } from './checkpoint-description.ts'
import { findCheckpoint } from './find-checkpoint.ts'
import { OperatorTotals } from './operator-totals.ts'
import { type StatePlace, withStateBytes } from './state-bytes.ts'

/** How a checkpoint is looked into. */
export interface InspectCheckpointInit {
  readonly files: FileSystem
  /** The directory of a checkpoint, its `_metadata`, or a directory of checkpoints. */
  readonly path: string
  /** Whether all state is read and its checksums are compared. */
  readonly verify: boolean
}

/**
 * Describes what a checkpoint holds.
 *
 * @throws MillraceError `CHECKPOINT_MISSING`, `CHECKPOINT_CORRUPT`, or `STATE_INCOMPATIBLE` if a newer release wrote it.
 */
export async function inspectCheckpoint({
  files,
  path,
  verify,
}: InspectCheckpointInit): Promise<CheckpointDescription> {
  const { metadata, directory } = await findCheckpoint(files, path)
  const operators: OperatorDescription[] = []
  for (const operator of metadata.operators) {
    operators.push(await describeOperator({ files, directory }, operator, verify))
  }
  const { checkpointId, kind, formatVersion, jobName, graphHash } = metadata
  const { triggeredAtMs, completedAtMs } = metadata
  return {
    path: directory,
    ...{ checkpointId, kind, formatVersion, jobName, graphHash, triggeredAtMs, completedAtMs },
    stateBytes: operators.reduce((sum, { stateBytes }) => sum + stateBytes, 0),
    isVerified: verify,
    operators,
  }
}

async function describeOperator(
  place: StatePlace,
  operator: OperatorCheckpoint,
  verify: boolean,
): Promise<OperatorDescription> {
  const totals = new OperatorTotals(operator)
  for (const { slots } of operator.subtasks) {
    for (const [slot, handle] of Object.entries(slots)) {
      totals.addBytes(slot, sizeOf(handle))
      await withStateBytes(place, handle, verify, (bytes) => addSlot(totals, slot, bytes))
    }
  }
  return totals.describe()
}

function sizeOf(handle: StateHandle): number {
  return handle.kind === 'inline' ? handle.bytes.length : handle.sizeBytes
}

/** Lists of splits and committables are JSON; beyond this they are counted as bytes only. */
const JSON_BYTES_MAX = 16 * 1024 * 1024

async function addSlot(totals: OperatorTotals, slot: string, bytes: SnapshotBytes): Promise<void> {
  const outline = await outlineSnapshot(bytes)
  if (outline !== undefined) return totals.addOutline(outline)
  if (bytes.sizeBytes > JSON_BYTES_MAX) return
  const json = parseJson(await bytes.read(0, bytes.sizeBytes))
  if (json !== undefined) totals.addJson(slot, json)
}

/** `undefined` for bytes that are none: a slot may hold anything that an operator understands. */
function parseJson(bytes: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as JsonValue
  } catch {
    return undefined
  }
}
