// The gap of a session: fixed by the plan, or asked of each record.

import {
  MillraceError,
  type SessionWindowAssigner,
  type SessionWindowTimeGapExtractor,
  show,
  type WindowAssignerPlan,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure, isPromise, promiseReturned } from '../operators/user-function.ts'

/** Answers the gap of a record, in milliseconds. */
export function gapExtractor<T>(
  { operator, functions }: Pick<OperatorContext, 'operator' | 'functions'>,
  assigner:
    | SessionWindowAssigner
    | Extract<WindowAssignerPlan, { readonly kind: 'dynamic-session' }>,
): SessionWindowTimeGapExtractor<T> {
  if (assigner.kind === 'session') {
    const { gapMs } = assigner
    return () => gapMs
  }
  const gapOf = functions.resolve<SessionWindowTimeGapExtractor<T>>(operator.functions['gapOf'])
  return (value) => {
    let gapMs: number
    try {
      gapMs = gapOf(value)
    } catch (error) {
      throw functionFailure(error, operator, 'session gap function')
    }
    if (Number.isInteger(gapMs) && gapMs > 0) return gapMs
    if (isPromise(gapMs)) throw promiseReturned(gapMs, operator, 'session gap function')
    throw new MillraceError('WINDOW_INVALID', {
      expected: `whole milliseconds above 0 from the session gap function of '${operator.name}'`,
      came: `${show(gapMs)} for ${show(value)}`,
      todo: 'Answer a positive gap for every record.',
      ids: { uid: operator.uid },
    })
  }
}
