// What window functions see. One context an operator, set before each call.

import type { OutputTag, TimeWindow, WindowContext } from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'

/** The context of the window that is being evaluated. */
export class FiredWindowContext<K, W extends TimeWindow> implements WindowContext<K, W> {
  key!: K
  window!: W
  watermark = 0
  readonly #context: OperatorContext

  constructor(context: OperatorContext) {
    this.#context = context
  }

  currentWatermark(): number {
    return this.watermark
  }

  currentProcessingTime(): number {
    return this.#context.processingTime.now()
  }

  output<X>(tag: OutputTag<X>, value: X): void {
    this.#context.sideOutput(tag.id).processElement(value, this.window.end - 1)
  }
}
