import type { JobEdge, JobVertex, Partitioner } from '@millrace/job-graph'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { channelName, sourcesOf, targetsOf } from './channel-layout.ts'

const ALL_WITH_ALL: readonly Partitioner[] = [
  { kind: 'rebalance' },
  { kind: 'shuffle' },
  { kind: 'global' },
  { kind: 'broadcast' },
  { kind: 'hash', keySelector: 'count#keySelector', keyType: { kind: 'any' } },
  { kind: 'custom', keySelector: 'map#partitionKey0', partitioner: 'map#partitioner0' },
]

function edgeWith(partitioner: Partitioner): JobEdge {
  return { id: 'map->count', partitioner } as JobEdge
}

function vertexOf(parallelism: number): JobVertex {
  return { parallelism } as JobVertex
}

describe('the layout of channels', () => {
  test.each(ALL_WITH_ALL)(
    'when an edge is $kind, then every subtask is connected to every other',
    (partitioner) => {
      const edge = edgeWith(partitioner)

      expect(targetsOf(edge, 1, vertexOf(2), vertexOf(3))).toEqual([0, 1, 2])
      expect(sourcesOf(edge, 2, vertexOf(2), vertexOf(3))).toEqual([0, 1])
    },
  )

  test('when an edge is forward, then each subtask is connected to its own', () => {
    const edge = edgeWith({ kind: 'forward' })

    expect(targetsOf(edge, 1, vertexOf(3), vertexOf(3))).toEqual([1])
    expect(sourcesOf(edge, 2, vertexOf(3), vertexOf(3))).toEqual([2])
  })

  test.each<[number, number, readonly (readonly number[])[]]>([
    [
      2,
      4,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      2,
      5,
      [
        [0, 1, 2],
        [3, 4],
      ],
    ],
    [3, 3, [[0], [1], [2]]],
    [4, 2, [[0], [0], [1], [1]]],
    [5, 2, [[0], [0], [1], [1], [1]]],
  ])(
    'when an edge is rescale from %d to %d, then the runs are those of Flink',
    (from, to, runs) => {
      const edge = edgeWith({ kind: 'rescale' })

      expect(indices(from).map((i) => targetsOf(edge, i, vertexOf(from), vertexOf(to)))).toEqual(
        runs,
      )
    },
  )

  test('when both ends lay channels, then each channel has two ends and a name of its own', () => {
    const partitioner = fc.constantFrom<Partitioner>({ kind: 'rescale' }, ...ALL_WITH_ALL)
    const parallelism = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(partitioner, parallelism, parallelism, (kind, writers, readers) => {
        assertSameChannels(edgeWith(kind), writers, readers)
        assertSameChannels(edgeWith({ kind: 'forward' }), writers, writers)
      }),
    )
  })

  test('when an edge is rescale, then the shares of the wider side differ by one at most, and nobody is left out', () => {
    const parallelism = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(parallelism, parallelism, (writers, readers) => {
        const edge = edgeWith({ kind: 'rescale' })
        const ends = [vertexOf(writers), vertexOf(readers)] as const
        const sent = indices(writers).map((from) => targetsOf(edge, from, ...ends).length)
        const received = indices(readers).map((to) => sourcesOf(edge, to, ...ends).length)
        for (const counts of [sent, received]) {
          expect(Math.min(...counts)).toBeGreaterThan(0)
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})

function assertSameChannels(edge: JobEdge, writers: number, readers: number): void {
  const ends = [vertexOf(writers), vertexOf(readers)] as const
  const written = indices(writers).flatMap((from) =>
    targetsOf(edge, from, ...ends).map((to) => channelName(edge, from, to)),
  )
  const read = indices(readers).flatMap((to) =>
    sourcesOf(edge, to, ...ends).map((from) => channelName(edge, from, to)),
  )
  expect(new Set(written).size).toBe(written.length)
  expect(written.sort()).toEqual(read.sort())
}

function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}
