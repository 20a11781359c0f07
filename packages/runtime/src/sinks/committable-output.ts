// Batches of committables on an edge: records of type string, each a batch as JSON.

import { type CommittableBatch, MillraceError, show } from '@millrace/core'
import { NO_TIMESTAMP } from '@millrace/core'
import type { Input, OperatorContext } from '../operators/operator.ts'
import { functionFailure, namingOperator } from '../operators/user-function.ts'

/** Emits batches, also from behind a promise: then nobody is there to catch an error of who reads them. */
export class CommittableOutput {
  readonly #context: OperatorContext
  readonly #output: Input<unknown>
  #hasEmitted = false
  #isClosed = false

  constructor(context: OperatorContext, output: Input<unknown>) {
    this.#context = context
    this.#output = output
  }

  /** Whether committables were emitted behind the last barrier. Empty batches carry nothing that could be lost. */
  get hasEmittedSinceCut(): boolean {
    return this.#hasEmitted
  }

  emit(batch: CommittableBatch): void {
    if (this.#isClosed) return
    if (batch.committables.length > 0) this.#hasEmitted = true
    const { operator, fail, wake } = this.#context
    try {
      this.#output.processElement(JSON.stringify(batch), NO_TIMESTAMP)
    } catch (error) {
      fail(namingOperator(functionFailure(error, operator, 'commit'), operator))
    }
    // The task sends what lies in its frames.
    wake()
  }

  /** A barrier has gone out. */
  cut(): void {
    this.#hasEmitted = false
  }

  /** Nothing is emitted any more. */
  close(): void {
    this.#isClosed = true
  }
}

/**
 * A batch that came over an edge, or out of a checkpoint.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function committableBatch(json: string): CommittableBatch {
  const batch = parsedBatch(json)
  if (Number.isSafeInteger(batch?.checkpointId) && Array.isArray(batch?.committables)) return batch
  throw new MillraceError('CHECKPOINT_CORRUPT', {
    expected: 'a batch of committables',
    came: show(json),
    todo: 'The state is not that of a sink: check the uid of the sink.',
  })
}

function parsedBatch(json: string): CommittableBatch | undefined {
  try {
    return JSON.parse(json) as CommittableBatch
  } catch {
    return undefined
  }
}
