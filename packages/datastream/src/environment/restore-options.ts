// What users say about where a job begins, checked once, as the settings that travel with it.

import { checkOptions, MillraceError, show } from '@millrace/core'
import type { RestoreSettings } from '@millrace/job-graph'

/** What a job begins with. */
export interface RestoreOptions {
  /**
   * A savepoint; a checkpoint, `chk-7`; or a directory that holds exactly one of them. `'latest'`: the newest checkpoint in the
   * checkpoint directory, or a fresh start if there is none.
   */
  readonly path: string
  /**
   * Whose it is from now on. `no-claim`: yours; the job reads it and never changes it. `claim`: the job's, which removes it when
   * newer checkpoints have taken its place. Default `no-claim`; of `'latest'`, which is the job's own already, `claim`.
   */
  readonly claimMode?: 'claim' | 'no-claim'
  /** Leave state behind whose operator the job does not have, with a warning. Default false: such state is an error. */
  readonly allowNonRestoredState?: boolean
}

const CLAIM_MODES: readonly unknown[] = ['claim', 'no-claim', undefined]

/** Checked; `null` starts fresh. */
export function restoreSettings(
  restoreFrom: string | RestoreOptions | undefined,
  directory: string | undefined,
): RestoreSettings | null {
  if (restoreFrom === undefined) return null
  const options = typeof restoreFrom === 'string' ? { path: restoreFrom } : restoreFrom
  if (typeof options !== 'object' || options === null) throw invalid(restoreFrom)
  checkOptions('restoreFrom', options, ['path', 'claimMode', 'allowNonRestoredState'])
  const { path, claimMode, allowNonRestoredState = false }: RestoreOptions = options
  const isLatest = path === 'latest'
  if (typeof path !== 'string' || path === '') throw invalid(restoreFrom)
  if (!CLAIM_MODES.includes(claimMode) || typeof allowNonRestoredState !== 'boolean') {
    throw invalid(restoreFrom)
  }
  if (isLatest && directory === undefined) {
    throw new MillraceError('OPTION_INVALID', {
      expected: "restoreFrom: 'latest', together with a directory",
      came: `restoreFrom ${show(restoreFrom)}, directory ${show(directory)}`,
      todo: 'Name the directory that holds the checkpoints, or leave restoreFrom out.',
    })
  }
  return {
    path,
    claimMode: claimMode ?? (isLatest ? 'claim' : 'no-claim'),
    allowNonRestoredState,
  }
}

function invalid(came: unknown): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected:
      "restoreFrom as 'latest', a path, or { path, claimMode: 'claim' or 'no-claim', allowNonRestoredState: true or false }",
    came: show(came),
    todo: "Write for example restoreFrom: 'savepoints/savepoint-1a2b3c-4d5e6f708192'.",
  })
}
