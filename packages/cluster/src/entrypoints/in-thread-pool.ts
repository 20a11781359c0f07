// One executor in the calling thread: closures are used as they are, nothing is bundled or encoded.

import type { Platform } from '@millrace/core'
import type { ExecutorHandle, ExecutorPool } from '../gateways/executor-pool.ts'
import { loopbackPortPair } from '../gateways/loopback-port.ts'
import { type LoadedJob, TaskExecutor } from '../task-executor/task-executor.ts'

/** The pool of the in-thread mode. */
export class InThreadPool implements ExecutorPool {
  readonly size = 1
  readonly #platform: Platform
  readonly #job: LoadedJob

  constructor(platform: Platform, job: LoadedJob) {
    this.#platform = platform
    this.#job = job
  }

  async start(index: number): Promise<ExecutorHandle> {
    const { left, right } = loopbackPortPair(this.#platform.timers)
    new TaskExecutor({
      index,
      where: 'this thread',
      platform: this.#platform,
      control: right,
      loadJob: async () => this.#job,
    })
    return { index, control: left, onLost: () => {} }
  }

  connect(): void {
    // With one executor, every channel is a local one.
  }

  async close(): Promise<void> {
    // The tasks are closed; the ports hold nothing that keeps a process alive.
  }
}
