import type { RestoredOperator } from '../operators/operator.ts'

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

/** How far time had come in each old subtask that concerns this one. */
export function restoredTimes(head: RestoredOperator): readonly RestoredTime[] {
  return head.slot(TIME_SLOT).map(({ subtaskIndex, bytes }) => ({
    subtaskIndex,
    watermarks: JSON.parse(new TextDecoder().decode(bytes)) as readonly number[],
  }))
}

/** The restored watermarks of a task's inputs: of several old subtasks, the smallest. */
export function restoredWatermarks(head: RestoredOperator): readonly number[] {
  const lists = restoredTimes(head).map(({ watermarks }) => watermarks)
  const [first] = lists
  return (first ?? []).map((_, input) => Math.min(...lists.map((list) => list[input] as number)))
}
