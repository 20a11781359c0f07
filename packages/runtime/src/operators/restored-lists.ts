// JSON lists in checkpoints (split states, committables) and how they are dealt out again.

import type { JsonValue } from '@millrace/core'
import type { OperatorContext } from './operator.ts'

/** The bytes of a list. */
export function encodeList(list: readonly JsonValue[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(list))
}

/**
 * This subtask's part of a slot of lists. With unchanged parallelism each subtask gets its own list back. Otherwise
 * the list of old subtask s goes to the new subtask s modulo parallelism (`'whole'`: what belongs together stays together),
 * or the elements are dealt out in turn (`'spread'`).
 */
export function restoredList(
  context: OperatorContext,
  slotName: string,
  dealing: 'whole' | 'spread',
): readonly JsonValue[] {
  const { restored, subtaskIndex, parallelism } = context
  const lists = restored
    .slot(slotName)
    .map(({ subtaskIndex: from, bytes }) => ({
      from,
      list: JSON.parse(new TextDecoder().decode(bytes)) as JsonValue[],
    }))
    .sort((a, b) => a.from - b.from)
  if (restored.parallelism === parallelism) {
    return lists.filter(({ from }) => from === subtaskIndex).flatMap(({ list }) => list)
  }
  if (dealing === 'whole') {
    return lists
      .filter(({ from }) => from % parallelism === subtaskIndex)
      .flatMap(({ list }) => list)
  }
  return lists
    .flatMap(({ list }) => list)
    .filter((_, index) => index % parallelism === subtaskIndex)
}
