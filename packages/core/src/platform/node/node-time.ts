import type { Clock, Timer, Timers } from '../platform.ts'

/** The clocks of the process. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** The timers of the process. A pending timer keeps the process alive. */
export const nodeTimers: Timers = {
  after: (delayMs, callback) => new NodeTimer(delayMs, callback),
  soon: (callback) => {
    setImmediate(callback)
  },
}

/** `setTimeout` fires at once for longer delays, so those are slept in pieces of 2^31 - 1 ms. */
const SLEEP_MS_MAX = 2_147_483_647

class NodeTimer implements Timer {
  readonly #dueMs: number
  readonly #callback: () => void
  #handle: NodeJS.Timeout

  constructor(delayMs: number, callback: () => void) {
    this.#dueMs = performance.now() + delayMs
    this.#callback = callback
    this.#handle = this.#sleep(delayMs)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  #sleep(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#wake(), Math.min(Math.ceil(delayMs), SLEEP_MS_MAX))
  }

  // The event loop counts in whole milliseconds and may wake a fraction too early.
  #wake(): void {
    const remainingMs = this.#dueMs - performance.now()
    if (remainingMs > 0) this.#handle = this.#sleep(remainingMs)
    else this.#callback()
  }
}
