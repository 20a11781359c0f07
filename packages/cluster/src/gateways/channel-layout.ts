// Which subtasks of two vertices an edge connects. Both ends, and the job master, derive the same answer.

import type { JobEdge, JobVertex } from '@millrace/job-graph'

/** The subtasks of the reading vertex that a writing subtask sends to. */
export function targetsOf(
  edge: JobEdge,
  subtaskIndex: number,
  target: JobVertex,
): readonly number[] {
  return edge.partitioner.kind === 'forward' ? [subtaskIndex] : indices(target.parallelism)
}

/** The subtasks of the writing vertex that a reading subtask receives from. */
export function sourcesOf(
  edge: JobEdge,
  subtaskIndex: number,
  source: JobVertex,
): readonly number[] {
  return edge.partitioner.kind === 'forward' ? [subtaskIndex] : indices(source.parallelism)
}

/** The name of one channel. */
export function channelName(edge: JobEdge, from: number, to: number): string {
  return `${edge.id}/${from}>${to}`
}

function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}
