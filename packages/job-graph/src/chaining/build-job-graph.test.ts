import { Types } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import type { JobGraph } from '../job-graph/job-graph.ts'
import type { Partitioner } from '../partitioners/partitioner.ts'
import type { StreamEdge, StreamGraph, StreamNode } from '../stream-graph/stream-graph.ts'
import { buildJobGraph } from './build-job-graph.ts'

const forward: Partitioner = { kind: 'forward' }
const rebalance: Partitioner = { kind: 'rebalance' }
const broadcast: Partitioner = { kind: 'broadcast' }
const hash: Partitioner = { kind: 'hash', keySelector: 'x#keySelector', keyType: Types.string }

/** An input: the uid it comes from, how, and from which side output. */
type From = readonly [from: string, partitioner?: Partitioner, outputTag?: string | null]

function node(
  uid: string,
  inputs: readonly From[] = [],
  changes: Partial<StreamNode> = {},
): StreamNode {
  return {
    uid,
    name: uid.toUpperCase(),
    kind: inputs.length === 0 ? 'source' : 'map',
    config: {},
    functions: {},
    parallelism: 2,
    maxParallelism: 128,
    inputs: inputs.map(([from, partitioner = forward, outputTag = null], input): StreamEdge => ({
      from,
      outputTag,
      input,
      partitioner,
      type: Types.string,
    })),
    outputType: Types.string,
    keyType: null,
    ...changes,
  }
}

function build(...nodes: readonly StreamNode[]): JobGraph {
  return buildJobGraph({ jobName: 'test', nodes })
}

/** The chains, and the edges between them. */
function shape({ vertices, edges }: JobGraph): readonly string[] {
  return [
    ...vertices.map(({ operators }) => operators.map(({ uid }) => uid).join(' ')),
    ...edges.map(({ fromVertex, fromOperator, toVertex, toInput, partitioner, outputTag }) => {
      const from = fromVertex === fromOperator ? fromVertex : `${fromVertex}.${fromOperator}`
      const tag = outputTag === null ? '' : ` #${outputTag}`
      return `${from} -${partitioner.kind}-> ${toVertex}:${toInput}${tag}`
    }),
  ]
}

describe('chaining', () => {
  test('when nothing is redistributed, then all operators are one vertex', () => {
    const graph = build(node('a'), node('b', [['a']]), node('c', [['b']]))
    expect(shape(graph)).toEqual(['a b c'])
    expect(graph.vertices[0]).toMatchObject({ id: 'a', name: 'A -> B -> C', parallelism: 2 })
    expect(graph.vertices[0]?.operators.map(({ chainedTo }) => chainedTo)).toEqual([
      null,
      { uid: 'a', outputTag: null },
      { uid: 'b', outputTag: null },
    ])
  })

  test.each([hash, rebalance, broadcast])(
    'when records are redistributed by $kind, then a vertex ends, unless there is one subtask',
    (partitioner) => {
      expect(shape(build(node('a'), node('b', [['a', partitioner]]), node('c', [['b']])))).toEqual([
        'a',
        'b c',
        `a -${partitioner.kind}-> b:0`,
      ])
      const one = { parallelism: 1 }
      expect(shape(build(node('a', [], one), node('b', [['a', partitioner]], one)))).toEqual([
        'a b',
      ])
    },
  )

  test.each<[string, Partial<StreamNode>, readonly string[]]>([
    ['begins a chain', { chaining: 'head' }, ['a', 'b c', 'a -forward-> b:0']],
    ['stays alone', { chaining: 'never' }, ['a', 'b', 'c', 'a -forward-> b:0', 'b -forward-> c:0']],
    [
      'is in a group of its own',
      { slotSharingGroup: 'g' },
      ['a', 'b', 'c', 'a -forward-> b:0', 'b -forward-> c:0'],
    ],
  ])(
    'when an operator %s, then vertices end, also with one subtask',
    (_what, changes, expected) => {
      for (const parallelism of [1, 2]) {
        const graph = build(
          node('a', [], { parallelism }),
          node('b', [['a']], { ...changes, parallelism }),
          node('c', [['b']], { parallelism }),
        )
        expect(shape(graph)).toEqual(expected)
      }
    },
  )

  test('when operators are in one group, then they are chained, and the vertex is in it', () => {
    const group = { slotSharingGroup: 'g' }
    const graph = build(node('a', [], group), node('b', [['a']], group))
    expect(graph.vertices).toMatchObject([{ name: 'A -> B', slotSharingGroup: 'g' }])
    expect(build(node('a')).vertices[0]).not.toHaveProperty('slotSharingGroup')
  })

  test('when an operator has a buffer timeout, then the edges that leave it have it', () => {
    const timeout = { bufferTimeoutMs: -1 }
    const graph = build(node('a', [], timeout), node('b', [['a', hash]]), node('c', [['b', hash]]))
    expect(graph.edges.map(({ bufferTimeoutMs }) => bufferTimeoutMs)).toEqual([-1, undefined])
  })

  test('when the parallelism differs, then a vertex ends', () => {
    const graph = build(node('a', [], { parallelism: 1 }), node('b', [['a', rebalance]]))
    expect(shape(graph)).toEqual(['a', 'b', 'a -rebalance-> b:0'])
    expect(graph.vertices.map(({ parallelism }) => parallelism)).toEqual([1, 2])
  })

  test('when the key groups differ, then a vertex ends, also with one subtask', () => {
    for (const parallelism of [1, 2]) {
      const graph = build(
        node('a', [], { parallelism }),
        node('b', [['a', parallelism === 1 ? hash : forward]], { parallelism, maxParallelism: 64 }),
      )
      expect(graph.vertices.map(({ maxParallelism }) => maxParallelism)).toEqual([128, 64])
    }
  })

  test('when an operator has two inputs, then it begins a vertex, and what follows joins it', () => {
    const graph = build(
      node('a'),
      node('b'),
      node('c', [['a'], ['b']], { kind: 'co-process' }),
      node('d', [['c']]),
    )
    expect(shape(graph)).toEqual(['a', 'b', 'c d', 'a -forward-> c:0', 'b -forward-> c:1'])
  })

  test('when a stream is read twice, then both readers join the chain', () => {
    const graph = build(node('a'), node('b', [['a']]), node('c', [['a']]), node('d', [['b']]))
    expect(shape(graph)).toEqual(['a b c d'])
    const chainedTo = graph.vertices[0]?.operators.map((operator) => operator.chainedTo?.uid)
    expect(chainedTo).toEqual([undefined, 'a', 'a', 'b'])
  })

  test('when a stream is united with itself, then the chain ends, and the edges have ids of their own', () => {
    const graph = build(node('a'), node('b', [['a'], ['a']]))
    expect(shape(graph)).toEqual(['a', 'b', 'a -forward-> b:0', 'a -forward-> b:1'])
    expect(graph.edges.map(({ id }) => id)).toEqual(['a>b:0', 'a>b:1'])
  })

  test('when a side output is read, then it is chained, or an edge, like any other', () => {
    expect(
      shape(
        build(
          node('a'),
          node('b', [['a', forward, 'late']]),
          node('c', [['a', rebalance, 'late']]),
        ),
      ),
    ).toEqual(['a b', 'c', 'a -rebalance-> c:0 #late'])
    const { vertices } = build(node('a'), node('b', [['a', forward, 'late']]))
    expect(vertices[0]?.operators[1]?.chainedTo).toEqual({ uid: 'a', outputTag: 'late' })
  })

  test('when an edge leaves the middle of a chain, then it says from which operator', () => {
    const graph = build(node('a'), node('b', [['a']]), node('c', [['a', hash]]))
    expect(shape(graph)).toEqual(['a b', 'c', 'a -hash-> c:0'])
    const middle = build(node('a'), node('b', [['a']]), node('c', [['b', hash]]))
    expect(shape(middle)).toEqual(['a b', 'c', 'a.b -hash-> c:0'])
  })
})

describe('the hash of a job graph', () => {
  const base: StreamGraph = { jobName: 'test', nodes: [node('a'), node('b', [['a', hash]])] }

  test('when the same graph is built again, then it is the same, and the graph is plain JSON', () => {
    const graph = buildJobGraph(base)
    expect(buildJobGraph(structuredClone(base)).hash).toBe(graph.hash)
    expect(graph.hash).toMatch(/^[0-9a-f]{16}$/)
    expect(JSON.parse(JSON.stringify(graph))).toEqual(graph)
  })

  test('when the job has another name, then it is the same: the name is not part of the plan', () => {
    expect(buildJobGraph({ ...base, jobName: 'other' }).hash).toBe(buildJobGraph(base).hash)
  })

  test.each<readonly [string, Partial<StreamNode>]>([
    ['name', { name: 'other' }],
    ['kind', { kind: 'filter' }],
    ['configuration', { config: { size: 1 } }],
    ['functions', { functions: { map: 'b#map' } }],
    ['parallelism', { parallelism: 3 }],
    ['max parallelism', { maxParallelism: 64 }],
    ['output type', { outputType: Types.int }],
    ['key type', { keyType: Types.int }],
    ['description', { description: 'counts' }],
    ['uid hash', { uidHash: 'map-1' }],
    ['slot sharing group', { slotSharingGroup: 'g' }],
    ['partitioner', { inputs: node('b', [['a', rebalance]]).inputs }],
    ['side output', { inputs: node('b', [['a', hash, 'late']]).inputs }],
  ])('when the %s of an operator differs, then the hash does', (_, changes) => {
    const nodes = [node('a'), node('b', [['a', hash]], changes)]
    expect(buildJobGraph({ ...base, nodes }).hash).not.toBe(buildJobGraph(base).hash)
  })
})
