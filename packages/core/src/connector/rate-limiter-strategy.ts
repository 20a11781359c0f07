import { checkInteger } from '../config/check-options.ts'
import { MillraceError, show } from '../errors/millrace-error.ts'
import { TokenBucket } from './token-bucket.ts'

/** Says how many records may be emitted now. One for each reader. */
export interface RateLimiter {
  /** Takes leave for up to `recordsMax` records and answers for how many: 0 when it is too early. */
  take(recordsMax: number): number
  /** So many of them were not emitted. */
  giveBack(records: number): void
  /** After how many milliseconds there is leave again; `undefined`: not before a checkpoint. */
  readonly delayMs: number | undefined
  onCheckpointComplete(): void
}

/** A strategy as data; see {@link RateLimiterStrategy}. The numbers are for all readers together. */
export type RateLimiterConfig =
  | { readonly kind: 'per-second'; readonly recordsPerSecond: number }
  | { readonly kind: 'per-checkpoint'; readonly recordsPerCheckpoint: number }

/**
 * How many records a source emits at most, over all its readers; see {@link rateLimited}.
 *
 * @example
 * ```ts
 * import { RateLimiterStrategy } from 'millrace'
 *
 * console.log(RateLimiterStrategy.perSecond(1000).config.kind) // per-second
 * ```
 */
export class RateLimiterStrategy {
  readonly config: RateLimiterConfig

  private constructor(config: RateLimiterConfig) {
    this.config = config
  }

  /**
   * So many records each second, evenly. After a stall at most a second's worth is made up for.
   *
   * @throws MillraceError `OPTION_INVALID`
   */
  static perSecond(recordsPerSecond: number): RateLimiterStrategy {
    if (Number.isFinite(recordsPerSecond) && recordsPerSecond > 0) {
      return new RateLimiterStrategy({ kind: 'per-second', recordsPerSecond })
    }
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a number of records per second above 0',
      came: show(recordsPerSecond),
      todo: 'Leave the limit out for a source without one.',
    })
  }

  /**
   * So many records between one completed checkpoint and the next; of each reader its equal share, rounded up. Without
   * checkpoints the source stops after the first so many: for tests of what happens between checkpoints.
   *
   * @throws MillraceError `OPTION_INVALID`
   */
  static perCheckpoint(recordsPerCheckpoint: number): RateLimiterStrategy {
    checkInteger('recordsPerCheckpoint', recordsPerCheckpoint, {
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
    })
    return new RateLimiterStrategy({ kind: 'per-checkpoint', recordsPerCheckpoint })
  }

  /** The limiter of one of `parallelism` readers. */
  createLimiter(parallelism: number, monotonicMs: () => number): RateLimiter {
    const { config } = this
    return config.kind === 'per-second'
      ? new PerSecondLimiter(config.recordsPerSecond / parallelism, monotonicMs)
      : new PerCheckpointLimiter(Math.ceil(config.recordsPerCheckpoint / parallelism))
  }
}

class PerSecondLimiter extends TokenBucket implements RateLimiter {
  onCheckpointComplete(): void {}
}

class PerCheckpointLimiter implements RateLimiter {
  readonly delayMs = undefined
  readonly #perCheckpoint: number
  #left: number

  constructor(perCheckpoint: number) {
    this.#perCheckpoint = perCheckpoint
    this.#left = perCheckpoint
  }

  take(recordsMax: number): number {
    const taken = Math.min(recordsMax, this.#left)
    this.#left -= taken
    return taken
  }

  giveBack(records: number): void {
    this.#left += records
  }

  onCheckpointComplete(): void {
    this.#left = this.#perCheckpoint
  }
}
