// What most operators have in common: nothing to open, nothing to remember, always available.

import type { Input, Operator, OperatorContext, OperatorSnapshot } from './operator.ts'

/** An operator with the defaults of one that has no state. */
export abstract class BaseOperator implements Operator {
  abstract readonly inputs: readonly Input<never>[]
  protected readonly context: OperatorContext
  protected readonly output: Input<unknown>

  constructor(context: OperatorContext) {
    this.context = context
    this.output = context.output
  }

  open(): void | Promise<void> {}

  finish(): void {}

  snapshot(_checkpointId: number): OperatorSnapshot {
    return {}
  }

  notifyCheckpointComplete(_checkpointId: number): void | Promise<void> {}

  close(): void | Promise<void> {}

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
}
