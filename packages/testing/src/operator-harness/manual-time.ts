import { assert, type Clock, type Timer, type Timers } from '@millrace/core'

/**
 * A clock and timers that move only when a test says so. Nothing runs by itself: timers run inside {@link advanceTo}, what was
 * asked for by `soon` inside {@link runTurn}.
 *
 * @example
 * ```ts
 * import { ManualTime } from '@millrace/testing'
 *
 * const time = new ManualTime()
 * time.after(500, () => console.log('due at', time.now()))
 * time.advanceTo(499)
 * time.advanceTo(1_000) // due at 500
 * ```
 */
export class ManualTime implements Clock, Timers {
  #monotonicMs = 0
  /** What the calendar is ahead of the stopwatch. */
  #calendarMs: number
  #timers: PendingTimer[] = []
  #turn: (() => void)[] = []

  /** `startMs` is what the calendar shows at first, in milliseconds since 1970. */
  constructor(startMs: number = 0) {
    this.#calendarMs = startMs
  }

  now(): number {
    return Math.floor(this.#monotonicMs + this.#calendarMs)
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, callback: () => void): Timer {
    assert(Number.isFinite(delayMs), 'a delay is a finite number of milliseconds')
    const pending = { dueMs: this.#monotonicMs + Math.max(0, delayMs), callback }
    this.#timers.push(pending)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((timer) => timer !== pending)
      },
    }
  }

  soon(callback: () => void): void {
    this.#turn.push(callback)
  }

  /** Moves both clocks until the calendar shows `nowMs`, and runs on the way what becomes due, in order. */
  advanceTo(nowMs: number): void {
    this.advanceBy(nowMs - (this.#monotonicMs + this.#calendarMs))
  }

  /** Moves both clocks on, and runs on the way what becomes due, in order. */
  advanceBy(durationMs: number): void {
    assert(durationMs >= 0, 'time goes on; use setCalendar to set the calendar back')
    const endMs = this.#monotonicMs + durationMs
    for (let due = this.#earliest(); due.dueMs <= endMs; due = this.#earliest()) {
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#monotonicMs = Math.max(this.#monotonicMs, due.dueMs)
      due.callback()
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, endMs)
  }

  /** Moves both clocks on and runs nothing: how long some work took. */
  spend(durationMs: number): void {
    this.#monotonicMs += durationMs
  }

  /** Sets the calendar, as a person or a time service does; the stopwatch and the timers do not notice. */
  setCalendar(nowMs: number): void {
    this.#calendarMs = nowMs - this.#monotonicMs
  }

  /** Runs what was asked for by `soon` until now; what that asks for waits for the next turn. True if there was anything. */
  runTurn(): boolean {
    const turn = this.#turn
    this.#turn = []
    for (const callback of turn) callback()
    return turn.length > 0
  }

  #earliest(): PendingTimer {
    return this.#timers.reduce((a, b) => (b.dueMs < a.dueMs ? b : a), NEVER)
  }
}

interface PendingTimer {
  readonly dueMs: number
  readonly callback: () => void
}

const NEVER: PendingTimer = { dueMs: Number.POSITIVE_INFINITY, callback: () => {} }
