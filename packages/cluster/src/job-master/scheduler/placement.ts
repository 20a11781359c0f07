// Which executor runs which subtask: subtask i of every vertex goes to slot i modulo the number of slots, so that one
// slot holds a slice of the whole pipeline, as Flink's slot sharing does.

import type { JobGraph } from '@millrace/job-graph'
import type { Placement } from '../../gateways/messages.ts'

/** Places all tasks of a job on `executorCount` executors. */
export function placeTasks(graph: JobGraph, executorCount: number): Placement {
  return Object.fromEntries(
    graph.vertices.map((vertex) => [
      vertex.id,
      Array.from({ length: vertex.parallelism }, (_, subtask) => subtask % executorCount),
    ]),
  )
}
