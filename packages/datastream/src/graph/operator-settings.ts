// What can be set on an operator after it was added, with the checks.

import {
  checkInteger,
  checkWatermarkDeclaration,
  type Duration,
  durationMs,
  MAX_PARALLELISM_LIMIT,
  MillraceError,
  show,
  type WatermarkDeclaration,
} from '@millrace/core'
import type { DraftOperator } from './draft-operator.ts'

/** A parallelism of 1 to 32768, or `OPTION_INVALID`. */
export function checkParallelism(what: string, value: number): number {
  return checkInteger(what, value, { min: 1, max: MAX_PARALLELISM_LIMIT })
}

/** Milliseconds of a buffer timeout: 0 is the end of each slice, -1 waits for full frames. */
export function bufferTimeoutMs(timeout: Duration): number {
  return timeout === -1 ? -1 : durationMs(timeout, { what: 'bufferTimeout' })
}

/** Sets the id under which the operator's state is kept. */
export function setUid(operator: DraftOperator, uid: string): void {
  operator.uid = checkText(uid, 'a uid of at least one character', {
    todo: "Give a name that stays, such as .uid('word-counts').",
  })
}

/** Sets the name shown in plans, logs and metrics. */
export function setName(operator: DraftOperator, name: string): void {
  operator.name = checkText(name, 'a name of at least one character', {
    todo: "Give a name for people, such as .name('count words').",
  })
}

/** Sets the sentence shown in plans. */
export function setDescription(operator: DraftOperator, description: string): void {
  operator.description = checkText(description, 'a description of at least one character', {
    todo: "Say in a sentence what the operator does, such as .setDescription('keeps the dearest bid of an auction').",
  })
}

/** Sets another id of the operator's state. */
export function setUidHash(operator: DraftOperator, uidHash: string): void {
  operator.uidHash = checkText(uidHash, 'the id of an operator as a uid hash', {
    todo: 'Copy it from the explain() of the earlier program, or from the message of STATE_UNCLAIMED.',
  })
}

/** Sets which other tasks may run in the same slot. */
export function setSlotSharingGroup(operator: DraftOperator, group: string): void {
  operator.slotSharingGroup = checkText(group, 'the name of a slot sharing group', {
    todo: "Give a short name, such as .slotSharingGroup('heavy'); all without one are in 'default'.",
  })
}

/** Sets the number of subtasks. */
export function setParallelism(operator: DraftOperator, parallelism: number): void {
  operator.parallelism = checkParallelism('parallelism', parallelism)
}

/** Sets the number of key groups. */
export function setMaxParallelism(operator: DraftOperator, maxParallelism: number): void {
  operator.maxParallelism = checkParallelism('max parallelism', maxParallelism)
}

/** Adds kinds of watermarks that the operator may emit. */
export function declareWatermarks(
  operator: DraftOperator,
  declarations: readonly WatermarkDeclaration[],
): void {
  operator.declaredWatermarks = [
    ...operator.declaredWatermarks,
    ...declarations.map((one) => checkWatermarkDeclaration('declareWatermarks', one)),
  ]
}

function checkText(text: string, expected: string, { todo }: { readonly todo: string }): string {
  if (typeof text === 'string' && text !== '') return text
  throw new MillraceError('OPTION_INVALID', { expected, came: show(text), todo })
}
