// Putting accumulators together, with failures that name the operator.

import type { AggregateFunction } from '@millrace/core'
import { functionFailure, type NamedOperator, promiseReturned } from '../operators/user-function.ts'

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
