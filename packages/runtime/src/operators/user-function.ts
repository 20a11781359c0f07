// What a user function may do wrong, said clearly: throw, or return a promise where a value is due.

import { MillraceError, show } from '@millrace/core'

/** The operator that a function belongs to, for error messages. */
export interface NamedOperator {
  readonly uid: string
  readonly name: string
}

/** The failure of a user function, with the operator's name. Errors of Millrace itself pass through, with that name too. */
export function functionFailure(
  error: unknown,
  operator: NamedOperator,
  what: string,
): MillraceError {
  if (error instanceof MillraceError) return namingOperator(error, operator)
  return new MillraceError('FUNCTION_FAILED', {
    expected: `the ${what} of '${operator.name}' to return`,
    came: error instanceof Error ? `${error.name}: ${error.message}` : `a thrown ${show(error)}`,
    todo: 'Its cause has the stack trace of the function.',
    ids: { uid: operator.uid },
    cause: error,
  })
}

/** An error of ours that was found below the operators, in a codec or a key, with the name of the operator it came up in. */
export function namingOperator(error: MillraceError, operator: NamedOperator): MillraceError
export function namingOperator(error: unknown, operator: NamedOperator): unknown
export function namingOperator(error: unknown, operator: NamedOperator): unknown {
  if (!(error instanceof MillraceError) || 'uid' in error.ids) return error
  const { code, expected, came, todo, ids, isRetryable, cause } = error
  return new MillraceError(code, {
    expected,
    came: `${came}, in '${operator.name}'`,
    todo,
    ids: { ...ids, uid: operator.uid },
    isRetryable,
    cause,
  })
}

/**
 * The error for a function that returned a promise. The promise is given up: should it reject later, nobody is told, because
 * an unhandled rejection would end the process.
 */
export function promiseReturned(
  promise: unknown,
  operator: NamedOperator,
  what: string,
): MillraceError {
  Promise.resolve(promise).catch(() => {})
  return new MillraceError('FUNCTION_RETURNED_PROMISE', {
    expected: `a value from the ${what} of '${operator.name}'`,
    came: 'a promise',
    todo: 'The record path is synchronous: return the value itself, and do waiting work in a source or sink.',
    ids: { uid: operator.uid },
  })
}

/** Calls a user function that returns nothing. What it does wrong fails with the operator's name. */
export function callFunction(operator: NamedOperator, what: string, call: () => unknown): void {
  try {
    refusePromise(call(), operator, what)
  } catch (error) {
    throw functionFailure(error, operator, what)
  }
}

/** Refuses the promise of a function that should return nothing: an async one. */
export function refusePromise(result: unknown, operator: NamedOperator, what: string): void {
  if (result !== undefined && isPromise(result)) throw promiseReturned(result, operator, what)
}

/** Whether a value is a promise or behaves like one. */
export function isPromise(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
