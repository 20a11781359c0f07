// Keeps a process running through the crashes that the fault plan has for it.
//
//   running ── crash ──> down ── after downMs ──> running again, as a new process on the same disk
//
// All crash times are drawn when the supervisor starts, from a stream of their own.

import type { SimulatedProcess } from '../simulated-process.ts'
import type { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { CrashFaults } from './fault-plan.ts'

/** What a supervisor is made of. */
export interface SupervisorOptions {
  readonly timeline: Timeline
  readonly random: SeededRandom
  /** On whose behalf crashes and restarts happen: nobody's that can crash. */
  readonly owner: Lifetime
  readonly faults: CrashFaults | undefined
  /** A new process of the name. */
  readonly process: () => SimulatedProcess
  /** Runs the program in a process. */
  readonly start: (process: SimulatedProcess) => void | Promise<void>
  /** Called if the program fails other than by a crash. */
  readonly onFailure: (error: unknown) => void
}

/** A process that crashes as planned and is started again each time. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #random: SeededRandom
  #current: SimulatedProcess | undefined
  #crashCount = 0
  #isStopped = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#random = options.random
    this.#at(options.timeline.nowMs, 'start', () => this.#start())
    const { faults } = options
    if (faults === undefined) return
    const count = this.#random.integer(faults.count)
    for (let index = 0; index < count; index++) {
      this.#at(this.#random.between(faults.withinMs), 'crash', () => this.crash())
    }
  }

  /** The process that runs now, or `undefined` while it is down. */
  get current(): SimulatedProcess | undefined {
    return this.#current
  }

  /** How often it has crashed so far. */
  get crashCount(): number {
    return this.#crashCount
  }

  /**
   * Crashes the process now, besides the plan; it is started again later. Nothing happens while it
   * is down.
   */
  crash(): void {
    if (!this.#isStopped) this.#current?.crash()
  }

  /** No crash and no restart from now on. A process that runs goes on. */
  stop(): void {
    this.#isStopped = true
  }

  #start(): void {
    if (this.#isStopped) return
    const { process, start, onFailure } = this.#options
    const current = process()
    this.#current = current
    current.lifetime.atEnd(() => this.#restartLater())
    Promise.resolve(start(current)).catch((error: unknown) => {
      if (current.isAlive) onFailure(error)
    })
  }

  #restartLater(): void {
    this.#crashCount++
    this.#current = undefined
    const downMs = this.#random.between(this.#options.faults?.downMs ?? DEFAULT_DOWN_MS)
    this.#at(this.#options.timeline.nowMs + downMs, 'restart', () => this.#start())
  }

  #at(atMs: number, label: string, run: () => void): void {
    const { timeline, owner } = this.#options
    timeline.schedule({ atMs, owner, label, run })
  }
}

const DEFAULT_DOWN_MS = { min: 10, max: 1000 }
