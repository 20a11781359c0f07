import { decodeTape, type Tape } from '@millrace/state'
import type { RestoredOperator } from '../operators/operator.ts'
import { restoredInputTimes } from '../task/restored-times.ts'

/** The slot of an operator that holds what was in flight to it. */
export const CHANNELS_SLOT = 'channels'

/** What was in flight to an operator. */
export interface InFlight {
  /** One an old subtask, in their order. */
  readonly tapes: readonly Tape[]
  /** How many subtasks there were. */
  readonly parallelism: number
}

/**
 * What was in flight to the operators of a task, by uid.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function restoredInFlight(
  restored: ReadonlyMap<string, RestoredOperator>,
): ReadonlyMap<string, InFlight> {
  const inFlight = new Map<string, InFlight>()
  for (const [uid, operator] of restored) {
    const tapes = tapesOf(operator)
    if (tapes.some(({ items }) => items.length > 0)) {
      inFlight.set(uid, { tapes, parallelism: operator.parallelism })
    }
  }
  return inFlight
}

/** An old subtask to which nothing was in flight counts with its time: it holds the others back as it did before. */
function tapesOf(restored: RestoredOperator): readonly Tape[] {
  const bySubtask = new Map<number, Tape>()
  for (const { subtaskIndex, watermarks } of restoredInputTimes(restored)) {
    bySubtask.set(subtaskIndex, { start: watermarks, edges: [], items: [] })
  }
  for (const { subtaskIndex, bytes } of restored.slot(CHANNELS_SLOT)) {
    bySubtask.set(subtaskIndex, decodeTape(bytes))
  }
  return [...bySubtask].toSorted(([a], [b]) => a - b).map(([, tape]) => tape)
}
