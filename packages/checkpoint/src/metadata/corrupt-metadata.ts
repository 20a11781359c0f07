import { MillraceError } from '@millrace/core'

/** The error for `_metadata` that cannot be what was written. `where` is its path. */
export function corruptMetadata(
  where: string,
  expected: string,
  came: string,
  cause?: unknown,
): MillraceError {
  return new MillraceError('CHECKPOINT_CORRUPT', {
    expected: `${expected} in the checkpoint metadata ${where}`,
    came,
    todo:
      'The file is damaged or incomplete. Restore it from a copy, or start the job from another ' +
      'checkpoint or savepoint by naming it; Millrace never falls back to an older one by itself, since ' +
      'what was committed after that one would be written twice.',
    ids: { where },
    cause,
  })
}
