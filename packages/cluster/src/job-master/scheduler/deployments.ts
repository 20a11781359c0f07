// What each task is told at deployment: its part of a checkpoint, if there is one.

import { assignState, type CheckpointMetadata } from '@millrace/checkpoint'
import type { JobGraph, JobVertex } from '@millrace/job-graph'
import type { RestoredState, TaskDeployment } from '@millrace/runtime'
import { restoringJob } from './restoring-job.ts'

/** The deployments of all tasks of a job. */
export function planDeployments(
  graph: JobGraph,
  metadata: CheckpointMetadata | undefined,
): readonly TaskDeployment[] {
  const restored = metadata === undefined ? undefined : restoredByTask(graph, metadata)
  return graph.vertices.flatMap((vertex) =>
    Array.from({ length: vertex.parallelism }, (_, subtaskIndex) => ({
      vertexId: vertex.id,
      subtaskIndex,
      restored: restored?.(vertex, subtaskIndex) ?? {},
    })),
  )
}

type RestoredOf = (
  vertex: JobVertex,
  subtaskIndex: number,
) => Readonly<Record<string, RestoredState>>

function restoredByTask(graph: JobGraph, metadata: CheckpointMetadata): RestoredOf {
  const assignment = assignState({ metadata, job: restoringJob(graph) })
  const oldParallelism = new Map(metadata.operators.map((old) => [old.uid, old.parallelism]))
  return (vertex, subtaskIndex) => {
    const restored: Record<string, RestoredState> = {}
    for (const { uid } of vertex.operators) {
      const assigned = assignment.get(uid)?.[subtaskIndex]
      if (assigned === undefined) continue
      restored[uid] = {
        isFinished: assigned.isFinished,
        parallelism: oldParallelism.get(uid) ?? vertex.parallelism,
        slots: Object.fromEntries(
          Object.entries(assigned.slots).map(([slot, states]) => [
            slot,
            states.map(({ fromSubtaskIndex, handle }) => ({
              subtaskIndex: fromSubtaskIndex,
              handle,
            })),
          ]),
        ),
      }
    }
    return restored
  }
}
