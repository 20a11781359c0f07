import type { RestoredOperator } from '../operators/operator.ts'
import { restoredJson } from '../operators/restored-values.ts'
import { corruptSlot } from '../operators/slot-values.ts'

/** The slot of a task's first operator that holds the watermarks of the task's inputs. */
export const TIME_SLOT = 'time'

/** How far time had come in an old subtask. */
export interface RestoredTime {
  readonly subtaskIndex: number
  /** The watermark of each input. */
  readonly watermarks: readonly number[]
}

/** The watermarks of a task's inputs as bytes. */
export function encodeWatermarks(watermarks: readonly number[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(watermarks))
}

/**
 * How far time had come in each old subtask that concerns this one.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function restoredInputTimes(head: RestoredOperator): readonly RestoredTime[] {
  const times = restoredJson<readonly number[]>(head, TIME_SLOT, {
    expected: 'a list of watermarks',
    test: (json) => Array.isArray(json) && json.every((time) => typeof time === 'number'),
  }).map(({ subtaskIndex, value }) => ({ subtaskIndex, watermarks: value }))
  const inputCount = times[0]?.watermarks.length
  const other = times.find(({ watermarks }) => watermarks.length !== inputCount)
  if (other === undefined) return times
  throw corruptSlot(TIME_SLOT, `${inputCount} watermarks`, other.watermarks)
}

/** The restored watermarks of a task's inputs: of several old subtasks, the smallest. */
export function restoredWatermarks(head: RestoredOperator): readonly number[] {
  const lists = restoredInputTimes(head).map(({ watermarks }) => watermarks)
  const [first] = lists
  return (first ?? []).map((_, input) => Math.min(...lists.map((list) => list[input] as number)))
}
