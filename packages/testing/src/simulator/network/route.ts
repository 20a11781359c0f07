import type { NetworkFaults } from '../faults/fault-plan.ts'
import type { Range, SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'

/** What a way from one process to another is made of. */
export interface RouteOptions {
  readonly timeline: Timeline
  readonly random: SeededRandom
  /** What happens to a message that is sent now. */
  readonly faults: () => NetworkFaults
  readonly from: Lifetime
  readonly to: Lifetime
}

/** The way from one process to another: what is sent takes a while, and nothing overtakes. */
export class Route {
  readonly #options: RouteOptions
  #lastAtMs = 0

  constructor(options: RouteOptions) {
    this.#options = options
  }

  /** Calls `arrive` at the other end, unless one of the two processes ends before. */
  send(label: string, arrive: () => void): void {
    const { from, to } = this.#options
    this.#deliver(`${label} from ${from.name}`, () => {
      if (from.isAlive && to.isAlive) arrive()
    })
  }

  /**
   * Calls `notice` at the other end once the sender has ended and what could still be under way is
   * gone.
   */
  noticeEnd(label: string, notice: () => void): void {
    this.#options.from.atEnd(() => this.#deliver(label, notice))
  }

  #deliver(label: string, run: () => void): void {
    const { timeline, to } = this.#options
    this.#lastAtMs = Math.max(this.#lastAtMs, timeline.nowMs + this.#delayMs())
    timeline.schedule({ atMs: this.#lastAtMs, owner: to, label, run })
  }

  #delayMs(): number {
    const { random, faults } = this.#options
    const { delayMs = DEFAULT_DELAY_MS, stragglers } = faults()
    const usualMs = random.skewed(delayMs)
    if (stragglers === undefined || !random.chance(stragglers.chance)) return usualMs
    return usualMs + random.between(stragglers.delayMs)
  }
}

/** A fast local network. */
export const DEFAULT_DELAY_MS: Range = { min: 0.02, max: 0.5 }
