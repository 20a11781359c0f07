// What the checkpoints of a job follow from its graph.

import type { CompletedCheckpointFacts } from '@millrace/checkpoint'
import type { CheckpointSettings, JobGraph } from '@millrace/job-graph'

/** What the metadata of each checkpoint says about the job. */
export function checkpointFacts(
  graph: JobGraph,
  oldestOwnId: number,
): Omit<CompletedCheckpointFacts, 'completedAtMs'> {
  return {
    jobName: graph.jobName,
    graphHash: graph.hash,
    oldestOwnId,
    operators: graph.vertices.flatMap(({ operators, parallelism, maxParallelism }) =>
      operators.map(({ uid, name, kind }) => ({ uid, name, kind, parallelism, maxParallelism })),
    ),
  }
}

/** The settings of a job: a barrier that goes round a loop must be back before the next one. */
export function settingsFor(
  { edges }: JobGraph,
  settings: CheckpointSettings | null,
): CheckpointSettings | null {
  const hasLoop = edges.some(({ isFeedback }) => isFeedback === true)
  return settings !== null && hasLoop ? { ...settings, maxConcurrent: 1 } : settings
}
