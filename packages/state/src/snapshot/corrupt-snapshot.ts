import { MillraceError } from '@millrace/core'

/** The error for snapshot bytes that cannot be what was written. `what` names the snapshot. */
export function corruptSnapshot(
  what: string,
  expected: string,
  came: string,
  cause?: unknown,
): MillraceError {
  return new MillraceError('CHECKPOINT_CORRUPT', {
    expected: `${expected} in ${what}`,
    came,
    todo:
      'The state in this checkpoint is damaged. Restore its files from a copy, or start the job from ' +
      'another checkpoint or savepoint by naming it.',
    cause,
  })
}
