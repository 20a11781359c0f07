// What users say about restarts, checked once, as the settings that travel with a job.

import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  show,
} from '@millrace/core'
import type { RestartSettings } from '@millrace/job-graph'

/**
 * What happens when a task fails with an error that may pass. The job begins again at its last checkpoint, as often as the strategy
 * says; then it fails with the last error. An error that will come again, a malformed record, fails the job at once.
 */
export type RestartOptions =
  | { readonly strategy: 'none' }
  | FixedDelayRestartOptions
  | FailureRateRestartOptions
  | ExponentialDelayRestartOptions

/** A number of restarts, counted over the whole run of the job. */
export interface FixedDelayRestartOptions {
  readonly strategy: 'fixed-delay'
  /** Restarts before the job fails for good. */
  readonly attempts: number
  /** The pause before each. Default `'1 s'`. */
  readonly delay?: Duration
}

/** Restarts as long as failures are rare enough. */
export interface FailureRateRestartOptions {
  readonly strategy: 'failure-rate'
  /** Restarts within an interval; one failure more in it, and the job fails for good. */
  readonly attempts: number
  /** Default `'1 min'`. */
  readonly interval?: Duration
  /** The pause before each. Default `'1 s'`. */
  readonly delay?: Duration
}

/** Restarts after pauses that grow until the job has been stable for a while. */
export interface ExponentialDelayRestartOptions {
  readonly strategy: 'exponential-delay'
  /** The first pause. Default `'1 s'`. */
  readonly initialDelay?: Duration
  /** The longest pause. Default `'1 min'`. */
  readonly maxDelay?: Duration
  /** By what each pause is longer than the one before. Default 1.5. */
  readonly multiplier?: number
  /** How long the job must run without a failure for the pauses to begin anew. Default `'1 h'`. */
  readonly resetThreshold?: Duration
  /** The part of a pause that chance may add or take away: 0 to 1. Default 0.1. */
  readonly jitter?: number
  /** Restarts without a stable time between them, before the job fails for good. Default: without end. */
  readonly attempts?: number
}

/** The restart strategy, checked; without one, what fits to whether there are checkpoints. */
export function restartSettings(
  restart: RestartOptions | undefined,
  hasCheckpoints: boolean,
): RestartSettings {
  if (restart === undefined) {
    return hasCheckpoints ? exponentialDelay({ strategy: 'exponential-delay' }) : { kind: 'none' }
  }
  switch (restart?.strategy) {
    case 'none':
      checkOptions('restart', restart, ['strategy'])
      return { kind: 'none' }
    case 'fixed-delay':
      return fixedDelay(restart)
    case 'failure-rate':
      return failureRate(restart)
    case 'exponential-delay':
      return exponentialDelay(restart)
    default:
      throw new MillraceError('OPTION_INVALID', {
        expected:
          "a restart strategy of 'none', 'fixed-delay', 'failure-rate' or 'exponential-delay'",
        came: show(restart),
        todo: "Write for example { strategy: 'fixed-delay', attempts: 3, delay: '1 s' }.",
      })
  }
}

function fixedDelay(restart: FixedDelayRestartOptions): RestartSettings {
  checkOptions('restart', restart, ['strategy', 'attempts', 'delay'])
  const { attempts, delay = '1 s' } = restart
  return {
    kind: 'fixed-delay',
    attempts: checkAttempts(attempts),
    delayMs: durationMs(delay, { what: 'the restart delay' }),
  }
}

function failureRate(restart: FailureRateRestartOptions): RestartSettings {
  checkOptions('restart', restart, ['strategy', 'attempts', 'interval', 'delay'])
  const { attempts, interval = '1 min', delay = '1 s' } = restart
  return {
    kind: 'failure-rate',
    attempts: checkAttempts(attempts),
    intervalMs: durationMs(interval, { what: 'the interval of the failure rate' }),
    delayMs: durationMs(delay, { what: 'the restart delay' }),
  }
}

function exponentialDelay(restart: ExponentialDelayRestartOptions): RestartSettings {
  checkOptions('restart', restart, [
    'strategy',
    'initialDelay',
    'maxDelay',
    'multiplier',
    'resetThreshold',
    'jitter',
    'attempts',
  ])
  const { initialDelay = '1 s', maxDelay = '1 min', resetThreshold = '1 h' } = restart
  const { multiplier = 1.5, jitter = 0.1, attempts } = restart
  const initialMs = durationMs(initialDelay, { what: 'initialDelay' })
  const maxMs = durationMs(maxDelay, { what: 'maxDelay' })
  if (maxMs < initialMs) {
    throw new MillraceError('OPTION_INVALID', {
      expected: `a maxDelay that is not less than the initialDelay of ${initialMs} ms`,
      came: `${maxMs} ms`,
      todo: 'Give both, or a smaller initialDelay.',
    })
  }
  return {
    kind: 'exponential-delay',
    initialMs,
    maxMs,
    multiplier: checkBetween('multiplier', multiplier, { min: 1, max: 1000 }),
    resetThresholdMs: durationMs(resetThreshold, { what: 'resetThreshold' }),
    jitter: checkBetween('jitter', jitter, { min: 0, max: 1 }),
    attempts: attempts === undefined ? null : checkAttempts(attempts),
  }
}

function checkAttempts(attempts: number): number {
  return checkInteger('attempts', attempts, { min: 1, max: Number.MAX_SAFE_INTEGER })
}

function checkBetween(
  what: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new MillraceError('OPTION_INVALID', {
    expected: `a ${what} from ${min} to ${max}`,
    came: show(value),
    todo: 'Give such a number, or leave it out.',
  })
}
