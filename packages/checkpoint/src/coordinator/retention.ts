// Which checkpoints to keep, and what number the next one gets.

import { assert } from '@millrace/core'

/** What {@link retentionDecision} needs to know. */
export interface RetentionFacts {
  /** The completed checkpoints that this run made or was restored from, in any order. Never savepoints. */
  readonly completed: readonly number[]
  /** How many to keep; at least 1. */
  readonly retainedMax: number
}

/**
 * The ids of the checkpoints to delete, oldest first: all but the newest `retainedMax`. What this run does
 * not know of is not its own and stays.
 *
 * @example
 * ```ts
 * import { retentionDecision } from '@millrace/checkpoint'
 *
 * console.log(retentionDecision({ completed: [4, 7, 5], retainedMax: 1 })) // [ 4, 5 ]
 * ```
 */
export function retentionDecision({ completed, retainedMax }: RetentionFacts): readonly number[] {
  assert(Number.isInteger(retainedMax) && retainedMax >= 1, 'at least one checkpoint is retained')
  const oldestFirst = completed.toSorted((left, right) => left - right)
  return oldestFirst.slice(0, Math.max(0, oldestFirst.length - retainedMax))
}

/**
 * The id of the next checkpoint. `highestId` is the highest that was ever used in the directory, by a finished
 * or an unfinished checkpoint: a number is not used twice, since files of the earlier use may be there.
 */
export function nextCheckpointId(highestId: number | undefined): number {
  return (highestId ?? 0) + 1
}
