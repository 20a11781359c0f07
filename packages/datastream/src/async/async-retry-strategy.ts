import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  show,
} from '@millrace/core'
import { checkFunction } from '../functions/check-function.ts'

/** Which answers make a request be made again. */
export interface AsyncRetryConditions<OUT> {
  /** True for results that are not good enough, such as none. Default: all results are taken. */
  readonly ifResult?: (results: readonly OUT[]) => boolean
  /**
   * True for errors that may pass. Default: all errors if there is no `ifResult` either, else none. (Flink's strategies retry
   * nothing without a condition.)
   */
  readonly ifException?: (error: unknown) => boolean
}

/** See {@link AsyncRetryStrategies.fixedDelay}. */
export interface FixedDelayRetryOptions<OUT> extends AsyncRetryConditions<OUT> {
  /** How often a request is made again after the first time, from 1. */
  readonly maxRetries: number
  /** Between an answer and the next request. */
  readonly delay: Duration
}

/** See {@link AsyncRetryStrategies.exponentialBackoff}. */
export interface ExponentialBackoffRetryOptions<OUT> extends AsyncRetryConditions<OUT> {
  /** How often a request is made again after the first time, from 1. */
  readonly maxRetries: number
  /** Before the first retry. */
  readonly initialDelay: Duration
  /** No delay is longer. */
  readonly maxDelay: Duration
  /** Each delay is so many times the one before. Default: 2. */
  readonly multiplier?: number
}

/** When a request of an async function is made again. Made by {@link AsyncRetryStrategies}. */
export interface AsyncRetryStrategy<OUT> {
  readonly maxRetries: number
  readonly delayMs: number
  readonly maxDelayMs: number
  readonly multiplier: number
  readonly ifResult: ((results: readonly OUT[]) => boolean) | undefined
  readonly ifException: ((error: unknown) => boolean) | undefined
}

/**
 * Retry strategies for async functions. Without `ifResult` and `ifException` every error is retried. When no retry is left, the last results are taken, and the last error fails the job. The
 * timeout of a request covers all its retries.
 *
 * @example
 * ```ts
 * import { AsyncRetryStrategies, StreamExecutionEnvironment } from 'millrace'
 *
 * let calls = 0
 * const ask = async (id: number): Promise<string> => {
 *   if (++calls < 3) throw new Error('busy')
 *   return `user ${id}`
 * }
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * const users = env.fromData([7]).mapAsync(ask, {
 *   timeout: '10 s',
 *   retry: AsyncRetryStrategies.fixedDelay({ maxRetries: 3, delay: '5 ms' }),
 * })
 * console.log(await users.executeAndCollect(), calls) // [ 'user 7' ] 3
 * ```
 */
export const AsyncRetryStrategies: {
  /** Waits the same time before each retry. */
  fixedDelay<OUT>(options: FixedDelayRetryOptions<OUT>): AsyncRetryStrategy<OUT>
  /** Waits longer before each retry, up to a maximum. */
  exponentialBackoff<OUT>(options: ExponentialBackoffRetryOptions<OUT>): AsyncRetryStrategy<OUT>
} = {
  fixedDelay(options) {
    checkOptions('fixedDelay', options, ['maxRetries', 'delay', 'ifResult', 'ifException'])
    const delayMs = durationMs(options.delay, { what: 'delay' })
    return {
      ...checkedConditions('fixedDelay', options),
      delayMs,
      maxDelayMs: delayMs,
      multiplier: 1,
    }
  },
  exponentialBackoff(options) {
    const call = 'exponentialBackoff'
    checkOptions(call, options, [
      'maxRetries',
      'initialDelay',
      'maxDelay',
      'multiplier',
      'ifResult',
      'ifException',
    ])
    const { multiplier = 2 } = options
    if (typeof multiplier !== 'number' || !(multiplier >= 1) || !Number.isFinite(multiplier)) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'a multiplier of 1 or more',
        came: show(multiplier),
        todo: 'Choose for example 2: each delay is twice the one before.',
      })
    }
    return {
      ...checkedConditions(call, options),
      delayMs: durationMs(options.initialDelay, { what: 'initialDelay' }),
      maxDelayMs: durationMs(options.maxDelay, { what: 'maxDelay' }),
      multiplier,
    }
  },
}

function checkedConditions<OUT>(
  call: string,
  options: AsyncRetryConditions<OUT> & { readonly maxRetries: number },
): Pick<AsyncRetryStrategy<OUT>, 'maxRetries' | 'ifResult' | 'ifException'> {
  const { ifResult, ifException } = options
  if (ifResult !== undefined) checkFunction(`ifResult of ${call}`, ifResult)
  if (ifException !== undefined) checkFunction(`ifException of ${call}`, ifException)
  return {
    maxRetries: checkInteger('maxRetries', options.maxRetries, { min: 1, max: RETRIES_LIMIT }),
    ifResult,
    ifException: ifException ?? (ifResult === undefined ? (): boolean => true : undefined),
  }
}

/** More is a mistake: a request that never succeeds holds up the stream. */
const RETRIES_LIMIT = 1_000_000
