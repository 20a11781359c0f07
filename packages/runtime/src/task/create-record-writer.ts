// Makes the writer of an edge: the partitioner of the plan over the channels of this subtask.

import type { Key } from '@millrace/core'
import {
  BroadcastWriter,
  ForwardWriter,
  HashWriter,
  type OutputChannel,
  RebalanceWriter,
  type RecordWriter,
} from '@millrace/exchange'
import type { FunctionTable, JobEdge, JobVertex } from '@millrace/job-graph'
import { checkedKeySelector } from '../operators/keyed-scope.ts'

/** Where an edge leads. */
export interface RecordWriterInit {
  readonly edge: JobEdge
  readonly target: JobVertex
  readonly functions: FunctionTable
  readonly subtaskIndex: number
  /** One channel a subtask of the target, in order; for `forward` the one channel. */
  readonly channels: readonly OutputChannel<unknown>[]
}

/** The writer of an edge, for one subtask. */
export function createRecordWriter(init: RecordWriterInit): RecordWriter<unknown> {
  const { edge, channels } = init
  switch (edge.partitioner.kind) {
    case 'forward':
      return new ForwardWriter(channels[0] as OutputChannel<unknown>)
    case 'rebalance':
      return new RebalanceWriter(channels, init.subtaskIndex)
    case 'broadcast':
      return new BroadcastWriter(channels)
    case 'hash': {
      const reader = init.target.operators[0]
      const operator = { name: reader?.name ?? edge.id, uid: reader?.uid ?? edge.id }
      const keyOf = checkedKeySelector<unknown, Key>(
        init.functions,
        edge.partitioner.keySelector,
        operator,
      )
      return new HashWriter(channels, keyOf, init.target.maxParallelism)
    }
  }
}
