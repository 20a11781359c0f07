import type { JobGraph, JobVertex } from '@millrace/job-graph'
import { expect, test } from 'vitest'
import { placeTasks } from './placement.ts'

function graphOf(parallelisms: Readonly<Record<string, number>>): JobGraph {
  const vertices = Object.entries(parallelisms).map(([id, parallelism]): JobVertex => ({
    id,
    name: id,
    parallelism,
    maxParallelism: 128,
    operators: [],
  }))
  return { formatVersion: 1, jobName: 'job', hash: '', vertices, edges: [] }
}

test('when vertices are as wide as there are slots, then each slot has one subtask of each', () => {
  expect(placeTasks(graphOf({ source: 3, sink: 3 }), 3)).toEqual({
    source: [0, 1, 2],
    sink: [0, 1, 2],
  })
})

test('when a vertex is wider, then it goes round; when it is narrower, then other slots have none of it', () => {
  expect(placeTasks(graphOf({ source: 1, map: 5 }), 2)).toEqual({
    source: [0],
    map: [0, 1, 0, 1, 0],
  })
})
