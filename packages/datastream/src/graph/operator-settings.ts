// What can be set on an operator after it was added, with the checks.

import { checkInteger, MAX_PARALLELISM_LIMIT, MillraceError, show } from '@millrace/core'
import type { DraftOperator } from './draft-operator.ts'

/** A parallelism of 1 to 32768, or `OPTION_INVALID`. */
export function checkParallelism(what: string, value: number): number {
  return checkInteger(what, value, { min: 1, max: MAX_PARALLELISM_LIMIT })
}

/** Sets the name shown in plans, logs and metrics. */
export function setName(operator: DraftOperator, name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a name of at least one character',
      came: show(name),
      todo: "Give a name for people, such as .name('count words').",
    })
  }
  operator.name = name
}

/** Sets the number of subtasks. */
export function setParallelism(operator: DraftOperator, parallelism: number): void {
  operator.parallelism = checkParallelism('parallelism', parallelism)
}

/** Sets the number of key groups. */
export function setMaxParallelism(operator: DraftOperator, maxParallelism: number): void {
  operator.maxParallelism = checkParallelism('max parallelism', maxParallelism)
}
