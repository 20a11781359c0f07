/** Of `oldCount` subtasks in a row, those in whose place one of `count` new ones stands: from `start` up to before `end`. */
export interface SubtaskShare {
  readonly start: number
  readonly end: number
}

/**
 * The old subtasks in whose place a new one stands. Each new one stands for at least one, each old one has at least one in its
 * place, and at the same parallelism each stands for itself. When there are fewer, an old one belongs to exactly one new one.
 */
export function shareOfSubtask({
  subtask,
  count,
  oldCount,
}: {
  readonly subtask: number
  readonly count: number
  readonly oldCount: number
}): SubtaskShare {
  const start = Math.floor((oldCount * subtask) / count)
  const end = Math.floor((oldCount * (subtask + 1)) / count)
  return { start, end: Math.max(end, start + 1) }
}
