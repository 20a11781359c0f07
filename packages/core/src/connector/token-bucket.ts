// A token bucket on the stopwatch: one token a record. It fills evenly and holds one second's worth at most, so after a
// stall at most that much is made up for.

/** Allows a number of records each second. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #monotonicMs: () => number
  #tokens = 0
  #filledAtMs: number

  constructor(perSecond: number, monotonicMs: () => number) {
    this.#perSecond = perSecond
    this.#monotonicMs = monotonicMs
    this.#filledAtMs = monotonicMs()
  }

  /** Takes up to `recordsMax` tokens and answers how many: 0 when it is too early. */
  take(recordsMax: number): number {
    const nowMs = this.#monotonicMs()
    const filled = this.#tokens + ((nowMs - this.#filledAtMs) * this.#perSecond) / 1000
    const tokens = Math.min(filled, Math.max(1, this.#perSecond))
    const taken = Math.min(recordsMax, Math.floor(tokens))
    this.#filledAtMs = nowMs
    this.#tokens = tokens - taken
    return taken
  }

  /** Gives tokens back that were not needed. */
  giveBack(tokens: number): void {
    this.#tokens += tokens
  }

  /** Milliseconds until there is a token; whole, at least 1. */
  get delayMs(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond))
  }
}
