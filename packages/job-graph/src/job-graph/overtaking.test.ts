import { Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import type { Partitioner } from '../partitioners/partitioner.ts'
import type { OperatorKind } from '../stream-graph/stream-graph.ts'
import type { JobEdge, JobGraph } from './job-graph.ts'
import { canBeOvertaken } from './overtaking.ts'

const ref = { operator: 'read', role: 'f' } as never

const edgeOf = (partitioner: Partitioner, changes: Partial<JobEdge> = {}): JobEdge => ({
  id: 'send>read:0',
  fromVertex: 'send',
  fromOperator: 'send',
  outputTag: null,
  toVertex: 'read',
  toInput: 0,
  partitioner,
  type: Types.int,
  ...changes,
})

const graphOf = (kind: OperatorKind): JobGraph =>
  ({ vertices: [{ id: 'send', operators: [{ uid: 'send', kind }] }] }) as unknown as JobGraph

const hash: Partitioner = { kind: 'hash', keySelector: ref, keyType: Types.int }

describe('canBeOvertaken', () => {
  test.each<[Partitioner, boolean]>([
    [{ kind: 'forward' }, false],
    [{ kind: 'rescale' }, false],
    [{ kind: 'broadcast' }, false],
    [{ kind: 'rebalance' }, true],
    [{ kind: 'rebalance', isAdaptive: true }, true],
    [{ kind: 'shuffle' }, true],
    [{ kind: 'global' }, true],
    [hash, true],
    [{ kind: 'custom', keySelector: ref, partitioner: ref }, true],
  ])('the records of %o', (partitioner, can) => {
    expect(canBeOvertaken(edgeOf(partitioner), graphOf('map'))).toBe(can)
  })

  test('no records in a loop, and none that are committed', () => {
    expect(canBeOvertaken(edgeOf(hash, { isInLoop: true }), graphOf('map'))).toBe(false)
    expect(canBeOvertaken(edgeOf(hash, { isFeedback: true }), graphOf('map'))).toBe(false)
    for (const kind of ['sink-writer', 'committer', 'commit-stage'] as const) {
      expect(canBeOvertaken(edgeOf(hash), graphOf(kind)), kind).toBe(false)
    }
  })
})
