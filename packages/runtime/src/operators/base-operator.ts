// What most operators have in common: a user function that lives its life, or none; nothing else to remember; always available.

import type { GeneralizedWatermark } from '@millrace/core'
import { forwardWatermark } from '../generalized-watermarks/watermark-hook.ts'
import type { FunctionLifeCycle } from './function-life-cycle.ts'
import type { Input, Operator, OperatorContext, OperatorSnapshot } from './operator.ts'

/** An operator that opens, snapshots and closes what its `lifeCycle` has, and nothing without one. */
export abstract class BaseOperator implements Operator {
  abstract readonly inputs: readonly Input<never>[]
  protected readonly context: OperatorContext
  protected readonly output: Input<unknown>
  /** Set by operators whose function has a life cycle. */
  protected readonly lifeCycle: FunctionLifeCycle | undefined = undefined

  constructor(context: OperatorContext) {
    this.context = context
    this.output = context.output
  }

  open(): void | Promise<void> {
    this.lifeCycle?.open()
  }

  finish(): void {}

  snapshot(checkpointId: number, triggeredAtMs: number): OperatorSnapshot {
    return this.lifeCycle?.snapshot(checkpointId, triggeredAtMs) ?? {}
  }

  notifyCheckpointComplete(checkpointId: number): void | Promise<void> {
    this.lifeCycle?.notifyCheckpointComplete(checkpointId)
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.lifeCycle?.notifyCheckpointAborted(checkpointId)
  }

  notifyCheckpointSubsumed(checkpointId: number): void {
    this.lifeCycle?.notifyCheckpointSubsumed(checkpointId)
  }

  close(): void | Promise<void> {
    this.lifeCycle?.close()
  }

  get isAvailable(): boolean {
    return true
  }

  get isDrained(): boolean {
    return true
  }
}

/** A base operator that reads one stream and hands watermarks on as they come. */
export abstract class OneInputOperator<IN> extends BaseOperator implements Input<IN> {
  readonly inputs: readonly Input<never>[] = [this]

  abstract processElement(value: IN, timestamp: number): void

  processWatermark(watermark: number): void {
    this.output.processWatermark(watermark)
  }

  processWatermarkStatus(isIdle: boolean): void {
    this.output.processWatermarkStatus(isIdle)
  }

  processGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    forwardWatermark(this.output, watermark)
  }
}
