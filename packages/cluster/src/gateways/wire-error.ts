// Errors between threads. A structured clone keeps only name, message and stack of an error, so ours are taken
// apart and put together again on the other side.

import { type ErrorCode, MillraceError, show } from '@millrace/core'

/** An error that survives a message. */
export interface WireError {
  readonly code: ErrorCode
  readonly expected: string
  readonly came: string
  readonly todo: string
  readonly ids: Readonly<Record<string, string | number>>
  readonly isRetryable: boolean
  readonly stack: string | undefined
  /** An `Error` (which can be cloned), or text. */
  readonly cause: Error | string | undefined
}

/** Takes an error apart. What is not ours counts as a failed user function. */
export function toWireError(error: unknown): WireError {
  const ours =
    error instanceof MillraceError
      ? error
      : new MillraceError('FUNCTION_FAILED', {
          expected: 'the task to go on',
          came: error instanceof Error ? `${error.name}: ${error.message}` : show(error),
          todo: 'Its cause has the stack trace.',
          cause: error,
        })
  const { code, expected, came, todo, ids, isRetryable, stack, cause } = ours
  return { code, expected, came, todo, ids, isRetryable, stack, cause: wireCause(cause) }
}

/** Puts an error together again. */
export function fromWireError(wire: WireError): MillraceError {
  const { code, expected, came, todo, ids, isRetryable, cause } = wire
  const error = new MillraceError(code, { expected, came, todo, ids, isRetryable, cause })
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function wireCause(cause: unknown): Error | string | undefined {
  if (cause === undefined) return undefined
  if (!(cause instanceof Error)) return show(cause)
  if (!(cause instanceof MillraceError) && canBeCloned(cause)) return cause
  // Its own fields would be lost on the way, or refused; the message says what they say.
  const plain = new Error(cause.message)
  plain.stack = cause.stack ?? cause.message
  return plain
}

/** An error may carry anything, a function as its cause for example. */
function canBeCloned(error: Error): boolean {
  try {
    structuredClone(error)
    return true
  } catch {
    return false
  }
}
