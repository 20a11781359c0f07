import type { JobGraph, JobVertex } from '@millrace/job-graph'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeTasks } from './placement.ts'

/** Vertices by id: their parallelism, and their slot sharing group if it is not the default one. */
type Vertices = Readonly<Record<string, number | readonly [parallelism: number, group: string]>>

function graphOf(vertices: Vertices): JobGraph {
  return {
    formatVersion: 1,
    jobName: 'job',
    hash: '',
    edges: [],
    vertices: Object.entries(vertices).map(([id, asked]): JobVertex => {
      const [parallelism, slotSharingGroup] = typeof asked === 'number' ? [asked] : asked
      return {
        id,
        name: id,
        parallelism,
        maxParallelism: 128,
        ...(slotSharingGroup !== undefined && { slotSharingGroup }),
        operators: [],
      }
    }),
  }
}

describe('placement', () => {
  test('when vertices are as wide as there are slots, then each slot has one subtask of each', () => {
    expect(placeTasks(graphOf({ source: 3, sink: 3 }), 3).placement).toEqual({
      source: [0, 1, 2],
      sink: [0, 1, 2],
    })
  })

  test('when a vertex is wider, then it goes round; when it is narrower, then other slots have none of it', () => {
    expect(placeTasks(graphOf({ source: 1, map: 5 }), 2).placement).toEqual({
      source: [0],
      map: [0, 1, 0, 1, 0],
    })
  })

  test('when there are enough slots, then groups have slots of their own', () => {
    const graph = graphOf({ source: 2, heavy: [1, 'heavy'], sink: 2 })
    expect(placeTasks(graph, 3)).toEqual({
      placement: { source: [0, 1], heavy: [2], sink: [0, 1] },
      slotsAsked: 3,
      groups: ['default', 'heavy'],
    })
  })

  test('when there are too few slots, then groups share, and the decision says how many it would take', () => {
    const graph = graphOf({ source: 2, heavy: [2, 'heavy'] })
    expect(placeTasks(graph, 3)).toMatchObject({
      placement: { source: [0, 1], heavy: [2, 0] },
      slotsAsked: 4,
    })
  })

  test('when any job is placed, then a subtask number and a group have one slot, and groups are apart if there are enough', () => {
    const parallelism = fc.integer({ min: 1, max: 6 })
    const vertex = fc.tuple(parallelism, fc.constantFrom('default', 'a', 'b'))
    const vertices = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), vertex, { minKeys: 1 })
    fc.assert(
      fc.property(vertices, fc.integer({ min: 1, max: 20 }), (asked, executors) => {
        const { placement, slotsAsked } = placeTasks(graphOf(asked), executors)
        const groupsOf = new Map<number, Set<string>>()
        const slotOf = new Map<string, number>()
        for (const [id, [, group]] of Object.entries(asked)) {
          placement[id]?.forEach((slot, subtask) => {
            expect(slot).toBeLessThan(executors)
            expect(slotOf.get(`${group} ${subtask}`) ?? slot).toBe(slot)
            slotOf.set(`${group} ${subtask}`, slot)
            groupsOf.set(slot, (groupsOf.get(slot) ?? new Set()).add(group))
          })
        }
        if (slotsAsked > executors) return
        for (const groups of groupsOf.values()) expect(groups.size).toBe(1)
      }),
    )
  })
})
