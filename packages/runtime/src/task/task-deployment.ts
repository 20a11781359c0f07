// What a task is told when it is deployed. Plain data: it travels from the job master to the task's thread.

import type { StateHandle } from '@millrace/checkpoint'

/** One task to run. */
export interface TaskDeployment {
  readonly vertexId: string
  readonly subtaskIndex: number
  /** By operator uid; operators that start fresh are left out. */
  readonly restored: Readonly<Record<string, RestoredState>>
}

/** Where the state of one operator subtask lies. */
export interface RestoredState {
  readonly isFinished: boolean
  /** The number of subtasks that wrote it. */
  readonly parallelism: number
  readonly slots: Readonly<Record<string, readonly RestoredHandle[]>>
}

/** One blob of an old subtask. */
export interface RestoredHandle {
  readonly subtaskIndex: number
  readonly handle: StateHandle
}
