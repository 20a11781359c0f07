// How much an asynchronous sink asks of its service at once. As in Flink: additive increase, multiplicative decrease.
//
//   a batch went through   ──> requests in flight may be `increase` more
//   a part of it came back ──> requests in flight may be `decreaseFactor` of what they were, at least 1

import { checkInteger, checkOptions } from '../../config/check-options.ts'
import { MillraceError, show } from '../../errors/millrace-error.ts'

/** Decides how much may be under way. One for each writer. */
export interface RateLimiting {
  /** How many requests a batch may have now. At least 1. */
  readonly batchRequestsMax: number
  /** Whether a batch of so many requests may be sent now. Asked again whenever one has come back. */
  canSend(requestCount: number): boolean
  /** A batch of so many requests has been sent. */
  onSent(requestCount: number): void
  /** The answer to a batch has come; so many of its requests are to be sent again. */
  onAnswered(requestCount: number, failedCount: number): void
}

/** How {@link aimdRateLimiting} behaves. */
export interface AimdOptions {
  /** Requests in flight at first, and at most. */
  readonly requestsMax: number
  /** Default: 10. */
  readonly increase?: number
  /** More than 0, less than 1. Default: 0.99, as in Flink. */
  readonly decreaseFactor?: number
}

/**
 * Fewer requests in flight whenever the service turned some down, more and more while it takes all.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example
 * ```ts
 * import { aimdRateLimiting } from '@millrace/core'
 *
 * const limiting = aimdRateLimiting({ requestsMax: 100, decreaseFactor: 0.5 })
 * limiting.onSent(80)
 * limiting.onAnswered(80, 3)
 * limiting.onSent(30)
 * console.log(limiting.canSend(30), limiting.batchRequestsMax) // false 50
 * ```
 */
export function aimdRateLimiting(options: AimdOptions): RateLimiting {
  checkOptions('aimdRateLimiting', options, ['requestsMax', 'increase', 'decreaseFactor'])
  const { requestsMax, increase = 10, decreaseFactor = 0.99 } = options
  const max = Number.MAX_SAFE_INTEGER
  checkInteger('requestsMax', requestsMax, { min: 1, max })
  checkInteger('increase', increase, { min: 1, max })
  if (!(decreaseFactor > 0 && decreaseFactor < 1)) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'decreaseFactor as a number between 0 and 1',
      came: show(decreaseFactor),
      todo: 'Leave it out for 0.99.',
    })
  }
  return new Aimd({ requestsMax, increase, decreaseFactor })
}

class Aimd implements RateLimiting {
  readonly #options: Required<AimdOptions>
  #allowed: number
  #inFlight = 0

  constructor(options: Required<AimdOptions>) {
    this.#options = options
    this.#allowed = options.requestsMax
  }

  get batchRequestsMax(): number {
    return this.#allowed
  }

  /** One batch is always under way: a limit that lets nothing through would never change. */
  canSend(requestCount: number): boolean {
    return this.#inFlight === 0 || this.#inFlight + requestCount <= this.#allowed
  }

  onSent(requestCount: number): void {
    this.#inFlight += requestCount
  }

  onAnswered(requestCount: number, failedCount: number): void {
    const { requestsMax, increase, decreaseFactor } = this.#options
    this.#inFlight -= requestCount
    this.#allowed =
      failedCount > 0
        ? Math.max(1, Math.floor(this.#allowed * decreaseFactor))
        : Math.min(requestsMax, this.#allowed + increase)
  }
}
