import { Types } from '@millrace/core'
import { expect, test } from 'vitest'
import { buildJobGraph } from '../chaining/build-job-graph.ts'
import type { StreamNode } from '../stream-graph/stream-graph.ts'
import { explainJobGraph } from './explain-job-graph.ts'

const Bid = Types.record({ auction: Types.int, price: Types.double })

const defaults = {
  config: {},
  functions: {},
  parallelism: 2,
  maxParallelism: 128,
  outputType: Bid,
  keyType: null,
} as const

function from(
  uid: string,
  partitioner: StreamNode['inputs'][0]['partitioner'],
  outputTag: string | null = null,
): StreamNode['inputs'] {
  return [{ from: uid, outputTag, input: 0, partitioner, type: Bid }]
}

test('when a plan is explained, then it shows vertices, operators, types and where records go', () => {
  const byAuction = { kind: 'hash', keySelector: 'window#keySelector', keyType: Types.int } as const
  const byAnything = { ...byAuction, keyType: Types.any() }
  const graph = buildJobGraph({
    jobName: 'bids',
    nodes: [
      { ...defaults, uid: 'read', name: 'Source: bids', kind: 'source', inputs: [] },
      {
        ...defaults,
        uid: 'dear',
        name: 'Filter',
        kind: 'filter',
        inputs: from('read', { kind: 'forward' }),
      },
      {
        ...defaults,
        uid: 'window',
        name: 'Window',
        kind: 'window',
        inputs: from('dear', byAuction),
        outputType: Types.long,
      },
      {
        ...defaults,
        uid: 'latest',
        name: 'Reduce',
        kind: 'keyed-reduce',
        inputs: from('dear', byAnything),
      },
      {
        ...defaults,
        uid: 'print',
        name: 'Sink: print',
        kind: 'sink',
        inputs: from('window', { kind: 'rebalance' }, 'late'),
        parallelism: 1,
      },
    ],
  })
  const text = explainJobGraph(graph)
  expect(text.replace(graph.hash, '<hash>')).toMatchInlineSnapshot(`
    "Job 'bids' (<hash>)

    1. Source: bids -> Filter  [parallelism 2]
         source 'Source: bids'  uid read  emits record{auction: int, price: double}
         filter 'Filter'  uid dear  emits record{auction: int, price: double}
         => 2 by hash of int key
         => 3 by hash of key

    2. Window  [parallelism 2]
         window 'Window'  uid window  emits long
         => 4 by rebalance, side output 'late'

    3. Reduce  [parallelism 2]
         keyed-reduce 'Reduce'  uid latest  emits record{auction: int, price: double}

    4. Sink: print  [parallelism 1]
         sink 'Sink: print'  uid print  emits record{auction: int, price: double}"
  `)
  expect(text).toContain(graph.hash)
})

test('when much is set, then the plan shows what is particular', () => {
  const graph = buildJobGraph({
    jobName: 'bids',
    nodes: [
      { ...defaults, uid: 'read', name: 'Read', kind: 'source', inputs: [], bufferTimeoutMs: -1 },
      {
        ...defaults,
        uid: 'judge',
        name: 'Judge',
        kind: 'map',
        inputs: from('read', { kind: 'rescale', isAdaptive: true }),
        description: 'says which bids are dear',
        uidHash: 'map-12345678',
        slotSharingGroup: 'heavy',
        bufferTimeoutMs: 5,
      },
      {
        ...defaults,
        uid: 'print',
        name: 'Print',
        kind: 'sink',
        inputs: from('judge', { kind: 'global' }),
      },
    ],
  })
  expect(explainJobGraph(graph).replace(graph.hash, '<hash>')).toMatchInlineSnapshot(`
    "Job 'bids' (<hash>)

    1. Read  [parallelism 2]
         source 'Read'  uid read  emits record{auction: int, price: double}
         => 2 by adaptive rescale, in full frames

    2. Judge  [parallelism 2, slot sharing group 'heavy']
         map 'Judge'  uid judge, restored also from map-12345678  emits record{auction: int, price: double}
           says which bids are dear
         => 3 by global, within 5 ms

    3. Print  [parallelism 2]
         sink 'Print'  uid print  emits record{auction: int, price: double}"
  `)
})
