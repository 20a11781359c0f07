// The watermarks of the user's own kinds in a checkpoint of an async operator: the gate has told them, so it does not tell them
// again, and they wait behind records that have not gone out.
//
//   ● ● w ● w'       as many subtasks as before: each keeps its place among the records, which the same subtask gets
//   2   │     3      more or fewer: the records were dealt anew, so the last of each kind goes out behind all of them,
//                    combined over the old subtasks in whose place this one stands

import {
  type GeneralizedWatermark,
  isGeneralizedWatermark,
  type JsonValue,
  watermarkOf,
} from '@millrace/core'
import { shareOfSubtask } from '../generalized-watermarks/subtask-share.ts'
import { combineValues } from '../generalized-watermarks/watermark-combination.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { restoredJson } from '../operators/restored-values.ts'
import { hasLists } from '../operators/slot-values.ts'

/** One that waits, and how many records that have not gone out are before it. */
export interface WaitingWatermark {
  readonly recordsBefore: number
  readonly watermark: GeneralizedWatermark
}

/** What one subtask holds. */
export interface AsyncWatermarks {
  /** In the order of coming. */
  readonly waiting: readonly WaitingWatermark[]
  /** The last one of each kind that came, whether it waits or has gone out. */
  readonly latest: readonly GeneralizedWatermark[]
}

/** The slot of an async operator that holds them. */
export const ASYNC_WATERMARKS_SLOT = 'async-watermarks'

/** As bytes. */
export function encodeAsyncWatermarks(watermarks: AsyncWatermarks): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(watermarks))
}

/** What a subtask goes on with, that has got back `recordCount` records. */
export function restoredAsyncWatermarks(
  { restored, subtaskIndex, parallelism }: OperatorContext,
  recordCount: number,
): AsyncWatermarks {
  const old = restoredJson<AsyncWatermarks>(restored, ASYNC_WATERMARKS_SLOT, {
    expected: 'watermarks of the user that wait, and the latest',
    test: areAsyncWatermarks,
  }).map(({ subtaskIndex: from, value }) => ({ subtaskIndex: from, watermarks: value }))
  if (restored.parallelism === parallelism) return old[0]?.watermarks ?? NONE
  const place = { subtask: subtaskIndex, count: parallelism, oldCount: restored.parallelism }
  const { start, end } = shareOfSubtask(place)
  const share = old
    .filter((one) => one.subtaskIndex >= start && one.subtaskIndex < end)
    .map(({ watermarks }) => watermarks)
  const isWaiting = new Set(
    share.flatMap(({ waiting }) => waiting.map(({ watermark }) => watermark.declaration.name)),
  )
  const latest = combineLatest(share.flatMap((watermarks) => watermarks.latest))
  const waiting = latest
    .filter(({ declaration }) => isWaiting.has(declaration.name))
    .map((watermark) => ({ recordsBefore: recordCount, watermark }))
  return { waiting, latest }
}

function areAsyncWatermarks(json: JsonValue): boolean {
  if (!hasLists(json, 'waiting', 'latest')) return false
  const { waiting, latest } = json as unknown as AsyncWatermarks
  const isWaiting = ({ recordsBefore, watermark }: AsyncWatermarks['waiting'][number]): boolean =>
    Number.isSafeInteger(recordsBefore) && recordsBefore >= 0 && isGeneralizedWatermark(watermark)
  return (
    waiting.every((one) => typeof one === 'object' && one !== null && isWaiting(one)) &&
    latest.every(isGeneralizedWatermark)
  )
}

const NONE: AsyncWatermarks = { waiting: [], latest: [] }

function combineLatest(
  watermarks: readonly GeneralizedWatermark[],
): readonly GeneralizedWatermark[] {
  const kinds = Map.groupBy(watermarks, ({ declaration }) => declaration.name)
  return [...kinds.values()].flatMap((ofKind) => {
    const [first] = ofKind
    if (first === undefined) return []
    const values = ofKind.map(({ value }) => value)
    const value = combineValues(first.declaration.combine, values)
    return value === undefined ? [] : [watermarkOf(first.declaration, value)]
  })
}
