// Whether a failed job is tried again. A pure decision.

import type { RestartSettings } from '@millrace/job-graph'

/** What the decision rests on. */
export interface RestartFacts {
  readonly settings: RestartSettings
  /** Restarts so far. */
  readonly restarts: number
  /** What the error says: a malformed record or a wrong type will fail again. */
  readonly isRetryable: boolean
}

/** What to do after a failure. */
export type RestartDecision =
  | { readonly kind: 'fail' }
  | { readonly kind: 'restart'; readonly delayMs: number }

/** Decides by the restart strategy; what cannot succeed is not tried again. */
export function decideRestart({ settings, restarts, isRetryable }: RestartFacts): RestartDecision {
  if (!isRetryable || settings.kind === 'none' || restarts >= settings.attempts) {
    return { kind: 'fail' }
  }
  return { kind: 'restart', delayMs: settings.delayMs }
}
