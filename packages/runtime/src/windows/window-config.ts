// What window operators read from the plan.

import {
  type AggregateFunction,
  MillraceError,
  show,
  type TypeDescriptor,
  type WindowAssigner,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure, type NamedOperator, promiseReturned } from '../operators/user-function.ts'

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
  const config = context.operator.config as unknown as WindowConfig<ASSIGNER>
  // The clock decides where a record belongs, so in processing time nothing is late.
  return config.assigner.time === 'event-time' ? config : { ...config, allowedLatenessMs: 0 }
}

/** The aggregate of a window operator. */
export function windowAggregate<IN, ACC>(
  context: OperatorContext,
): AggregateFunction<IN, ACC, unknown> {
  return context.functions.resolve(context.operator.functions['aggregate'])
}

/** What window operators do with accumulators when windows are put together. */
export interface Merging<ACC> {
  readonly create: () => ACC
  /** Folds `right` into `left` and answers the result; `right` stays as it is. */
  readonly merge: (left: ACC, right: ACC) => ACC
  /** An accumulator of the same content that may be changed, or handed to a user function that keeps it. */
  readonly copy: (accumulator: ACC) => ACC
}

/** The merging side of an aggregate; its failures name the operator. */
export function windowMerging<ACC>(
  operator: NamedOperator,
  aggregate: Pick<AggregateFunction<never, ACC, unknown>, 'createAccumulator' | 'merge'>,
): Merging<ACC> {
  const create = (): ACC => {
    try {
      return aggregate.createAccumulator()
    } catch (error) {
      throw functionFailure(error, operator, 'aggregate function')
    }
  }
  const merge = (left: ACC, right: ACC): ACC => {
    let merged: ACC
    try {
      merged = aggregate.merge(left, right)
    } catch (error) {
      throw functionFailure(error, operator, 'aggregate function')
    }
    if (merged instanceof Promise) throw promiseReturned(merged, operator, 'aggregate function')
    return merged
  }
  // What is no object cannot be changed in place.
  const copy = (accumulator: ACC): ACC =>
    typeof accumulator === 'object' ? merge(create(), accumulator) : accumulator
  return { create, merge, copy }
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
