import { type MillraceError, Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { buildJobGraph } from '../chaining/build-job-graph.ts'
import type { StreamNode } from '../stream-graph/stream-graph.ts'
import { assertSameJobGraph } from './compare-job-graphs.ts'
import type { JobGraph } from './job-graph.ts'

function node(uid: string, from: string | undefined, changes: Partial<StreamNode>): StreamNode {
  const edge = { outputTag: null, input: 0, partitioner: { kind: 'rebalance' }, type: Types.int }
  return {
    uid,
    name: `Step ${uid}`,
    kind: from === undefined ? 'source' : 'map',
    config: {},
    functions: {},
    parallelism: 2,
    maxParallelism: 128,
    inputs: from === undefined ? [] : [{ from, ...edge } as StreamNode['inputs'][0]],
    outputType: Types.int,
    keyType: null,
    ...changes,
  }
}

function graph(changes: Partial<StreamNode> = {}, more: readonly StreamNode[] = []): JobGraph {
  const nodes = [node('read', undefined, {}), node('count', 'read', changes), ...more]
  return buildJobGraph({ jobName: 'job', nodes })
}

function differenceTo(actual: JobGraph): MillraceError {
  try {
    assertSameJobGraph(graph(), actual, 'worker thread 1')
  } catch (error) {
    return error as MillraceError
  }
  return expect.unreachable('a difference') as never
}

describe('assertSameJobGraph', () => {
  test('when both graphs are the same, then nothing happens', () => {
    expect(() => assertSameJobGraph(graph(), graph(), 'worker thread 1')).not.toThrow()
  })

  test('when they differ, then the message says where, and what to look for', () => {
    const actual = graph({ config: { sizeMs: 10 } })
    expect(differenceTo(actual)).toMatchObject({
      code: 'JOB_GRAPH_DIFFERS',
      ids: { uid: 'count' },
      expected: `the same job graph in every process (hash ${graph().hash})`,
      todo: expect.stringContaining('must not depend on time, randomness or the host'),
    })
    expect(differenceTo(actual).came).toBe(
      `another one in worker thread 1 (hash ${actual.hash}): ` +
        `operator 2, 'Step count' (uid count), differs: its config is {"sizeMs":10}, not {}`,
    )
  })

  test.each<readonly [JobGraph, string, string]>([
    [
      graph({ uid: 'other', name: 'Other' }),
      'count',
      "operator 2 is 'Other' (uid other), not 'Step count' (uid count)",
    ],
    [
      graph({}, [node('late', 'count', {})]),
      'late',
      "operator 3 is 'Step late' (uid late), not missing",
    ],
    [
      buildJobGraph({ jobName: 'job', nodes: [node('read', undefined, {})] }),
      'count',
      "operator 2 is missing, not 'Step count' (uid count)",
    ],
    [
      graph({ name: 'Other' }),
      'count',
      `operator 2, 'Other' (uid count), differs: its name is "Other", not "Step count"`,
    ],
    [
      graph({ parallelism: 4 }),
      'count',
      "vertex 2, 'Step count', differs: its parallelism is 4, not 2",
    ],
    [
      graph({ maxParallelism: 64 }),
      'count',
      "vertex 2, 'Step count', differs: its maxParallelism is 64, not 128",
    ],
    [
      graph({
        inputs: node('count', 'read', {}).inputs.map((edge) => ({
          ...edge,
          partitioner: { kind: 'broadcast' },
        })),
      }),
      'read',
      `edge 1, 'read>count:0', differs: its partitioner is {"kind":"broadcast"}, not {"kind":"rebalance"}`,
    ],
  ])('when one part differs, then it is named (%#)', (actual, uid, came) => {
    const difference = differenceTo(actual)
    expect(difference.ids).toEqual({ uid })
    expect(difference.came.endsWith(`: ${came}`), difference.came).toBe(true)
  })
})
