import type { CheckpointMetadata } from '@millrace/checkpoint'
import type { JobGraph } from '@millrace/job-graph'
import { expect, test } from 'vitest'
import { underPresentUids } from './under-present-uids.ts'

function found(stored: readonly string[], asked: Readonly<Record<string, string | undefined>>) {
  const operators = stored.map((uid) => ({ uid, name: `was ${uid}` }))
  const graph = {
    vertices: Object.entries(asked).map(([uid, uidHash]) => ({ operators: [{ uid, uidHash }] })),
  } as unknown as JobGraph
  const metadata = { operators, checkpointId: 7 } as unknown as CheckpointMetadata
  const present = underPresentUids(metadata, graph)
  expect(present.checkpointId).toBe(7)
  return Object.fromEntries(present.operators.map(({ uid, name }) => [uid, name]))
}

test('when no operator has a uid hash, then the metadata stays as it is', () => {
  expect(found(['a', 'b'], { a: undefined, c: undefined })).toEqual({ a: 'was a', b: 'was b' })
})

test('when an operator has a uid hash, then it finds the state that lies there', () => {
  expect(found(['map-1', 'b'], { count: 'map-1', b: undefined })).toEqual({
    count: 'was map-1',
    b: 'was b',
  })
})

test('when the checkpoint knows the uid itself, then the uid hash does not count', () => {
  expect(found(['map-1', 'count'], { count: 'map-1' })).toEqual({
    'map-1': 'was map-1',
    count: 'was count',
  })
})
