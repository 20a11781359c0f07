// The function of one record that a stream was given: a plain one, or a factory of one with a life cycle. The plan keeps a plain
// one under its own role, and a factory under `rich`.

import { RichFactory } from '@millrace/core'
import { checkFunction } from './check-function.ts'

/** The functions of an operator, by role. */
type FunctionsByRole = Readonly<Record<string, unknown>>

/**
 * What an operator needs of `value`. `call` is the method it was given to, and the role of a plain function.
 *
 * @throws MillraceError `FUNCTION_INVALID`, or `FUNCTION_RETURNED_PROMISE` for an async function.
 */
export function recordFunction(
  call: 'map' | 'flatMap' | 'filter' | 'reduce',
  value: unknown,
): FunctionsByRole {
  return value instanceof RichFactory ? { rich: value } : { [call]: checkFunction(call, value) }
}
