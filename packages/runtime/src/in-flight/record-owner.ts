// Which records in flight belong to a subtask after a change of the parallelism.

import { type Key, keyGroupOf, MillraceError, subtaskForKeyGroup, typesEqual } from '@millrace/core'
import type { FunctionTable, JobEdge, JobVertex } from '@millrace/job-graph'
import type { TapeEdge } from '@millrace/state'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import { customChannelOf } from '../task/create-record-writer.ts'
import type { Ownership } from './replay.ts'

/** What decides whose a record is. */
export interface RecordOwnerInit {
  readonly vertex: JobVertex
  readonly subtaskIndex: number
  /** How many subtasks the records were in flight to. */
  readonly oldParallelism: number
  /** The edges that lead to the vertex now. */
  readonly inputEdges: readonly JobEdge[]
  readonly functions: FunctionTable
}

/**
 * Answers what of an edge belongs to the subtask.
 *
 * @throws MillraceError `STATE_INCOMPATIBLE` if the edge is gone, or now carries records of another type.
 */
export function recordOwner(init: RecordOwnerInit): (edge: TapeEdge) => Ownership {
  const known = new Map<string, Ownership>()
  return (edge) => {
    let ownership = known.get(edge.id)
    if (ownership === undefined) {
      ownership = ownershipOf(edge, init)
      known.set(edge.id, ownership)
    }
    return ownership
  }
}

function ownershipOf(edge: TapeEdge, init: RecordOwnerInit): Ownership {
  const { vertex, subtaskIndex, oldParallelism, inputEdges, functions } = init
  const { parallelism, maxParallelism } = vertex
  const now = inputEdges.find(({ id }) => id === edge.id)
  if (now !== undefined && !typesEqual(now.type, edge.type)) {
    throw incompatible(init, edge, `records of the type they had on '${edge.id}'`, 'another type')
  }
  if (oldParallelism === parallelism || parallelism === 1) return { kind: 'all' }
  if (now === undefined) {
    throw incompatible(init, edge, `the edge '${edge.id}', on which records are in flight`, 'none')
  }
  const { partitioner } = now
  const reader = { name: vertex.operators[0]?.name ?? vertex.id, uid: vertex.id }
  switch (partitioner.kind) {
    case 'hash': {
      const keyOf = checkedKeySelector<unknown, Key>(functions, partitioner.keySelector, reader)
      const ownerOf = (value: unknown): number =>
        subtaskForKeyGroup(keyGroupOf(keyOf(value), maxParallelism), parallelism, maxParallelism)
      return { kind: 'some', isOwn: (value) => ownerOf(value) === subtaskIndex }
    }
    case 'custom': {
      const channelOf = customChannelOf(partitioner, { functions, count: parallelism, reader })
      return { kind: 'some', isOwn: (value) => channelOf(value) === subtaskIndex }
    }
    case 'global':
      return { kind: 'some', isOwn: () => subtaskIndex === 0 }
    case 'rebalance':
    case 'shuffle':
      return { kind: 'dealt', subtaskIndex, parallelism }
    case 'forward':
    case 'rescale':
    case 'broadcast':
      throw incompatible(
        init,
        edge,
        `records of '${edge.id}' to be redistributed`,
        partitioner.kind,
      )
  }
}

function incompatible(
  { vertex, oldParallelism }: RecordOwnerInit,
  edge: TapeEdge,
  expected: string,
  came: string,
): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected,
    came,
    todo:
      `The checkpoint holds records in flight to '${vertex.id}' of ${oldParallelism} subtasks. Start the job as it was, stop it with a ` +
      'savepoint, which holds none, and change it then.',
    ids: { uid: vertex.id, edge: edge.id },
  })
}
