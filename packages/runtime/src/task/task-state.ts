// The life of a task.
//
//                                       ┌─────────────────────┐
//                                       │                     ▼
//   created ──> opening ──> open ──> running ──> drained ──> finished
//      │           │          │         │           │
//      └───────────┴──────────┴────┬────┴───────────┘
//                                  ├──> canceled
//                                  └──> failed ──> canceled
//
// running to finished: the job was stopped with a savepoint.
// drained: all input has ended and was processed. The task still takes part in checkpoints, so that what it wrote
// last can be committed, and passes their barriers on.

import { MillraceError } from '@millrace/core'

/** The states of a task. */
export type TaskState =
  | 'created'
  | 'opening'
  | 'open'
  | 'running'
  | 'drained'
  | 'finished'
  | 'canceled'
  | 'failed'

/** Every legal next state. */
export const TASK_TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  created: ['opening', 'canceled', 'failed'],
  opening: ['open', 'canceled', 'failed'],
  open: ['running', 'canceled', 'failed'],
  running: ['drained', 'finished', 'canceled', 'failed'],
  drained: ['finished', 'canceled', 'failed'],
  finished: [],
  canceled: [],
  failed: ['canceled'],
}

/** Throws `ILLEGAL_TRANSITION` unless a task may go from one state to the other. */
export function assertTaskTransition(from: TaskState, to: TaskState, taskName: string): void {
  if (TASK_TRANSITIONS[from].includes(to)) return
  throw new MillraceError('ILLEGAL_TRANSITION', {
    expected: `the task '${taskName}' to go from ${from} to one of [${TASK_TRANSITIONS[from].join(', ')}]`,
    came: to,
    todo: 'This is a bug in Millrace; please report it.',
  })
}
