// The clock and alarm of one task. Alarms run in the task's loop, like records, never inside another call.

import type { Clock, Timer, Timers } from '@millrace/core'

/** The processing time of one task. */
export class ProcessingTimeService {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #enqueue: (mail: () => void) => void
  readonly #pending = new Set<Timer>()
  #isClosed = false

  /** `enqueue` runs its argument in the task's loop. */
  constructor(clock: Clock, timers: Timers, enqueue: (mail: () => void) => void) {
    this.#clock = clock
    this.#timers = timers
    this.#enqueue = enqueue
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#clock.now()
  }

  /** Runs `callback` in the task's loop once the clock shows `timestamp` or more. */
  at(timestamp: number, callback: () => void): Timer {
    const timer: { current: Timer | undefined; isCanceled: boolean } = {
      current: undefined,
      isCanceled: false,
    }
    const handle: Timer = {
      cancel: () => {
        timer.isCanceled = true
        timer.current?.cancel()
        this.#pending.delete(handle)
      },
    }
    const arm = (): void => {
      // The calendar may have gone back meanwhile; then the alarm is set again.
      const waitMs = timestamp - this.#clock.now()
      timer.current = this.#timers.after(Math.max(0, Math.min(waitMs, TIMER_MS_MAX)), () =>
        this.#enqueue(() => {
          if (timer.isCanceled || this.#isClosed) return
          if (this.#clock.now() < timestamp) return arm()
          this.#pending.delete(handle)
          callback()
        }),
      )
    }
    this.#pending.add(handle)
    arm()
    return handle
  }

  /** Cancels every alarm. */
  close(): void {
    this.#isClosed = true
    for (const timer of [...this.#pending]) timer.cancel()
  }
}

/** The longest delay that Node's timers take: 2^31 - 1 ms, about 24.8 days. */
const TIMER_MS_MAX = 2_147_483_647
