// One executor a worker thread. The threads load the bundle of the job's module and build its graph themselves.

import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessageChannelPort } from '@millrace/core'
import type { OperatorDefaults } from '@millrace/job-graph'
import type { ExecutorHandle, ExecutorPool } from '../gateways/executor-pool.ts'
import type { ConnectMessage, WorkerData } from './worker-main.ts'

/** What the threads are made from. */
export interface WorkerThreadPoolInit {
  /** How many threads. */
  readonly size: number
  readonly bundlePath: string
  readonly defaults: OperatorDefaults
}

/** The pool of the worker-thread mode. */
export class WorkerThreadPool implements ExecutorPool {
  readonly size: number
  readonly #init: WorkerThreadPoolInit
  readonly #workers = new Map<number, Worker>()

  constructor(init: WorkerThreadPoolInit) {
    this.size = init.size
    this.#init = init
  }

  async start(index: number): Promise<ExecutorHandle> {
    const { bundlePath, defaults } = this.#init
    const worker = new Worker(bundlePath, {
      name: `millrace-${index + 1}`,
      workerData: { index, defaults } satisfies WorkerData,
      // The job's module reads the same arguments, so it builds the same graph.
      argv: process.argv.slice(2),
      execArgv: ['--enable-source-maps'],
    })
    this.#workers.set(index, worker)
    let onLost: ((error: unknown) => void) | undefined
    let lostError: unknown
    const lose = (error: unknown): void => {
      // Only the worker that is in use counts, and only its first report.
      if (this.#workers.get(index) !== worker) return
      this.#workers.delete(index)
      lostError = error
      onLost?.(error)
    }
    worker.on('error', lose)
    worker.on('exit', (code) => lose(new Error(`the worker thread ended with exit code ${code}`)))
    return {
      index,
      control: workerPort(worker),
      onLost: (handler) => {
        onLost = handler
        if (lostError !== undefined) handler(lostError)
      },
    }
  }

  connect(from: ExecutorHandle, to: ExecutorHandle, name: string): void {
    const { port1, port2 } = new MessageChannel()
    this.#post(from.index, { kind: 'connect', name, port: port1 })
    this.#post(to.index, { kind: 'connect', name, port: port2 })
  }

  async close(): Promise<void> {
    const workers = [...this.#workers.values()]
    this.#workers.clear()
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  #post(index: number, message: ConnectMessage): void {
    this.#workers.get(index)?.postMessage(message, [message.port])
  }
}

function workerPort(worker: Worker): MessageChannelPort {
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (handler) => {
      worker.on('message', handler)
    },
    close: () => {},
  }
}
