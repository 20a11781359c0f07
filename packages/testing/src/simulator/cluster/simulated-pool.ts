// Task executors as processes of their own in a simulation: what worker threads are on a machine. Each crashes alone,
// or all of them with the process of the job master.
//
//   job master ── control port ──> executor 0 (process) ─┐
//        │                                               ├─ one pair of ports a channel, frames on it
//        └─────── control port ──> executor 1 (process) ─┘
//
// All of them share the disk of the job master, as threads of one machine do and hosts that mount one storage.

import {
  type ExecutorHandle,
  type ExecutorPool,
  type LoadedJob,
  TaskExecutor,
} from '@millrace/cluster'
import type { MessageChannelPort } from '@millrace/core'
import type { SnapshotPace } from '@millrace/runtime'
import type { SimulatedProcess } from '../simulated-process.ts'
import type { Simulation } from '../simulation.ts'

/** What a simulated pool is made from. */
export interface SimulatedPoolInit {
  readonly simulation: Simulation
  /** The process of the job master. */
  readonly process: SimulatedProcess
  readonly size: number
  /** Builds the job in an executor, which calls it once. */
  readonly loadJob: () => Promise<LoadedJob>
}

/** How long an executor takes to start. */
const START_MS = { min: 1, max: 20 }

/** How long the job master takes to notice that an executor is gone. */
const NOTICE_MS = { min: 0.1, max: 20 }

/** A pool of executors that can crash. */
export class SimulatedPool implements ExecutorPool {
  readonly size: number
  readonly #init: SimulatedPoolInit
  readonly #executors = new Map<number, SimulatedTaskExecutor>()
  #lostCount = 0
  #isClosed = false

  constructor(init: SimulatedPoolInit) {
    this.size = init.size
    this.#init = init
    init.process.lifetime.atEnd(() => this.#crashAll())
  }

  /** How many executors have crashed by themselves so far. */
  get lostCount(): number {
    return this.#lostCount
  }

  async start(index: number): Promise<ExecutorHandle> {
    const master = this.#init.process
    const executor = new SimulatedTaskExecutor(this.#init, index)
    this.#executors.set(index, executor)
    let onLost: ((error: unknown) => void) | undefined
    let lostError: Error | undefined
    executor.process.lifetime.atEnd(() => {
      if (this.#isClosed || !master.isAlive) return
      this.#lostCount++
      this.#executors.delete(index)
      const noticeMs = executor.process.random.fork('notice').between(NOTICE_MS)
      master.timers.after(noticeMs, () => {
        lostError = new Error(`the process ${executor.process.lifetime.name} crashed`)
        onLost?.(lostError)
      })
    })
    return {
      index,
      control: executor.control,
      onLost: (handler) => {
        onLost = handler
        if (lostError !== undefined) handler(lostError)
      },
    }
  }

  connect(from: ExecutorHandle, to: ExecutorHandle, name: string): void {
    const left = this.#executors.get(from.index)
    const right = this.#executors.get(to.index)
    // One of them has just crashed; the job master will hear of it and connect anew.
    if (left === undefined || right === undefined) return
    const pair = this.#init.simulation.portPair(left.process, right.process)
    left.acceptPort(name, pair.left)
    right.acceptPort(name, pair.right)
  }

  /** Crashes one executor, as if its process had been killed. False if it is down already. */
  crash(index: number): boolean {
    const executor = this.#executors.get(index)
    if (executor === undefined || this.#isClosed) return false
    executor.process.crash()
    return true
  }

  /**
   * No executor is missed any more. Their processes go on until the one of the job master ends, so that a test sees
   * whether they have come to rest.
   */
  async close(): Promise<void> {
    this.#isClosed = true
  }

  #crashAll(): void {
    this.#isClosed = true
    for (const executor of this.#executors.values()) executor.process.crash()
  }
}

/** One executor and its process. */
class SimulatedTaskExecutor {
  readonly process: SimulatedProcess
  /** The job master's end of the control port. */
  readonly control: MessageChannelPort
  readonly #ports = new Map<string, MessageChannelPort>()
  #executor: TaskExecutor | undefined

  constructor({ simulation, process: master, loadJob }: SimulatedPoolInit, index: number) {
    const where = `${master.name}/executor-${index + 1}`
    this.process = simulation.process(where, { disk: simulation.disk(master.name) })
    const { left, right } = simulation.portPair(master, this.process)
    this.control = left
    const { process } = this
    process.timers.after(process.random.fork('start').between(START_MS), () => {
      this.#executor = new TaskExecutor({
        index,
        where,
        platform: process,
        control: right,
        loadJob,
        snapshotPace: hostilePace(process.random.fork('snapshots').next()),
      })
      for (const [name, port] of this.#ports) this.#executor.acceptPort(name, port)
      this.#ports.clear()
    })
  }

  acceptPort(name: string, port: MessageChannelPort): void {
    if (this.#executor === undefined) this.#ports.set(name, port)
    else this.#executor.acceptPort(name, port)
  }
}

/**
 * Steps instead of time, which stands still while code runs: the first few at the barrier, then one in each turn, so that records come
 * between any two of them.
 */
function hostilePace(chance: number): SnapshotPace {
  const ms = Number.POSITIVE_INFINITY
  return {
    atBarrier: { ms, steps: Math.floor(chance * BARRIER_STEPS_MAX) },
    inSlice: { ms, steps: 1 },
  }
}

/** Enough for the small state of most simulated jobs. */
const BARRIER_STEPS_MAX = 12
