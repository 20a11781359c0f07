import type { Platform } from '../platform/platform.ts'
import type { JsonValue } from '../types/json.ts'

/** What a committer is told. */
export interface CommitterContext {
  /** The clock, files and network to use, so that the simulator can run the sink. */
  readonly platform: Platform
  /** From 0. */
  readonly subtaskIndex: number
  /** How many subtasks there are. */
  readonly parallelism: number
  /** 0 at the first start, one more after each restart. */
  readonly attempt: number
  /** Differs between two starts of the job, the same in all its subtasks. */
  readonly runId: string
  /** Hands data to the program that submitted the job: what a collecting sink does. */
  readonly sendToClient: (payload: unknown) => void
}

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
