import type { JobEdge, JobVertex, Partitioner } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { channelName, sourcesOf, targetsOf } from './channel-layout.ts'

const KEY_SELECTOR = { uid: 'count', slot: 'keySelector' }
const PARTITIONERS: readonly Partitioner[] = [
  { kind: 'rebalance' },
  { kind: 'broadcast' },
  { kind: 'hash', keySelector: KEY_SELECTOR },
] as unknown as readonly Partitioner[]

function edgeWith(partitioner: Partitioner): JobEdge {
  return { id: 'map->count', partitioner } as JobEdge
}

function vertexOf(parallelism: number): JobVertex {
  return { parallelism } as JobVertex
}

describe('the layout of channels', () => {
  test.each(PARTITIONERS)(
    'when an edge is $kind, then every subtask is connected to every other',
    (partitioner) => {
      const edge = edgeWith(partitioner)

      expect(targetsOf(edge, 1, vertexOf(3))).toEqual([0, 1, 2])
      expect(sourcesOf(edge, 2, vertexOf(2))).toEqual([0, 1])
    },
  )

  test('when an edge is forward, then each subtask is connected to its own', () => {
    const edge = edgeWith({ kind: 'forward' })

    expect(targetsOf(edge, 1, vertexOf(3))).toEqual([1])
    expect(sourcesOf(edge, 2, vertexOf(3))).toEqual([2])
  })

  test('when both ends lay channels, then each channel has two ends and a name of its own', () => {
    for (const partitioner of [...PARTITIONERS, { kind: 'forward' } as const]) {
      const edge = edgeWith(partitioner)
      const source = vertexOf(3)
      const target = vertexOf(partitioner.kind === 'forward' ? 3 : 2)
      const written = indices(source).flatMap((from) =>
        targetsOf(edge, from, target).map((to) => channelName(edge, from, to)),
      )
      const read = indices(target).flatMap((to) =>
        sourcesOf(edge, to, source).map((from) => channelName(edge, from, to)),
      )

      expect(new Set(written).size).toBe(written.length)
      expect(written.sort()).toEqual(read.sort())
    }
  })
})

function indices({ parallelism }: JobVertex): readonly number[] {
  return Array.from({ length: parallelism }, (_, index) => index)
}
