import type { JsonValue } from '../types/json.ts'

/** Makes written records visible. */
export interface Committer {
  /**
   * Idempotent: what is already committed is left as it is. Answers one outcome for each committable, in their order, or
   * nothing: then all are committed. A rejection fails the job, which then tries again.
   */
  commit(committables: readonly JsonValue[]): Promise<readonly CommitOutcome[] | void>
  close?(): void | Promise<void>
}

/**
 * What became of one committable.
 *
 * `committed` and `already-committed` both end it. `retry`: it is given to `commit` again after a pause, as it is or as
 * the `committable` that replaces it; after ten retries the job fails. `failed` with a known reason: it will never
 * succeed, and the job goes on without it and logs the loss. `failed` with an unknown reason fails the job.
 */
export type CommitOutcome =
  | { readonly kind: 'committed' | 'already-committed' }
  | { readonly kind: 'retry'; readonly committable?: JsonValue }
  | { readonly kind: 'failed'; readonly isKnown: boolean; readonly reason: unknown }
