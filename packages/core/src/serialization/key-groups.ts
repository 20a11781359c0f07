// Key groups: the keys of a job fall into `maxParallelism` groups, and each subtask owns a contiguous range of
// them. A job is rescaled by dealing out whole groups. The formulas are Flink's, so its tables of who owns what
// hold here too.

import { assert } from '../errors/millrace-error.ts'

/** The key groups `start` to `end`, both included. Empty when `end < start`. */
export interface KeyGroupRange {
  readonly start: number
  readonly end: number
}

/** The most key groups a job can have. */
export const MAX_PARALLELISM_LIMIT = 32_768

/**
 * The key groups that a subtask owns.
 *
 * @example
 * ```ts
 * import { keyGroupRangeFor } from '@millrace/core'
 *
 * console.log(keyGroupRangeFor(0, 3, 128)) // { start: 0, end: 42 }
 * ```
 */
export function keyGroupRangeFor(
  subtaskIndex: number,
  parallelism: number,
  maxParallelism: number,
): KeyGroupRange {
  assertParallelism(parallelism, maxParallelism)
  assert(subtaskIndex >= 0 && subtaskIndex < parallelism, 'the subtask is one of the parallelism')
  return {
    start: Math.ceil((subtaskIndex * maxParallelism) / parallelism),
    end: Math.floor(((subtaskIndex + 1) * maxParallelism - 1) / parallelism),
  }
}

/** The index of the subtask that owns a key group. On the record path, so it checks nothing. */
export function subtaskForKeyGroup(
  keyGroup: number,
  parallelism: number,
  maxParallelism: number,
): number {
  return Math.floor((keyGroup * parallelism) / maxParallelism)
}

/**
 * The number of key groups of a job that does not set it: room to grow to half again as many subtasks, as a power
 * of two, at least 128 and at most {@link MAX_PARALLELISM_LIMIT}. It is fixed in the first checkpoint.
 */
export function defaultMaxParallelism(parallelism: number): number {
  const wanted = parallelism + Math.floor(parallelism / 2)
  const powerOfTwo = 2 ** Math.ceil(Math.log2(Math.max(1, wanted)))
  return Math.min(Math.max(powerOfTwo, DEFAULT_KEY_GROUPS_MIN), MAX_PARALLELISM_LIMIT)
}

const DEFAULT_KEY_GROUPS_MIN = 128

function assertParallelism(parallelism: number, maxParallelism: number): void {
  assert(
    parallelism >= 1 && parallelism <= maxParallelism && maxParallelism <= MAX_PARALLELISM_LIMIT,
    `1 <= parallelism (${parallelism}) <= max parallelism (${maxParallelism}) <= ${MAX_PARALLELISM_LIMIT}`,
  )
}
