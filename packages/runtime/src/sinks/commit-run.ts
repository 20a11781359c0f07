// Commits committables until each has an end.
//
//   commit ──> committed, already-committed ──> done
//          ──> retry ──pause, twice as long each time──> commit …   (ten times, then the job fails)
//          ──> failed, known reason ──> logged, done without it
//          ──> failed, unknown reason ──> the job fails, and commits again after its restart

import {
  type Committer,
  type CommitOutcome,
  type JsonValue,
  MillraceError,
  type Platform,
  show,
  type Timer,
} from '@millrace/core'
import type { NamedOperator } from '../operators/user-function.ts'

/** As in Flink. */
const RETRIES_MAX = 10
const FIRST_PAUSE_MS = 100
const PAUSE_MS_MAX = 10_000

/** Uses one committer. `commit` is called again only when the last call has settled. */
export class CommitRun {
  readonly #committer: Committer
  readonly #platform: Platform
  readonly #operator: NamedOperator
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined
  #isClosed = false

  constructor(committer: Committer, platform: Platform, operator: NamedOperator) {
    this.#committer = committer
    this.#platform = platform
    this.#operator = operator
  }

  /** Answers what is committed now, in the form in which it was: without what failed for a known reason. */
  async commit(committables: readonly JsonValue[]): Promise<readonly JsonValue[]> {
    const committed: JsonValue[] = []
    let open = committables
    for (let retries = 0; open.length > 0 && !this.#isClosed; retries++) {
      if (retries > RETRIES_MAX) throw this.#failure(`${open.length} that were still to be retried`)
      if (retries > 0) await this.#wait(Math.min(FIRST_PAUSE_MS * 2 ** (retries - 1), PAUSE_MS_MAX))
      if (this.#isClosed) break
      open = this.#sort(open, await this.#committer.commit(open), committed)
    }
    return committed
  }

  /** Ends a pause before a retry. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#pause?.timer.cancel()
    this.#pause?.end()
    await this.#committer.close?.()
  }

  /** Adds what is committed to `committed`, and answers what is to be tried again. */
  #sort(
    committables: readonly JsonValue[],
    outcomes: readonly CommitOutcome[] | void,
    committed: JsonValue[],
  ): readonly JsonValue[] {
    // What a method declared as void returns may be anything.
    if (!Array.isArray(outcomes)) {
      committed.push(...committables)
      return []
    }
    if (outcomes.length !== committables.length) {
      throw this.#failure(`${outcomes.length} outcomes for ${committables.length} committables`)
    }
    return committables.flatMap((committable, index) => {
      const outcome = outcomes[index] as CommitOutcome
      switch (outcome.kind) {
        case 'committed':
        case 'already-committed':
          committed.push(committable)
          return []
        case 'retry':
          return [outcome.committable ?? committable]
        case 'failed':
          if (!outcome.isKnown) throw this.#failure(show(outcome.reason), outcome.reason)
          this.#platform.log.error('a committable was given up', {
            operator: this.#operator.name,
            committable,
            reason: outcome.reason,
          })
          return []
      }
    })
  }

  #wait(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#pause = { timer: this.#platform.timers.after(pauseMs, resolve), end: resolve }
    })
  }

  #failure(came: string, cause?: unknown): MillraceError {
    return new MillraceError('COMMIT_FAILED', {
      expected: `the committer of '${this.#operator.name}' to commit`,
      came,
      todo: 'The job commits again when it has restarted. Look at the outside system.',
      ids: { uid: this.#operator.uid },
      cause,
    })
  }
}
