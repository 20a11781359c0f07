// Small slots of a checkpoint, times and JSON. They come from a disk and are checked before anybody believes them: a checksum
// says that nobody changed them by accident, not that this release wrote them for this operator.

import { type JsonValue, MillraceError, show } from '@millrace/core'
import type { RestoredOperator } from './operator.ts'

/**
 * The times in a slot, one of each old subtask that concerns this one.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function restoredTimes(restored: RestoredOperator, slotName: string): readonly number[] {
  return restored.slot(slotName).map(({ bytes }) => {
    const text = new TextDecoder().decode(bytes)
    if (NUMBER.test(text)) return Number(text)
    throw corruptSlot(slotName, 'a time in milliseconds', text)
  })
}

/**
 * The JSON in a slot, one value of each old subtask that concerns this one. `isWanted` says what the slot must hold,
 * `expected` is that in words.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function restoredJson<Value>(
  restored: RestoredOperator,
  slotName: string,
  wanted: { readonly expected: string; readonly test: (json: JsonValue) => boolean },
): readonly { readonly subtaskIndex: number; readonly value: Value }[] {
  return restored.slot(slotName).map(({ subtaskIndex, bytes }) => {
    const json = parseSlot(slotName, bytes)
    if (wanted.test(json)) return { subtaskIndex, value: json as Value }
    throw corruptSlot(slotName, wanted.expected, json)
  })
}

/**
 * JSON in the bytes of a slot.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function parseSlot(slotName: string, bytes: Uint8Array): JsonValue {
  const text = new TextDecoder().decode(bytes)
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw corruptSlot(slotName, 'JSON', text, cause)
  }
}

/** The error for a slot that does not hold what it must. */
export function corruptSlot(
  slotName: string,
  expected: string,
  came: unknown,
  cause?: unknown,
): MillraceError {
  return new MillraceError('CHECKPOINT_CORRUPT', {
    expected: `${expected} in the slot '${slotName}' of an operator`,
    came: show(came),
    todo:
      'The state is damaged, or another operator had this uid when the checkpoint was made: check the uids, or start the job ' +
      'from another checkpoint.',
    ids: { slot: slotName },
    cause,
  })
}

/** Whether JSON is an object with these fields, all numbers. */
export function hasNumbers(json: JsonValue, ...fields: readonly string[]): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  const object = json as Readonly<Record<string, JsonValue>>
  return fields.every((field) => typeof object[field] === 'number')
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/
