// Which executor runs which subtask. Subtask i of every vertex of a slot sharing group goes to slot i of the group, so that
// one slot holds a slice of the whole pipeline, as Flink's slot sharing does: operators of one group are co-located by
// construction. Groups take slots one after another; an executor is a slot.
//
//   group default, 2 slots    group heavy, 1 slot       3 executors: 0 1 | 2      2 executors: 0 1 | 0

import type { JobGraph } from '@millrace/job-graph'
import type { Placement } from '../../gateways/messages.ts'

/** Where tasks run, and whether that is all that was asked for. */
export interface PlacementDecision {
  readonly placement: Placement
  /** How many slots keep all groups apart. With fewer executors, groups share some. */
  readonly slotsAsked: number
  readonly groups: readonly string[]
}

/** Places all tasks of a job on `executorCount` executors. */
export function placeTasks(graph: JobGraph, executorCount: number): PlacementDecision {
  const widths = new Map<string, number>()
  for (const { slotSharingGroup = DEFAULT_GROUP, parallelism } of graph.vertices) {
    widths.set(slotSharingGroup, Math.max(parallelism, widths.get(slotSharingGroup) ?? 0))
  }
  const firstSlots = new Map<string, number>()
  let slotsAsked = 0
  for (const [group, width] of widths) {
    firstSlots.set(group, slotsAsked)
    slotsAsked += width
  }
  const placement = graph.vertices.map(({ id, parallelism, slotSharingGroup }) => {
    const first = firstSlots.get(slotSharingGroup ?? DEFAULT_GROUP) ?? 0
    return [id, Array.from({ length: parallelism }, (_, i) => (first + i) % executorCount)]
  })
  return {
    placement: Object.fromEntries(placement) as Placement,
    slotsAsked,
    groups: [...widths.keys()],
  }
}

const DEFAULT_GROUP = 'default'
