import { checkInteger, checkOptions, Types } from '@millrace/core'
import { asJson } from '../graph/as-json.ts'
import { inputsFrom, type OperatorDescription } from '../graph/draft-operator.ts'
import type { DataStream } from '../streams/data-stream.ts'

/** How a loop is run. */
export interface IterationOptions {
  /**
   * The most records of a subtask that may wait to go round again. One more fails the job with `ITERATION_INVALID`: the loop feeds
   * back more than it takes in. They are held in memory. Default: 1000000.
   */
  readonly queuedRecordsMax?: number
}

/** Describes the head of a loop over `stream`. */
export function iterationHead<T>(
  stream: DataStream<T>,
  options: IterationOptions,
): OperatorDescription {
  checkOptions('iterate', options, ['queuedRecordsMax'])
  const { queuedRecordsMax = 1_000_000 } = options
  checkInteger('queuedRecordsMax', queuedRecordsMax, { min: 1, max: Number.MAX_SAFE_INTEGER })
  return {
    kind: 'iteration-head',
    name: 'Iteration',
    inputs: inputsFrom(stream.origins),
    config: asJson({
      feedbackType: stream.type ?? Types.any(),
      feedbackTag: null,
      queuedRecordsMax,
    }),
    functions: {},
    outputType: stream.type,
  }
}
