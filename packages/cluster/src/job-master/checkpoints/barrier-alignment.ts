import type { CheckpointKind } from '@millrace/checkpoint'
import type { Barrier } from '@millrace/exchange'
import type { CheckpointSettings } from '@millrace/job-graph'

/** What the barrier of a checkpoint does to the channels of a task. Savepoints and final checkpoints hold state only: aligned. */
export function barrierAlignment(
  kind: CheckpointKind,
  settings: Pick<CheckpointSettings, 'mode' | 'isUnaligned' | 'alignedTimeoutMs'> | null,
): Pick<Barrier, 'alignment' | 'alignedTimeoutMs'> {
  if (settings === null || kind !== 'checkpoint') return { alignment: 'aligned' }
  const { mode, isUnaligned, alignedTimeoutMs } = settings
  if (mode === 'at-least-once') return { alignment: 'at-least-once' }
  if (!isUnaligned) return { alignment: 'aligned' }
  return alignedTimeoutMs === 0
    ? { alignment: 'unaligned' }
    : { alignment: 'aligned', alignedTimeoutMs }
}
