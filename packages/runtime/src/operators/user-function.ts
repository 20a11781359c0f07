// What a user function may do wrong, said clearly: throw, or return a promise where a value is due.

import { MillraceError, show } from '@millrace/core'

/** The operator that a function belongs to, for error messages. */
export interface NamedOperator {
  readonly uid: string
  readonly name: string
}

/** The failure of a user function, with the operator's name. Errors of Millrace itself pass through. */
export function functionFailure(
  error: unknown,
  operator: NamedOperator,
  what: string,
): MillraceError {
  if (error instanceof MillraceError) return error
  return new MillraceError('FUNCTION_FAILED', {
    expected: `the ${what} of '${operator.name}' to return`,
    came: error instanceof Error ? `${error.name}: ${error.message}` : `a thrown ${show(error)}`,
    todo: 'Its cause has the stack trace of the function.',
    ids: { uid: operator.uid },
    cause: error,
  })
}

/** The error for a function that returned a promise. */
export function promiseReturned(operator: NamedOperator, what: string): MillraceError {
  return new MillraceError('FUNCTION_RETURNED_PROMISE', {
    expected: `a value from the ${what} of '${operator.name}'`,
    came: 'a promise',
    todo: 'The record path is synchronous: return the value itself, and do waiting work in a source or sink.',
    ids: { uid: operator.uid },
  })
}

/** Whether a value is a promise or behaves like one. */
export function isPromise(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
