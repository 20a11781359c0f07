import { assert, type Timer, type Timers } from '@millrace/core'
import type { SeededRandom } from '../seeded-random.ts'
import type { Lifetime } from './lifetime.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import { TICK_MS, type Timeline } from './timeline.ts'

/** What timers are made of. */
export interface SimulatedTimersOptions {
  readonly timeline: Timeline
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly owner: Lifetime
}

/**
 * The timers of one simulated process; they follow the stopwatch of its machine and end with the
 * process.
 */
export class SimulatedTimers implements Timers {
  readonly #timeline: Timeline
  readonly #clock: SimulatedClock
  readonly #random: SeededRandom
  readonly #owner: Lifetime
  #soonAtMs = 0

  constructor(options: SimulatedTimersOptions) {
    this.#timeline = options.timeline
    this.#clock = options.clock
    this.#random = options.random
    this.#owner = options.owner
  }

  after(delayMs: number, callback: () => void): Timer {
    assert(Number.isFinite(delayMs), 'a delay is a finite number of milliseconds')
    // At least a tick, so that a loop of timers without delay cannot stop time.
    const atMs = this.#clock.timeAfter(Math.max(delayMs, TICK_MS))
    const event = this.#timeline.schedule({
      atMs,
      owner: this.#owner,
      label: 'timer',
      run: callback,
    })
    return {
      cancel: () => {
        event.isCanceled = true
      },
    }
  }

  soon(callback: () => void): void {
    // A turn takes a varying moment, so that the turns of processes fall between each other in many
    // ways.
    const turnMs = this.#random.integer(TURN_TICKS) * TICK_MS
    this.#soonAtMs = Math.max(this.#soonAtMs, this.#timeline.nowMs + turnMs)
    this.#timeline.schedule({
      atMs: this.#soonAtMs,
      owner: this.#owner,
      label: 'turn',
      run: callback,
    })
  }
}

/** How long a turn of the event loop takes: up to about 8 µs. */
const TURN_TICKS = { min: 1, max: 8 }
