import { MillraceError, show } from './millrace-error.ts'

/**
 * For connectors and formats: throws unless what they find in a checkpoint is what they put there. A checkpoint comes from a disk,
 * and may be that of another source under the same uid.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 * @example
 * ```ts
 * import { checkRestored } from '@millrace/core'
 *
 * try {
 *   checkRestored(false, 'an offset of 0 or more', -1)
 * } catch (error) {
 *   console.log(String(error).slice(0, 75)) // MillraceError: CHECKPOINT_CORRUPT: expected an offset of 0 or more in a che
 * }
 * ```
 */
export function checkRestored(isRight: boolean, expected: string, came: unknown): asserts isRight {
  if (isRight) return
  throw new MillraceError('CHECKPOINT_CORRUPT', {
    expected: `${expected} in a checkpoint`,
    came: show(came),
    todo:
      'The state is damaged, or another source had this uid when the checkpoint was made: check the uids, or start the job ' +
      'from another checkpoint.',
  })
}

/** Whether a value from a checkpoint is a list of splits, each with its id. */
export function areSplits(value: unknown): boolean {
  return Array.isArray(value) && value.every(isSplit)
}

/** Whether a value from a checkpoint is a split with an id. */
export function isSplit(value: unknown): boolean {
  return typeof (value as { readonly splitId?: unknown } | null)?.splitId === 'string'
}

/** Whether a value from a checkpoint is a whole number of 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
