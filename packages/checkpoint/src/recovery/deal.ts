// How the elements of list-like state are dealt to subtasks when the parallelism changes: all elements in the
// order of the old subtasks, cut into contiguous runs whose lengths differ by at most one.

/** A part of a list: from `start`, up to but not including `end`. */
export interface DealtRun {
  readonly start: number
  readonly end: number
}

/**
 * The run of a list of `count` elements that one subtask gets.
 *
 * @example
 * ```ts
 * import { dealtRun } from '@millrace/checkpoint'
 *
 * console.log(dealtRun({ count: 5, subtaskIndex: 1, parallelism: 2 })) // { start: 2, end: 5 }
 * ```
 */
export function dealtRun({
  count,
  subtaskIndex,
  parallelism,
}: {
  readonly count: number
  readonly subtaskIndex: number
  readonly parallelism: number
}): DealtRun {
  return {
    start: Math.floor((count * subtaskIndex) / parallelism),
    end: Math.floor((count * (subtaskIndex + 1)) / parallelism),
  }
}
