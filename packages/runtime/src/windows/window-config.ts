// What window operators read from the plan.

import {
  type AggregateFunction,
  MillraceError,
  show,
  type TypeDescriptor,
  type WindowAssigner,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'

/** The configuration of a window operator, as the API writes it. */
export interface WindowConfig<ASSIGNER extends WindowAssigner> {
  readonly assigner: ASSIGNER
  readonly allowedLatenessMs: number
  /** The side output of late records; without one they are dropped and counted. */
  readonly lateTag: string | null
  readonly accumulatorType: TypeDescriptor
}

/** The plan's configuration. */
export function windowConfig<ASSIGNER extends WindowAssigner>(
  context: OperatorContext,
): WindowConfig<ASSIGNER> {
  return context.operator.config as unknown as WindowConfig<ASSIGNER>
}

/** The aggregate of a window operator. */
export function windowAggregate<IN, ACC>(
  context: OperatorContext,
): AggregateFunction<IN, ACC, unknown> {
  return context.functions.resolve(context.operator.functions['aggregate'])
}

/** The error for a record that cannot be put into a window of event time. */
export function missingTimestamp(context: OperatorContext, value: unknown): MillraceError {
  return new MillraceError('TIMESTAMP_INVALID', {
    expected: `records with timestamps in the window '${context.operator.name}'`,
    came: `one without: ${show(value)}`,
    todo: 'Call assignTimestampsAndWatermarks before the window, or use a processing-time window.',
    ids: { uid: context.operator.uid },
  })
}

/** The accumulator that counts the late records that no side output takes. */
export function lateCounterName(context: OperatorContext): string {
  return `${context.operator.name}.late`
}
