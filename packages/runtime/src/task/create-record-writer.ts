// Makes the writer of an edge: the partitioner of the plan over the channels of this subtask.

import { type Key, MillraceError, type Partitioner, type Random, show } from '@millrace/core'
import {
  AdaptiveRebalanceWriter,
  BroadcastWriter,
  CustomWriter,
  ForwardWriter,
  GlobalWriter,
  HashWriter,
  type OutputChannel,
  RebalanceWriter,
  type RecordWriter,
  ShuffleWriter,
} from '@millrace/exchange'
import type { FunctionRef, FunctionTable, JobEdge, JobVertex } from '@millrace/job-graph'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import { functionFailure, isPromise, promiseReturned } from '../operators/user-function.ts'

/** Where an edge leads. */
export interface RecordWriterInit {
  readonly edge: JobEdge
  readonly target: JobVertex
  readonly functions: FunctionTable
  readonly subtaskIndex: number
  /** One channel for each subtask of the target that this one is connected to, in order. */
  readonly channels: readonly OutputChannel<unknown>[]
  readonly random: Random
}

/** The writer of an edge, for one subtask. */
export function createRecordWriter(init: RecordWriterInit): RecordWriter<unknown> {
  const { edge, channels } = init
  const { partitioner } = edge
  switch (partitioner.kind) {
    case 'forward':
      return new ForwardWriter(channels[0] as OutputChannel<unknown>)
    case 'rebalance':
      return partitioner.isAdaptive === true
        ? new AdaptiveRebalanceWriter(channels, init.subtaskIndex)
        : new RebalanceWriter(channels, init.subtaskIndex)
    case 'rescale':
      // Each subtask has readers that few or no others have, so all may begin with their first.
      return partitioner.isAdaptive === true
        ? new AdaptiveRebalanceWriter(channels, 0)
        : new RebalanceWriter(channels, 0)
    case 'shuffle':
      return new ShuffleWriter(channels, init.random)
    case 'global':
      return new GlobalWriter(channels)
    case 'broadcast':
      return new BroadcastWriter(channels)
    case 'custom':
      return new CustomWriter(
        channels,
        customChannelOf(partitioner, {
          functions: init.functions,
          count: channels.length,
          reader: readerOf(init),
        }),
      )
    case 'hash': {
      const keyOf = checkedKeySelector<unknown, Key>(
        init.functions,
        partitioner.keySelector,
        readerOf(init),
      )
      return new HashWriter(channels, keyOf, init.target.maxParallelism)
    }
  }
}

/** The operator that an edge leads to, for messages. */
function readerOf({ edge, target }: RecordWriterInit): {
  readonly name: string
  readonly uid: string
} {
  const [reader] = target.operators
  return { name: reader?.name ?? edge.id, uid: reader?.uid ?? edge.id }
}

/** The user's partitioner and key selector as one function, whose answer is checked. */
export function customChannelOf(
  {
    partitioner,
    keySelector,
  }: { readonly partitioner: FunctionRef; readonly keySelector: FunctionRef },
  {
    functions,
    count,
    reader,
  }: {
    readonly functions: FunctionTable
    /** The number of channels. */
    readonly count: number
    /** The operator that the edge leads to, for messages. */
    readonly reader: { readonly name: string; readonly uid: string }
  },
): (value: unknown) => number {
  const partition = functions.resolve<Partitioner<unknown>>(partitioner)
  const keyOf = functions.resolve<(value: unknown) => unknown>(keySelector)
  return (value) => {
    let chosen: number
    try {
      chosen = partition(keyOf(value), count)
    } catch (error) {
      throw functionFailure(error, reader, 'partitioner')
    }
    if (Number.isInteger(chosen) && chosen >= 0 && chosen < count) return chosen
    if (isPromise(chosen)) throw promiseReturned(chosen, reader, 'partitioner')
    throw new MillraceError('FUNCTION_FAILED', {
      expected: `a partition from 0 to ${count - 1} from the partitioner before '${reader.name}'`,
      came: show(chosen),
      todo: 'It is told the number of partitions as its second argument.',
      ids: { uid: reader.uid },
      // The same record would give the same answer again.
      isRetryable: false,
    })
  }
}
