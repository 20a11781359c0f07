import {
  type CheckpointMetadata,
  METADATA_FORMAT_VERSION,
  type StateHandle,
} from '@millrace/checkpoint'
import type { JobGraph, JobOperator } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { planDeployments } from './deployments.ts'

function operator(uid: string): JobOperator {
  return {
    uid,
    name: uid,
    kind: uid === 'source' ? 'source' : 'keyed-reduce',
    config: {},
    functions: {},
    outputType: { kind: 'any' },
    keyType: null,
    chainedTo: null,
  }
}

/** A source with a map in its chain, and a keyed count. */
function graphOf(parallelism: number): JobGraph {
  const shape = { parallelism, maxParallelism: 128 }
  return {
    formatVersion: 1,
    jobName: 'counts',
    hash: '',
    edges: [],
    vertices: [
      { id: 'source', name: 'source', ...shape, operators: [operator('source'), operator('map')] },
      { id: 'count', name: 'count', ...shape, operators: [operator('count')] },
    ],
  }
}

function bytes(text: string): StateHandle {
  return { kind: 'inline', bytes: new TextEncoder().encode(text) }
}

/** Two subtasks; the first source had come to its end. */
const METADATA: CheckpointMetadata = {
  formatVersion: METADATA_FORMAT_VERSION,
  checkpointId: 7,
  kind: 'checkpoint',
  triggeredAtMs: 0,
  completedAtMs: 1,
  jobName: 'counts',
  graphHash: '',
  operators: ['source', 'count'].map((uid) => ({
    uid,
    name: uid,
    kind: 'any',
    parallelism: 2,
    maxParallelism: 128,
    subtasks: [0, 1].map((subtaskIndex) => ({
      subtaskIndex,
      isFinished: uid === 'source' && subtaskIndex === 0,
      slots: { [uid === 'source' ? 'splits' : 'keyed']: bytes(`${uid} ${subtaskIndex}`) },
    })),
  })),
}

/** `slot: old subtasks` of each operator that a task restores, by task. */
function restoredBy(parallelism: number): Readonly<Record<string, unknown>> {
  const deployments = planDeployments(graphOf(parallelism), METADATA)
  return Object.fromEntries(
    deployments.map(({ vertexId, subtaskIndex, restored }) => [
      `${vertexId}/${subtaskIndex}`,
      Object.entries(restored).map(([uid, { slots }]) => [
        uid,
        Object.entries(slots).map(
          ([slot, handles]) => `${slot}: ${handles.map((each) => each.subtaskIndex).join(' ')}`,
        ),
      ]),
    ]),
  )
}

describe('the deployments of a fresh job', () => {
  test('when there is no checkpoint, then every subtask of every vertex starts with nothing', () => {
    expect(planDeployments(graphOf(2), undefined)).toEqual([
      { vertexId: 'source', subtaskIndex: 0, restored: {} },
      { vertexId: 'source', subtaskIndex: 1, restored: {} },
      { vertexId: 'count', subtaskIndex: 0, restored: {} },
      { vertexId: 'count', subtaskIndex: 1, restored: {} },
    ])
  })
})

describe('the deployments of a restored job', () => {
  test('when the parallelism is the same, then each task has its own state, and a new operator none', () => {
    expect(restoredBy(2)).toEqual({
      'source/0': [['source', ['splits: 0']]],
      'source/1': [['source', ['splits: 1']]],
      'count/0': [['count', ['keyed: 0']]],
      'count/1': [['count', ['keyed: 1']]],
    })
  })

  test('when the parallelism grows, then keyed state goes where its key groups are, and splits to all', () => {
    expect(restoredBy(4)).toMatchObject({
      'source/3': [['source', ['splits: 0 1']]],
      'count/0': [['count', ['keyed: 0']]],
      'count/1': [['count', ['keyed: 0']]],
      'count/2': [['count', ['keyed: 1']]],
      'count/3': [['count', ['keyed: 1']]],
    })
  })

  test('when the parallelism shrinks, then one task has all', () => {
    expect(restoredBy(1)).toEqual({
      'source/0': [['source', ['splits: 0 1']]],
      'count/0': [['count', ['keyed: 0 1']]],
    })
  })

  test('when it is told to a task, then with the parallelism of before and whether it had ended', () => {
    const sources = planDeployments(graphOf(2), METADATA).slice(0, 2)

    expect(sources.map(({ restored }) => restored['source'])).toEqual([
      {
        isFinished: true,
        parallelism: 2,
        slots: { splits: [{ subtaskIndex: 0, handle: bytes('source 0') }] },
      },
      {
        isFinished: false,
        parallelism: 2,
        slots: { splits: [{ subtaskIndex: 1, handle: bytes('source 1') }] },
      },
    ])
  })

  test('when the checkpoint is of another job, then there is no plan', () => {
    const graph = { ...graphOf(2), jobName: 'another', vertices: [] }

    expect(() => planDeployments(graph, METADATA)).toThrow('CHECKPOINT_OF_ANOTHER_JOB')
  })
})
