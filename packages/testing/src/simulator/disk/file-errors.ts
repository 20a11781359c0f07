import { MillraceError } from '@millrace/core'

/** There is no file or folder of that name. */
export function fileMissing(path: string): MillraceError {
  return new MillraceError('FILE_MISSING', {
    expected: `a file or folder at ${path}`,
    came: 'nothing',
    todo: 'Check the path, and whether the file was made durable before the crash.',
    ids: { path },
  })
}

/** The file is there and cannot be read. */
export function fileUnreadable(path: string, reason: string): MillraceError {
  return new MillraceError('FILE_UNREADABLE', {
    expected: `to read ${path}`,
    came: reason,
    todo: 'Check what the path names.',
    ids: { path },
  })
}

/** The file or name cannot be written. */
export function fileUnwritable(path: string, reason: string): MillraceError {
  return new MillraceError('FILE_UNWRITABLE', {
    expected: `to write ${path}`,
    came: reason,
    todo: 'Try again later or write elsewhere.',
    ids: { path },
  })
}
