// Whether a failed job is tried again, and when. A pure decision: it takes what happened so far and answers what to do
// and what there is to remember for the next time.
//
//   none                never
//   fixed-delay         so many times, over the whole run, always after the same pause
//   failure-rate        as long as not too many failures lie within an interval
//   exponential-delay   after a pause that grows with each failure, from its beginning again after a stable time; some
//                       chance in it, so that many jobs that failed together do not come back together

import type { RestartSettings } from '@millrace/job-graph'

/** What a strategy remembers of the failures so far. Times are those of the clock that never goes back. */
export interface RestartHistory {
  /** Restarts so far; of `exponential-delay`, since the job was last stable. */
  readonly restarts: number
  /** Of `failure-rate`: the failures that still count, oldest first. */
  readonly failuresMs: readonly number[]
  /** Of `exponential-delay`: the last failure and the pause after it, without what chance added. */
  readonly last: { readonly failureMs: number; readonly delayMs: number } | null
}

/** Before the first failure. */
export const NO_FAILURES: RestartHistory = { restarts: 0, failuresMs: [], last: null }

/** What the decision rests on. */
export interface RestartFacts {
  readonly settings: RestartSettings
  readonly history: RestartHistory
  /** What the error says: a malformed record or a wrong type will fail again. */
  readonly isRetryable: boolean
  /** When it failed. */
  readonly nowMs: number
  /** At least 0, less than 1. */
  readonly chance: number
}

/** What to do after a failure. */
export type RestartDecision =
  | { readonly kind: 'fail' }
  | { readonly kind: 'restart'; readonly delayMs: number; readonly history: RestartHistory }

const FAIL: RestartDecision = { kind: 'fail' }

/** Decides by the restart strategy; what cannot succeed is not tried again. */
export function decideRestart(facts: RestartFacts): RestartDecision {
  const { settings, history } = facts
  if (!facts.isRetryable) return FAIL
  switch (settings.kind) {
    case 'none':
      return FAIL
    case 'fixed-delay':
      return history.restarts < settings.attempts ? restart(settings.delayMs, history) : FAIL
    case 'failure-rate':
      return byFailureRate(settings, facts)
    case 'exponential-delay':
      return byExponentialDelay(settings, facts)
  }
}

type SettingsOf<Kind> = RestartSettings & { readonly kind: Kind }

function byFailureRate(
  { attempts, intervalMs, delayMs }: SettingsOf<'failure-rate'>,
  { history, nowMs }: RestartFacts,
): RestartDecision {
  const recent = history.failuresMs.filter((failureMs) => nowMs - failureMs <= intervalMs)
  if (recent.length >= attempts) return FAIL
  return restart(delayMs, { ...history, failuresMs: [...recent, nowMs] })
}

function byExponentialDelay(
  settings: SettingsOf<'exponential-delay'>,
  { history, nowMs, chance }: RestartFacts,
): RestartDecision {
  const { initialMs, maxMs, multiplier, resetThresholdMs, jitter, attempts } = settings
  const { last } = history
  const wasStable = last !== null && nowMs - last.failureMs >= last.delayMs + resetThresholdMs
  const restarts = wasStable ? 0 : history.restarts
  if (attempts !== null && restarts >= attempts) return FAIL
  const delayMs =
    last === null || wasStable ? initialMs : Math.min(last.delayMs * multiplier, maxMs)
  const jitteredMs = delayMs * (1 + jitter * (2 * chance - 1))
  return restart(Math.min(jitteredMs, maxMs), {
    ...history,
    restarts,
    last: { failureMs: nowMs, delayMs },
  })
}

function restart(delayMs: number, history: RestartHistory): RestartDecision {
  return { kind: 'restart', delayMs, history: { ...history, restarts: history.restarts + 1 } }
}
