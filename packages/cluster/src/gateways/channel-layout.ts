// Which subtasks of two vertices an edge connects. Both ends, and the job master, derive the same answer.

import {
  type JobEdge,
  type JobVertex,
  pointwiseReaders,
  pointwiseWriters,
  type SubtaskRange,
} from '@millrace/job-graph'

/** The subtasks of the reading vertex `target` that subtask `index` of the writing vertex `source` sends to. */
export function targetsOf(
  { partitioner }: JobEdge,
  index: number,
  source: JobVertex,
  target: JobVertex,
): readonly number[] {
  switch (partitioner.kind) {
    case 'forward':
      return [index]
    case 'rescale':
      return indices(pointwiseReaders(index, source.parallelism, target.parallelism))
    default:
      return indices({ start: 0, end: target.parallelism })
  }
}

/** The subtasks of the writing vertex `source` that subtask `index` of the reading vertex `target` receives from. */
export function sourcesOf(
  { partitioner }: JobEdge,
  index: number,
  source: JobVertex,
  target: JobVertex,
): readonly number[] {
  switch (partitioner.kind) {
    case 'forward':
      return [index]
    case 'rescale':
      return indices(pointwiseWriters(index, source.parallelism, target.parallelism))
    default:
      return indices({ start: 0, end: source.parallelism })
  }
}

/** The name of one channel. */
export function channelName(edge: JobEdge, from: number, to: number): string {
  return `${edge.id}/${from}>${to}`
}

function indices({ start, end }: SubtaskRange): readonly number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset)
}
