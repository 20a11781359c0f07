// What a process function is asked when a watermark of the user's own kind has come.

import {
  type GeneralizedWatermark,
  MillraceError,
  NO_TIMESTAMP,
  show,
  type WatermarkHandlingResult,
} from '@millrace/core'
import type { TimestampedCollector } from '../operators/collector.ts'
import type { Input } from '../operators/operator.ts'
import { functionFailure, type NamedOperator, refusePromise } from '../operators/user-function.ts'

/** Hands a watermark on, or not, as its declaration says. */
export function forwardWatermark(output: Input<never>, watermark: GeneralizedWatermark): void {
  if (watermark.declaration.handling === 'forward') output.processGeneralizedWatermark(watermark)
}

/** A function that may have a hook, and what it is called with. */
export interface WatermarkHook<CONTEXT, OUT> {
  readonly operator: NamedOperator
  readonly function: {
    onWatermark?(
      watermark: GeneralizedWatermark,
      context: CONTEXT,
      out: TimestampedCollector<OUT>,
    ): WatermarkHandlingResult
  }
  readonly context: CONTEXT & { currentTimestamp: number }
  readonly collector: TimestampedCollector<OUT>
  readonly output: Input<unknown>
}

/** Asks the function, and goes on as it says. What it emits has no timestamp: it follows from no record. */
export function handleWatermark<CONTEXT, OUT>(
  { operator, function: asked, context, collector, output }: WatermarkHook<CONTEXT, OUT>,
  watermark: GeneralizedWatermark,
): void {
  if (asked.onWatermark !== undefined) {
    collector.timestamp = NO_TIMESTAMP
    context.currentTimestamp = NO_TIMESTAMP
    let result: WatermarkHandlingResult
    try {
      result = asked.onWatermark(watermark, context, collector)
      refusePromise(result, operator, 'watermark function')
    } catch (error) {
      throw functionFailure(error, operator, 'watermark function')
    }
    if (result === 'poll') return
    if (result !== 'peek') throw unknownResult(operator, result)
  }
  forwardWatermark(output, watermark)
}

function unknownResult({ name, uid }: NamedOperator, came: unknown): MillraceError {
  return new MillraceError('FUNCTION_FAILED', {
    expected: `'peek' or 'poll' from onWatermark of '${name}'`,
    came: show(came),
    todo: "Return 'peek' to let the operator go on, 'poll' to keep the watermark to the function.",
    ids: { uid },
    isRetryable: false,
  })
}
