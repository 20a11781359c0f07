import { MillraceError } from '@millrace/core'

/** The error for a state file that is not what the metadata of its checkpoint says. */
export function corruptState(path: string, expected: string, came: string): MillraceError {
  return new MillraceError('CHECKPOINT_CORRUPT', {
    expected: `${expected} for the state file ${path}`,
    came,
    todo:
      'The file is damaged, cut or gone. Restore it from a copy, or start the job from another ' +
      'checkpoint or savepoint by naming it.',
    ids: { path },
  })
}
