// The clock of one simulated machine. Its stopwatch may run a little fast or slow, its calendar
// jumps besides, and both start at a moment of their own, so a comparison of the stopwatches of two
// machines is sure to be noticed.

import type { Clock } from '@millrace/core'
import type { ClockFaults } from '../faults/fault-plan.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { TICK_MS, type Timeline, wholeTicks } from './timeline.ts'

/** What a clock is made of. */
export interface SimulatedClockOptions {
  readonly timeline: Timeline
  readonly random: SeededRandom
  readonly faults: ClockFaults
  /** What the calendar shows at the start of the simulation, in milliseconds since 1970. */
  readonly startMs: number
}

/** A clock that shows simulated time as one machine sees it. */
export class SimulatedClock implements Clock {
  readonly #timeline: Timeline
  readonly #random: SeededRandom
  readonly #jumps: ClockFaults['jumps']
  readonly #startMs: number
  readonly #stopwatchStartMs: number
  readonly #rate: number
  #jumpedMs = 0
  #nextJumpAtMs = Number.POSITIVE_INFINITY

  constructor(options: SimulatedClockOptions) {
    const { faults, random } = options
    const driftMax = faults.driftMax ?? 0
    this.#timeline = options.timeline
    this.#random = random
    this.#jumps = faults.jumps
    this.#startMs = options.startMs
    this.#stopwatchStartMs = random.integer({ min: 0, max: 1_000_000 })
    this.#rate = 1 + random.between({ min: -driftMax, max: driftMax })
    if (faults.jumps !== undefined) this.#nextJumpAtMs = random.between(faults.jumps.everyMs)
  }

  now(): number {
    this.#jumpIfDue()
    return Math.floor(this.#startMs + this.#timeline.nowMs * this.#rate + this.#jumpedMs)
  }

  /**
   * Reading takes {@link CLOCK_READ_MS} of simulated time, or a loop that works for a millisecond
   * would not end.
   */
  monotonicMs(): number {
    this.#timeline.spend(CLOCK_READ_MS)
    return this.#stopwatchStartMs + this.#timeline.nowMs * this.#rate
  }

  /** Moves the calendar, as a person or a time service does; the stopwatch goes on. */
  jumpBy(durationMs: number): void {
    this.#jumpedMs += durationMs
  }

  /** The simulated time at which this stopwatch will have gone on by at least `durationMs`. */
  timeAfter(durationMs: number): number {
    return this.#timeline.nowMs + wholeTicks(durationMs / this.#rate)
  }

  #jumpIfDue(): void {
    if (this.#jumps === undefined) return
    while (this.#timeline.nowMs >= this.#nextJumpAtMs) {
      this.jumpBy(Math.round(this.#random.between(this.#jumps.byMs)))
      this.#nextJumpAtMs += this.#random.between(this.#jumps.everyMs)
    }
  }
}

/**
 * What a reading of the stopwatch costs: the work a task does between two readings, about a hundred
 * records.
 */
const CLOCK_READ_MS: number = 64 * TICK_MS
