// Where task executors live: in this thread, in worker threads, or in the simulator. The job master knows no
// more of them than this.

import type { MessageChannelPort } from '@millrace/core'

/** A task executor, as the job master holds it. */
export interface ExecutorHandle {
  readonly index: number
  /** Carries `ExecutorCommand`s there and `ExecutorReport`s back. */
  readonly control: MessageChannelPort
  /** Called once if the executor dies without being asked to. */
  onLost(handler: (error: unknown) => void): void
}

/** Starts executors and connects them. */
export interface ExecutorPool {
  readonly size: number
  /** Starts the executor of an index, or the next one after it was lost. */
  start(index: number): Promise<ExecutorHandle>
  /** Lays a channel between two executors; both know it by `name`. */
  connect(from: ExecutorHandle, to: ExecutorHandle, name: string): void
  /** Ends all executors. */
  close(): Promise<void>
}
