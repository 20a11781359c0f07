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

  /** Runs `callback` in the task's loop once the clock shows `timestamp` or more; never after `close`. */
  at(timestamp: number, callback: () => void): Timer {
    return this.#alarm(() => timestamp - this.#clock.now(), callback)
  }

  /** Runs `callback` in the task's loop after `delayMs`, whatever the calendar does meanwhile; never after `close`. */
  after(delayMs: number, callback: () => void): Timer {
    const dueMs = this.#clock.monotonicMs() + delayMs
    return this.#alarm(() => dueMs - this.#clock.monotonicMs(), callback)
  }

  #alarm(remainingMs: () => number, callback: () => void): Timer {
    const alarm: { timer: Timer | undefined; isCanceled: boolean } = {
      timer: undefined,
      isCanceled: this.#isClosed,
    }
    const handle: Timer = {
      cancel: () => {
        alarm.isCanceled = true
        alarm.timer?.cancel()
        this.#pending.delete(handle)
      },
    }
    const arm = (): void => {
      const waitMs = Math.max(0, Math.min(remainingMs(), TIMER_MS_MAX))
      alarm.timer = this.#timers.after(waitMs, () =>
        this.#enqueue(() => {
          if (alarm.isCanceled) return
          // The calendar may have gone back meanwhile.
          if (remainingMs() > 0) return arm()
          this.#pending.delete(handle)
          callback()
        }),
      )
    }
    if (this.#isClosed) return handle
    this.#pending.add(handle)
    arm()
    return handle
  }

  /** Cancels every alarm. None is set any more. */
  close(): void {
    this.#isClosed = true
    for (const timer of [...this.#pending]) timer.cancel()
  }
}

/** The longest delay that Node's timers take: 2^31 - 1 ms, about 24.8 days. */
const TIMER_MS_MAX = 2_147_483_647
