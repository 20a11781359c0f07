import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  type TypeInfo,
} from '@millrace/core'
import type { OutputType } from '../streams/output-type.ts'
import { checkType } from '../streams/output-type.ts'
import type { AsyncRetryStrategy } from './async-retry-strategy.ts'

/** How an async function is run. */
export interface AsyncOptions<OUT> extends OutputType<OUT> {
  /** How long one record may take, with all retries. Afterwards the timeout handler answers, or the job fails. */
  readonly timeout: Duration
  /** The most requests under way in one subtask; no further records are read while so many are. Default: 100. */
  readonly capacity?: number
  /** Default: no retries. Made by `AsyncRetryStrategies`. */
  readonly retry?: AsyncRetryStrategy<OUT>
}

/** The options of `mapAsync` and `flatMapAsync`. */
export interface AsyncMapOptions<OUT> extends AsyncOptions<OUT> {
  /**
   * `ordered`: results in the order of the records. `unordered`: as the answers come, but none passes a watermark. Default:
   * `ordered`.
   */
  readonly order?: 'ordered' | 'unordered'
}

/** Checked options. */
export interface CheckedAsyncOptions<OUT> {
  readonly timeoutMs: number
  readonly capacity: number
  readonly retry: AsyncRetryStrategy<OUT> | undefined
  readonly type: TypeInfo<OUT> | undefined
}

/** The options of `call`, checked; `others` are names that it knows beside these. */
export function checkAsyncOptions<OUT>(
  call: string,
  options: AsyncOptions<OUT>,
  others: readonly string[] = [],
): CheckedAsyncOptions<OUT> {
  checkOptions(call, options, ['timeout', 'capacity', 'retry', 'type', ...others])
  const { timeout, capacity = CAPACITY, retry, type } = options
  const timeoutMs = durationMs(timeout, { what: `the timeout of ${call}` })
  checkInteger('timeout', timeoutMs, { min: 1, max: Number.MAX_SAFE_INTEGER })
  checkInteger('capacity', capacity, { min: 1, max: CAPACITY_LIMIT })
  if (retry !== undefined) checkRetry(call, retry)
  return {
    timeoutMs,
    capacity,
    retry,
    type: type === undefined ? undefined : checkType(call, type),
  }
}

function checkRetry(call: string, retry: AsyncRetryStrategy<never>): void {
  if (typeof retry === 'object' && retry !== null && 'maxRetries' in retry && 'delayMs' in retry)
    return
  throw new MillraceError('OPTION_INVALID', {
    expected: `a retry strategy for ${call}`,
    came: 'something else',
    todo: "Write retry: AsyncRetryStrategies.fixedDelay({ maxRetries: 3, delay: '100 ms' }).",
  })
}

/** As in Flink. */
const CAPACITY = 100

/** More requests at once than any service takes; each holds a record, a promise and a timer. */
const CAPACITY_LIMIT = 1_000_000
