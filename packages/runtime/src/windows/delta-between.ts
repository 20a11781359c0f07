import { type DeltaFunction, MillraceError, show } from '@millrace/core'
import { isPromise } from '../operators/user-function.ts'

/** How far two elements are apart, by the user's function: a number, or the job would never see a difference. */
export function deltaBetween<T>(deltaOf: DeltaFunction<T>, older: T, newer: T): number {
  const delta: unknown = deltaOf(older, newer)
  if (typeof delta === 'number') return delta
  throw new MillraceError(isPromise(delta) ? 'FUNCTION_RETURNED_PROMISE' : 'FUNCTION_INVALID', {
    expected: 'a number from a delta function',
    came: isPromise(delta) ? 'a promise' : show(delta),
    todo: 'Write (older, newer) => newer.value - older.value.',
  })
}
