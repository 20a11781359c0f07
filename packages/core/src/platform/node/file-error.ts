// What the operating system says (`ENOENT`, `EACCES` …), as Millrace says it: the path, the cause, what to do.

import { resolve } from 'node:path'
import { type ErrorCode, MillraceError } from '../../errors/millrace-error.ts'

/** The error of a failed call on `path`, which the message names in full. */
export function fileError(action: 'read' | 'write', path: string, cause: unknown): MillraceError {
  const errno = errnoOf(cause)
  const advice = ADVICE[errno]
  return new MillraceError(codeOf(action, cause), {
    expected: `to ${action} ${resolve(path)}`,
    came: advice?.meaning ?? (cause instanceof Error ? cause.message : String(cause)),
    todo: advice?.todo ?? 'Look at the disk and the permissions of this path.',
    ids: { path: resolve(path), errno },
    cause,
    ...(advice?.isFinal === true && { isRetryable: false }),
  })
}

/** The error of a file that has lost bytes which somebody relied on. */
export function fileTooShort(path: string, sizeBytes: number, neededBytes: number): MillraceError {
  return new MillraceError('FILE_UNREADABLE', {
    expected: `${resolve(path)} with at least ${neededBytes} bytes`,
    came: `a file of ${sizeBytes} bytes`,
    todo: 'Find out who changed it. Restore the file, or start the job from an older savepoint.',
    ids: { path: resolve(path), sizeBytes, neededBytes },
    isRetryable: false,
  })
}

/** Whether the cause is that there is nothing under this path. */
export function isMissing(cause: unknown): boolean {
  const errno = errnoOf(cause)
  return errno === 'ENOENT' || errno === 'ENOTDIR'
}

/** The code of the operating system, such as `ENOENT`; empty if the cause has none. */
export function errnoOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

function codeOf(action: 'read' | 'write', cause: unknown): ErrorCode {
  if (action === 'write') return 'FILE_UNWRITABLE'
  return errnoOf(cause) === 'ENOENT' ? 'FILE_MISSING' : 'FILE_UNREADABLE'
}

interface Advice {
  readonly meaning: string
  readonly todo: string
  /** No restart mends it; a person must. */
  readonly isFinal?: true
}

const ADVICE: Readonly<Record<string, Advice>> = {
  ENOENT: {
    meaning: 'nothing there: the file or its folder is missing',
    todo: 'Check the spelling; a relative path counts from the folder the program was started in.',
    isFinal: true,
  },
  ENOTDIR: {
    meaning: 'a path that leads through a file',
    todo: 'Name a folder where the path goes through a file.',
    isFinal: true,
  },
  EEXIST: {
    meaning: 'a file of this name',
    todo: 'Remove the file, or choose another path.',
    isFinal: true,
  },
  EISDIR: {
    meaning: 'a folder',
    todo: 'Name a file in this folder.',
    isFinal: true,
  },
  EACCES: {
    meaning: 'no permission',
    todo: 'Give the user who runs this program access to the path.',
    isFinal: true,
  },
  EPERM: {
    meaning: 'no permission',
    todo: 'Give the user who runs this program access to the path.',
    isFinal: true,
  },
  EROFS: {
    meaning: 'a read-only file system',
    todo: 'Choose a path on a disk that can be written.',
    isFinal: true,
  },
  ENOSPC: {
    meaning: 'a full disk',
    todo: 'Free some space or choose another disk.',
  },
  EDQUOT: {
    meaning: 'a used up disk quota',
    todo: 'Free some space or raise the quota.',
  },
  EMFILE: {
    meaning: 'too many open files',
    todo: 'Raise the limit of open files (ulimit -n).',
  },
}
