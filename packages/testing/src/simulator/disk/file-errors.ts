// The errors of a simulated disk. Codes and whether a retry may help are those of a real disk.

import { MillraceError } from '@millrace/core'
import { pathOf } from './disk-path.ts'

/** There is no file or folder of that name. */
export function fileMissing(path: string): MillraceError {
  return new MillraceError('FILE_MISSING', {
    expected: `a file or folder at ${pathOf(path)}`,
    came: 'nothing',
    todo: 'Check the path, and whether the name was made durable before a crash.',
    ids: { path: pathOf(path) },
    isRetryable: false,
  })
}

/** What the path names is no file that could be read, whenever one tries. */
export function fileUnreadable(path: string, came: string): MillraceError {
  return new MillraceError('FILE_UNREADABLE', {
    expected: `to read ${pathOf(path)}`,
    came,
    todo: 'Check what the path names.',
    ids: { path: pathOf(path) },
    isRetryable: false,
  })
}

/** The path cannot be written or changed, whenever one tries. */
export function fileUnwritable(path: string, came: string): MillraceError {
  return new MillraceError('FILE_UNWRITABLE', {
    expected: `to write ${pathOf(path)}`,
    came,
    todo: 'Check what the path names.',
    ids: { path: pathOf(path) },
    isRetryable: false,
  })
}

/** The disk failed; it may work again later. */
export function diskFailed(path: string, came: string): MillraceError {
  return new MillraceError('FILE_UNWRITABLE', {
    expected: `to write ${pathOf(path)}`,
    came,
    todo: 'Try again later.',
    ids: { path: pathOf(path) },
    isRetryable: true,
  })
}
