// JSON lists in checkpoints (split states, committables) and how they are dealt out again.

import { dealtRun } from '@millrace/checkpoint'
import type { JsonValue, SourceSplit } from '@millrace/core'
import type { OperatorContext } from './operator.ts'
import { restoredJson } from './restored-values.ts'

/** The bytes of a list. */
export function encodeList(list: readonly (JsonValue | SourceSplit)[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(list))
}

/**
 * This subtask's part of a slot of lists. With unchanged parallelism each subtask gets its own list back. Otherwise
 * the list of old subtask s goes to the new subtask s modulo parallelism (`'whole'`: what belongs together stays together),
 * or the elements are dealt out in runs (`'spread'`).
 */
export function restoredList(
  context: OperatorContext,
  slotName: string,
  dealing: 'whole' | 'spread',
): readonly JsonValue[] {
  const { restored, subtaskIndex, parallelism } = context
  const lists = restoredJson<readonly JsonValue[]>(restored, slotName, {
    expected: 'a list',
    test: Array.isArray,
  })
    .map(({ subtaskIndex: from, value: list }) => ({ from, list }))
    .toSorted((a, b) => a.from - b.from)
  if (restored.parallelism === parallelism) {
    return lists.filter(({ from }) => from === subtaskIndex).flatMap(({ list }) => list)
  }
  if (dealing === 'whole') {
    return lists
      .filter(({ from }) => from % parallelism === subtaskIndex)
      .flatMap(({ list }) => list)
  }
  const elements = lists.flatMap(({ list }) => list)
  const { start, end } = dealtRun({ count: elements.length, subtaskIndex, parallelism })
  return elements.slice(start, end)
}
