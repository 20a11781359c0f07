import type { SeededRandom } from '../seeded-random.ts'
import type { PeriodOptions } from './fault-plan.ts'

/**
 * Times of trouble, drawn one after the other as time goes on. When they come does not depend on
 * how often they are asked for.
 */
export class Periods {
  readonly #options: PeriodOptions
  readonly #random: SeededRandom
  #startMs: number
  #endMs: number

  constructor(options: PeriodOptions, random: SeededRandom) {
    this.#options = options
    this.#random = random
    this.#startMs = random.between(options.everyMs)
    this.#endMs = this.#startMs + random.between(options.forMs)
  }

  /** Whether `nowMs` falls into a time of trouble. Time must not go back between calls. */
  isActive(nowMs: number): boolean {
    while (nowMs >= this.#endMs) {
      this.#startMs = this.#endMs + this.#random.between(this.#options.everyMs)
      this.#endMs = this.#startMs + this.#random.between(this.#options.forMs)
    }
    return nowMs >= this.#startMs
  }
}
