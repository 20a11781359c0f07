// A sink becomes operators: one, or as many as it asks for.
//
//   plain                 [ Sink: writer and committer ]
//   with stages, or       [ Writer ] ─> [ stage ]* ─> [ Committer ] ─> [ stage ]*
//   a committer apart

import {
  checkInteger,
  type CommitStage,
  MAX_PARALLELISM_LIMIT,
  MillraceError,
  type Sink,
  Types,
} from '@millrace/core'
import { checkMethods } from '../functions/check-function.ts'
import { inputsFrom, type OperatorDescription, type StreamOrigin } from '../graph/draft-operator.ts'
import type { DataStreamSink } from '../streams/data-stream-sink.ts'
import type { StreamContext } from '../streams/stream-context.ts'

/**
 * Adds the operators of a sink that reads `origins`.
 *
 * @throws MillraceError `OPTION_INVALID` for stages without a committer
 */
export function addSink<W>(
  context: StreamContext,
  origins: readonly StreamOrigin[],
  sink: Sink<never, W>,
): DataStreamSink {
  const { preCommit = [], postCommit = [], commitParallelism } = sink
  const writer = {
    name: `Sink: ${sink.name}`,
    inputs: inputsFrom(origins),
    config: { sink: sink.describe() },
    functions: { sink },
  }
  if (commitParallelism === undefined && preCommit.length + postCommit.length === 0) {
    return context.sink({ ...writer, kind: 'sink' })
  }
  checkCommits(sink)
  const committer: OperatorDescription = {
    kind: 'committer',
    name: `Sink: ${sink.name}: Committer`,
    inputs: [],
    config: { comesFromWriter: preCommit.length === 0, handsOn: postCommit.length > 0 },
    functions: { sink },
    outputType: Types.string,
    ...parallelismOf('commitParallelism', commitParallelism),
  }
  return context.sinkChain([
    { ...writer, kind: 'sink-writer', outputType: Types.string },
    ...preCommit.map((stage) => describeStage(sink.name, stage)),
    committer,
    ...postCommit.map((stage) => describeStage(sink.name, stage)),
  ])
}

function describeStage(sinkName: string, stage: CommitStage): OperatorDescription {
  checkMethods('a stage of a sink', stage, ['createProcessor'])
  return {
    kind: 'commit-stage',
    name: `Sink: ${sinkName}: ${stage.name}`,
    inputs: [],
    functions: { stage },
    outputType: Types.string,
    ...parallelismOf('parallelism of a commit stage', stage.parallelism),
  }
}

function parallelismOf(what: string, value: number | undefined): { readonly parallelism?: number } {
  if (value === undefined) return {}
  return { parallelism: checkInteger(what, value, { min: 1, max: MAX_PARALLELISM_LIMIT }) }
}

function checkCommits(sink: Pick<Sink<never>, 'name' | 'createCommitter'>): void {
  if (typeof sink.createCommitter === 'function') return
  throw new MillraceError('OPTION_INVALID', {
    expected: `a committer of the sink '${sink.name}', which has stages or a commitParallelism`,
    came: 'a sink without createCommitter',
    todo: 'Give it a createCommitter, or leave out preCommit, postCommit and commitParallelism.',
  })
}
