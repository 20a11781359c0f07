// When a request is made again: pure.

/** A retry strategy as the API writes it into the plan. */
export interface RetryConfig {
  /** How often a request is made again, after the first time. */
  readonly maxRetries: number
  /** Before the first retry. */
  readonly delayMs: number
  readonly maxDelayMs: number
  /** Each further delay is so many times the one before. */
  readonly multiplier: number
}

/** How long to wait before retry number `retry`, counted from 1; `undefined` if there is none any more. */
export function retryDelayMs(config: RetryConfig, retry: number): number | undefined {
  if (retry > config.maxRetries) return undefined
  return Math.min(config.delayMs * config.multiplier ** (retry - 1), config.maxDelayMs)
}
