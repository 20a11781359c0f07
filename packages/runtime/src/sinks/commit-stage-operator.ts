// Runs one stage before or behind a committer; see `CommitStage` for the deal.

import type { CommitStage, CommitStageProcessor } from '@millrace/core'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList, restoredList } from '../operators/restored-lists.ts'
import { callFunction } from '../operators/user-function.ts'
import { committableBatch, CommittableOutput } from './committable-output.ts'

/** Gives batches to a processor. */
export class CommitStageOperator extends OneInputOperator<string> {
  readonly #processor: CommitStageProcessor
  readonly #batches = new CommittableOutput(this.context, this.output)
  #isEndOfInput = false

  constructor(context: OperatorContext) {
    super(context)
    const { functions } = context.operator
    const stage = context.functions.resolve<CommitStage>(functions['stage'])
    this.#processor = stage.createProcessor({
      platform: context.platform,
      subtaskIndex: context.subtaskIndex,
      parallelism: context.parallelism,
      attempt: context.attempt,
      runId: context.runId,
      sendToClient: context.sendToClient,
      emit: (batch) => this.#batches.emit(batch),
      fail: context.fail,
    })
  }

  override async open(): Promise<void> {
    await this.#processor.open?.(restoredList(this.context, 'commit-stage', 'whole'))
  }

  override processElement(json: string): void {
    callFunction(this.context.operator, 'commit stage', () =>
      this.#processor.process(committableBatch(json)),
    )
  }

  override finish(): void {
    this.#isEndOfInput = true
  }

  override snapshot(_checkpointId: number): OperatorSnapshot {
    this.#batches.cut()
    return { 'commit-stage': encodeList(this.#processor.snapshotState()) }
  }

  override async notifyCheckpointComplete(checkpointId: number): Promise<void> {
    const isEndOfInput = this.#isEndOfInput
    this.#processor.onCheckpointComplete?.({ checkpointId, isEndOfInput })
    if (isEndOfInput) await this.#processor.whenIdle?.()
  }

  get needsCheckpoint(): boolean {
    return this.#processor.isHolding || this.#batches.hasEmittedSinceCut
  }

  override async close(): Promise<void> {
    this.#batches.close()
    await this.#processor.close?.()
  }
}
