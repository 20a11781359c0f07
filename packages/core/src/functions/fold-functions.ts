// Functions that make one value of many: of the records of a window, or of what state was given.

import type { TypeInfo } from '../types/type-info.ts'
import type { StateEvolution } from './state-evolution.ts'

/** Folds two values into one; must be associative, and must leave both as they are. */
export type ReduceFunction<T> = (left: T, right: T) => T

/**
 * Folds records into an accumulator. The accumulator may be changed in place and returned; that is faster
 * than replacing it.
 */
export interface AggregateFunction<IN, ACC, OUT> {
  /** An accumulator that has seen nothing. */
  createAccumulator(): ACC
  /** Adds a value, and answers the accumulator: the same one, changed, or another. */
  add(accumulator: ACC, value: IN): ACC
  /** May return the accumulator itself, or parts of it: the engine changes no accumulator that was handed out. */
  getResult(accumulator: ACC): OUT
  /**
   * Folds `right` into `left`. May change and return `left`; must leave `right` as it is, and not return it, unless accumulators
   * are never changed in place.
   */
  merge(left: ACC, right: ACC): ACC
  /** How accumulators are written in snapshots. Default: `Types.any()`. */
  readonly accumulatorType?: TypeInfo<ACC>
  /** How accumulators of a former type become those of today, where the engine cannot know. */
  readonly accumulatorEvolution?: StateEvolution<NoInfer<ACC>>
}
