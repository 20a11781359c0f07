// Which operators belong to a job: those added since the last one, and all that they read from. A stream of an
// earlier job may be read again; its operators then run again.

import { MillraceError } from '@millrace/core'
import type { OperatorKind } from '@millrace/job-graph'
import type { DraftOperator } from './draft-operator.ts'

/** Where records may end. */
const SINK_KINDS: ReadonlySet<OperatorKind> = new Set([
  'sink',
  'sink-writer',
  'committer',
  'commit-stage',
])

/** `added` and all operators they read from, inputs before readers, but for feedback; otherwise in the order of adding. */
export function reachableOperators(added: Iterable<DraftOperator>): readonly DraftOperator[] {
  const found = new Set<DraftOperator>()
  const visit = (operator: DraftOperator): void => {
    if (found.has(operator)) return
    for (const { origin, isFeedback } of operator.inputs) {
      if (isFeedback === undefined) visit(origin.operator)
    }
    found.add(operator)
    for (const { origin } of operator.inputs) visit(origin.operator)
  }
  for (const operator of added) visit(operator)
  return [...found]
}

/**
 * Refuses a program that would do nothing.
 *
 * @throws MillraceError `JOB_EMPTY` without operators, `JOB_WITHOUT_SINK` when records end in an operator that is no sink.
 */
export function checkComplete(operators: readonly DraftOperator[]): void {
  if (operators.length === 0) {
    throw new MillraceError('JOB_EMPTY', {
      expected: 'a job with at least one source and one sink',
      came: 'an environment without operators',
      todo: 'Add a source such as env.fromData([1, 2, 3]) and a sink such as .print() before execute().',
    })
  }
  const read = new Set(
    operators.flatMap(({ inputs }) => inputs.map(({ origin }) => origin.operator)),
  )
  const leaf = operators.find((operator) => !SINK_KINDS.has(operator.kind) && !read.has(operator))
  if (leaf === undefined) return
  throw new MillraceError('JOB_WITHOUT_SINK', {
    expected: 'every stream of the job to end in a sink',
    came: `nothing that reads '${leaf.name}'${leaf.uid === undefined ? '' : ` (uid ${leaf.uid})`}: execute without a sink`,
    todo: 'End it with .sinkTo(...), .print() or .discard(), or call .executeAndCollect() on it.',
    ids: { operator: leaf.name },
  })
}
