// How a job reaches the simulated systems outside: by requests that take a while, and may fail.
//
//   request ── delay ──> takes effect ── delay ──> answer
//      └─ fails ✗            └─ the answer is lost ✗
//
// The delays are those of the process that asks: when it crashes on the way, the request took effect or not, and nobody
// hears of it.

import { MillraceError, type Platform } from '@millrace/core'
import type { SeededRandom } from '../simulator/seeded-random.ts'
import type { ServiceFaults } from './simulate-faults.ts'

/** What the systems outside share. */
export interface SimulatedServicesInit {
  readonly random: SeededRandom
  readonly faults: ServiceFaults
  /** The time of the world, which no clock of a process shows. */
  readonly nowMs: () => number
  /** From this simulated millisecond on no request is slow or fails. */
  readonly faultsUntilMs: number
}

/** The way to the systems outside. */
export class SimulatedServices {
  readonly #init: SimulatedServicesInit

  constructor(init: SimulatedServicesInit) {
    this.#init = init
  }

  /** Simulated milliseconds since the start. */
  get nowMs(): number {
    return this.#init.nowMs()
  }

  /** Chance for the systems themselves. */
  get random(): SeededRandom {
    return this.#init.random
  }

  /** Asks a system to do something, and answers what it answered. */
  async request<Answer>(platform: Platform, system: string, effect: () => Answer): Promise<Answer> {
    await this.#travel(platform, system)
    const answer = effect()
    await this.#travel(platform, system)
    return answer
  }

  async #travel({ timers }: Platform, system: string): Promise<void> {
    const { random, faultsUntilMs } = this.#init
    const faults = this.nowMs < faultsUntilMs ? this.#init.faults : NO_FAULTS
    const { delayMs = DELAY_MS, failureChance = 0 } = faults
    await new Promise<void>((resolve) => void timers.after(random.skewed(delayMs), resolve))
    if (failureChance === 0 || !random.chance(failureChance)) return
    throw new MillraceError('SOCKET_FAILED', {
      expected: `an answer of ${system}`,
      came: 'a connection that broke',
      todo: 'The simulation made it fail: a job must survive it.',
    })
  }
}

const NO_FAULTS: ServiceFaults = {}

const DELAY_MS = { min: 0.1, max: 2 }
