import { type CheckpointMetadata, METADATA_FORMAT_VERSION } from '@millrace/checkpoint'
import type { JobGraph, RestoreSettings } from '@millrace/job-graph'
import { CheckpointStorage, StoredCheckpoint } from '@millrace/runtime'
import { type SimulatedProcess, Simulation } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RestorePoints } from './restore-points.ts'

let simulation: Simulation
let process: SimulatedProcess
let storage: CheckpointStorage

beforeEach(() => {
  simulation = new Simulation({ seed: 1 })
  process = simulation.process('master')
  storage = new CheckpointStorage(process.files, '/checkpoints')
})
afterEach(() => process.crash())

const GRAPH: JobGraph = {
  formatVersion: 1,
  jobName: 'words',
  hash: 'a hash',
  edges: [],
  vertices: [
    {
      id: 'count',
      name: 'count',
      parallelism: 1,
      maxParallelism: 128,
      operators: [
        {
          uid: 'count',
          name: 'count',
          kind: 'process',
          config: {},
          functions: {},
          outputType: { kind: 'any' },
          keyType: null,
          chainedTo: null,
        },
      ],
    },
  ],
}

function metadata(checkpointId: number, uids: readonly string[] = ['count']): CheckpointMetadata {
  const bytes = Uint8Array.of(1, 2, 3)
  return {
    formatVersion: METADATA_FORMAT_VERSION,
    checkpointId,
    kind: 'checkpoint',
    triggeredAtMs: 0,
    completedAtMs: 1,
    jobName: 'words',
    graphHash: '',
    operators: uids.map((uid) => ({
      uid,
      name: uid,
      kind: 'process',
      parallelism: 1,
      maxParallelism: 128,
      subtasks: [
        { subtaskIndex: 0, isFinished: false, slots: { state: { kind: 'inline', bytes } } },
      ],
    })),
  }
}

/** The points of a job that begins like this. */
async function points(
  restoreFrom: Partial<RestoreSettings> | null,
  {
    onCancel = 'retain',
    withStorage = true,
  }: { onCancel?: 'retain' | 'delete'; withStorage?: boolean } = {},
): Promise<RestorePoints> {
  const made = new RestorePoints({
    platform: process,
    graph: GRAPH,
    storage: withStorage ? storage : undefined,
    restoreFrom: restoreFrom && {
      path: 'latest',
      claimMode: 'no-claim',
      allowNonRestoredState: false,
      ...restoreFrom,
    },
    onCancel,
  })
  await simulation.resultOf(made.prepare())
  return made
}

async function savepoint(
  directory: string,
  checkpointId: number,
  uids?: readonly string[],
): Promise<void> {
  const stored = new StoredCheckpoint(process.files, directory)
  await simulation.resultOf(stored.complete(metadata(checkpointId, uids)))
}

async function checkpoint(checkpointId: number): Promise<void> {
  await simulation.resultOf(storage.complete(metadata(checkpointId)))
}

describe('where a job begins', () => {
  test('when it starts fresh, then checkpoints of earlier runs stay, and their numbers are not used again', async () => {
    await checkpoint(4)
    const fresh = await points(null)
    expect(fresh.latest).toBeUndefined()
    expect([fresh.nextCheckpointId, fresh.retained]).toEqual([5, []])
    await simulation.resultOf(fresh.refresh())
    expect(fresh.latest, 'a restart does not go back to them').toBeUndefined()
  })

  test.each([
    ['a savepoint', '/s/savepoint-1'],
    ['its metadata', '/s/savepoint-1/_metadata'],
    ['a directory that holds only it', '/s'],
  ])('when the path is %s, then that is it', async (_, path) => {
    await checkpoint(4)
    await savepoint('/s/savepoint-1', 9)
    const found = await points({ path })
    expect(found.latest).toMatchObject({
      directory: '/s/savepoint-1',
      metadata: { checkpointId: 9 },
    })
    expect(found.nextCheckpointId).toBe(10)
    expect(found.retained).toEqual([])
  })

  test('when there is no checkpoint directory, then a path is enough', async () => {
    await savepoint('/s', 9)
    const found = await points({ path: '/s' }, { withStorage: false })
    expect(found.latest?.metadata.checkpointId).toBe(9)
  })

  test('when nothing is there, then the error names what was looked for', async () => {
    await expect(points({ path: '/nowhere' })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISSING',
      ids: { path: '/nowhere/_metadata' },
    })
  })

  test('when it is claimed, then it is the first to be removed', async () => {
    await savepoint('/s/one', 9)
    const found = await points({ path: '/s/one', claimMode: 'claim' })
    expect(found.retained).toEqual([{ checkpointId: 9, directory: '/s/one' }])
  })

  test('when the latest is the savepoint that stopped the job, then that is not claimed', async () => {
    await checkpoint(4)
    await savepoint('/s/one', 5)
    await simulation.resultOf(storage.completeBySavepoint(5, '/s/one'))
    const found = await points({ path: 'latest', claimMode: 'claim' })
    expect(found.latest?.directory).toBe('/s/one')
    expect(found.retained).toEqual([{ checkpointId: 5, directory: '/checkpoints/chk-5' }])
  })
})

describe('after a failure', () => {
  test('when nothing of its own is complete, then it goes back to where it began', async () => {
    await checkpoint(4)
    await savepoint('/s', 2)
    const found = await points({ path: '/s' })
    await simulation.resultOf(found.refresh())
    expect(found.latest?.directory).toBe('/s')
  })

  test('when one has become durable that nobody was told of, then that is it', async () => {
    const found = await points({ path: 'latest' })
    await checkpoint(found.nextCheckpointId)
    await simulation.resultOf(found.refresh())
    expect(found.latest?.metadata.checkpointId).toBe(1)
    expect(found.retained).toEqual([{ checkpointId: 1, directory: '/checkpoints/chk-1' }])
  })
})

describe('state that nobody claims', () => {
  test('when it is allowed, then it is dropped; that of the job stays', async () => {
    await savepoint('/s', 2, ['count', 'gone'])
    const found = await points({ path: '/s', allowNonRestoredState: true })
    expect(found.latest?.metadata.operators.map(({ uid }) => uid)).toEqual(['count'])
  })

  test('when none of it is of the job, then it is another job, allowed or not', async () => {
    await savepoint('/s', 2, ['gone', 'lost'])
    await expect(points({ path: '/s', allowNonRestoredState: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_OF_ANOTHER_JOB',
    })
  })
})

describe('a canceled job', () => {
  test.each([
    ['retain', true],
    ['delete', false],
  ] as const)('when its checkpoints are to %s, then that is done', async (onCancel, isThere) => {
    await checkpoint(3)
    const found = await points(null, { onCancel })
    await checkpoint(4)
    found.attemptEnded({
      retained: [{ checkpointId: 4, directory: '/checkpoints/chk-4' }],
      nextCheckpointId: 5,
    })
    await simulation.resultOf(found.jobCanceled())
    const paths = simulation.disk('master').paths()
    expect(paths.includes('/checkpoints/chk-4/_metadata')).toBe(isThere)
    expect(paths, 'of an earlier run').toContain('/checkpoints/chk-3/_metadata')
  })
})
