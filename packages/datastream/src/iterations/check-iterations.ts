// Loops that could not run: not closed, closed by a stream from elsewhere, or one within the other.

import { MillraceError } from '@millrace/core'
import type { DraftOperator } from '../graph/draft-operator.ts'

/**
 * Refuses loops that could not run.
 *
 * @throws MillraceError `ITERATION_INVALID`
 */
export function checkIterations(operators: readonly DraftOperator[]): void {
  const heads = operators.filter(({ kind }) => kind === 'iteration-head')
  for (const head of heads) {
    const feedback = head.inputs.filter(({ isFeedback }) => isFeedback === true)
    if (feedback.length === 0) {
      throw invalid(head, {
        expected: `the iteration '${head.name}' to be closed`,
        came: 'no call of closeWith',
        todo: 'Call closeWith(feedback) on it, with what is to go round again; without feedback, leave iterate() out.',
      })
    }
    const before = new Map(
      feedback.map(({ origin }) => [origin.operator, leadingTo(origin.operator)]),
    )
    for (const [from, operatorsBefore] of before) {
      if (operatorsBefore.has(head)) continue
      throw invalid(head, {
        expected: `closeWith of '${head.name}' to be given a stream that comes from the iteration`,
        came: `one of '${from.name}', which does not read it`,
        todo: 'Feed back a stream that follows from the iterative one; join others with union or connect before iterate().',
      })
    }
    checkNotNested(head, heads)
  }
}

/** A head within the loop of another one would have to find its end in every round of the outer loop. */
function checkNotNested(head: DraftOperator, heads: readonly DraftOperator[]): void {
  const before = leadingTo(head)
  const other = heads.find((each) => each !== head && before.has(each) && leadingTo(each).has(head))
  if (other === undefined) return
  throw invalid(head, {
    expected: `the loop of '${head.name}' to have no other loop within it`,
    came: `that of '${other.name}', which it goes through`,
    todo: 'Use one loop whose records say in which of the two they are.',
  })
}

/** The operator and all that it reads from, by any way. */
function leadingTo(operator: DraftOperator): ReadonlySet<DraftOperator> {
  const found = new Set<DraftOperator>()
  const waiting = [operator]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    for (const { origin } of next.inputs) waiting.push(origin.operator)
  }
  return found
}

function invalid(
  head: DraftOperator,
  what: { readonly expected: string; readonly came: string; readonly todo: string },
): MillraceError {
  return new MillraceError('ITERATION_INVALID', { ...what, ids: { operator: head.name } })
}
