// Small slots of a checkpoint, times and JSON. They come from a disk and are checked before anybody believes them: a checksum
// says that nobody changed them by accident, not that this release wrote them for this operator.

import type { JsonValue } from '@millrace/core'
import type { RestoredOperator } from './operator.ts'
import { corruptSlot, parseSlot } from './slot-values.ts'

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

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/
