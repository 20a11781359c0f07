// Values in the small slots of a checkpoint.

import { type JsonValue, MillraceError, show } from '@millrace/core'

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

/** Whether JSON is an object with these fields, all lists. */
export function hasLists(json: JsonValue, ...fields: readonly string[]): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  const object = json as Readonly<Record<string, JsonValue>>
  return fields.every((field) => Array.isArray(object[field]))
}
