// Where a barrier may overtake records: on edges whose records can find their way again, whatever the parallelism after a restart.
//
//   not overtaken                    because
//   forward, rescale                 a record belongs to the subtasks that its sender is connected with, which change
//   broadcast                        every subtask holds a copy: after a restart some would be processed twice, or not at all
//   edges of loops                   what is in a loop belongs to the snapshot of its head, and markers count rounds
//   from writers and commit stages   what a checkpoint commits must be with the committer when the checkpoint is complete

import type { OperatorKind } from '../stream-graph/stream-graph.ts'
import type { JobEdge, JobGraph } from './job-graph.ts'

const SENDERS_OF_COMMITTABLES: readonly OperatorKind[] = [
  'sink-writer',
  'committer',
  'commit-stage',
]

/** Whether barriers may overtake the records of an edge. */
export function canBeOvertaken(edge: JobEdge, graph: JobGraph): boolean {
  if (edge.isFeedback === true || edge.isInLoop === true) return false
  const sender = graph.vertices
    .flatMap(({ operators }) => operators)
    .find(({ uid }) => uid === edge.fromOperator)
  if (sender !== undefined && SENDERS_OF_COMMITTABLES.includes(sender.kind)) return false
  switch (edge.partitioner.kind) {
    case 'forward':
    case 'rescale':
    case 'broadcast':
      return false
    case 'rebalance':
    case 'shuffle':
    case 'global':
    case 'hash':
    case 'custom':
      return true
  }
}
