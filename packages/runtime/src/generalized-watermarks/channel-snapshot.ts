// What a checkpoint holds of a task's channels: the last value of each kind of watermark, and whether the channel has ended.
//
// After a restore a channel goes on with what was known of the subtask that writes into it. If there are more or fewer of those
// now, it goes on with the combination of the old subtasks in whose place its subtask stands:
//
//   4 subtasks -> 2      [ 5 ] [ 3 ] [ 9 ] [ - ]             2 -> 4        [ 5 ]       [ - ]
//                         └─ 3 ─┘     └─ 9, or - ┘                       [ 5 ] [ 5 ] [ - ] [ - ]
//                          min            with waitForAll
//
// Each old value is in one channel or in several that are equal, and min, max, and, or do not count: what all channels of an
// edge are together is after the restore what it was before. With waitForAll one that is waited for still is.

import {
  isValueOf,
  isWatermarkDeclaration,
  type JsonValue,
  MAX_PARALLELISM_LIMIT,
  type WatermarkDeclaration,
} from '@millrace/core'
import type { ChannelOrigin } from '@millrace/exchange'
import { corruptSlot, hasLists, parseSlot } from '../operators/slot-values.ts'
import { shareOfSubtask } from './subtask-share.ts'
import { combineValues, type WatermarkValue } from './watermark-combination.ts'

/** One kind of watermark, with the last value of each channel. */
export interface KindSnapshot {
  readonly declaration: WatermarkDeclaration
  readonly values: readonly (WatermarkValue | undefined)[]
}

/** All channels of a task; in the same order everywhere. */
export interface ChannelSnapshot {
  readonly origins: readonly ChannelOrigin[]
  readonly hasEnded: readonly boolean[]
  readonly kinds: readonly KindSnapshot[]
}

/** As bytes. */
export function encodeChannels({ origins, hasEnded, kinds }: ChannelSnapshot): Uint8Array {
  const asJson = kinds.map(({ declaration, values }) => ({
    declaration,
    values: values.map((value) => value ?? null),
  }))
  return new TextEncoder().encode(JSON.stringify({ origins, hasEnded, kinds: asJson }))
}

/** For messages. */
const SLOT_NAME = 'generalized-watermarks'

/** The opposite of {@link encodeChannels}. @throws MillraceError `CHECKPOINT_CORRUPT` */
export function decodeChannels(bytes: Uint8Array): ChannelSnapshot {
  const json = parseSlot(SLOT_NAME, bytes)
  if (!areChannels(json)) throw corruptSlot(SLOT_NAME, 'the watermarks of channels', json)
  const { origins, hasEnded, kinds } = json as unknown as StoredChannels
  return {
    origins,
    hasEnded,
    kinds: kinds.map(({ declaration, values }) => ({
      declaration,
      values: values.map((value) => value ?? undefined),
    })),
  }
}

interface StoredChannels {
  readonly origins: readonly ChannelOrigin[]
  readonly hasEnded: readonly boolean[]
  readonly kinds: readonly {
    readonly declaration: WatermarkDeclaration
    readonly values: readonly (WatermarkValue | null)[]
  }[]
}

function areChannels(json: JsonValue): boolean {
  if (!hasLists(json, 'origins', 'hasEnded', 'kinds')) return false
  const { origins, hasEnded, kinds } = json as unknown as StoredChannels
  return (
    origins.every(isOrigin) &&
    hasEnded.length === origins.length &&
    hasEnded.every((ended) => typeof ended === 'boolean') &&
    kinds.every((kind) => isKind(kind, origins.length))
  )
}

function isOrigin(origin: unknown): boolean {
  const { edge, subtask, parallelism } = (origin ?? {}) as Partial<ChannelOrigin>
  if (typeof edge !== 'string' || !Number.isInteger(subtask) || !Number.isInteger(parallelism)) {
    return false
  }
  const [index, count] = [subtask as number, parallelism as number]
  return index >= 0 && index < count && count <= MAX_PARALLELISM_LIMIT
}

function isKind(kind: unknown, channelCount: number): boolean {
  const { declaration, values } = (kind ?? {}) as Partial<StoredChannels['kinds'][number]>
  if (!isWatermarkDeclaration(declaration) || !Array.isArray(values)) return false
  const areValues = values.every((value) => value === null || isValueOf(declaration, value))
  return areValues && values.length === channelCount
}

/** What channels begin with. `snapshots` are those of all old subtasks of the task, the own one first. */
export function restoredChannels(
  origins: readonly ChannelOrigin[],
  snapshots: readonly ChannelSnapshot[],
): ChannelSnapshot {
  const known = new KnownChannels(snapshots)
  const shares = origins.map((origin) => known.shareOf(origin))
  return {
    origins,
    hasEnded: shares.map((share) => share.length > 0 && share.every(({ hasEnded }) => hasEnded)),
    kinds: [...known.declarations.values()].map((declaration) => ({
      declaration,
      values: shares.map((share) => valueOfShare(declaration, share)),
    })),
  }
}

/** What is known of one old subtask that wrote into the task's channels. */
interface KnownChannel {
  readonly hasEnded: boolean
  readonly values: ReadonlyMap<string, WatermarkValue>
}

class KnownChannels {
  readonly declarations = new Map<string, WatermarkDeclaration>()
  readonly #byEdge = new Map<string, (KnownChannel | undefined)[]>()

  constructor(snapshots: readonly ChannelSnapshot[]) {
    for (const { origins, hasEnded, kinds } of snapshots) {
      for (const { declaration } of kinds) this.declarations.set(declaration.name, declaration)
      for (const [index, { edge, subtask, parallelism }] of origins.entries()) {
        const channels = this.#byEdge.get(edge) ?? Array.from({ length: parallelism })
        this.#byEdge.set(edge, channels)
        channels[subtask] ??= { hasEnded: hasEnded[index] === true, values: valuesOf(kinds, index) }
      }
    }
  }

  shareOf({ edge, subtask, parallelism }: ChannelOrigin): readonly KnownChannel[] {
    const channels = this.#byEdge.get(edge)
    if (channels === undefined) return []
    const place = { subtask, count: parallelism, oldCount: channels.length }
    const { start, end } = shareOfSubtask(place)
    return channels.slice(start, end).map((channel) => channel ?? SILENT)
  }
}

const SILENT: KnownChannel = { hasEnded: false, values: new Map() }

function valuesOf(
  kinds: readonly KindSnapshot[],
  channel: number,
): ReadonlyMap<string, WatermarkValue> {
  const values = new Map<string, WatermarkValue>()
  for (const kind of kinds) {
    const value = kind.values[channel]
    if (value !== undefined) values.set(kind.declaration.name, value)
  }
  return values
}

function valueOfShare(
  { name, combine, waitForAll }: WatermarkDeclaration,
  share: readonly KnownChannel[],
): WatermarkValue | undefined {
  const isWaitedFor = share.some(({ hasEnded, values }) => !hasEnded && !values.has(name))
  if (waitForAll && isWaitedFor) return undefined
  return combineValues(
    combine,
    share.map(({ values }) => values.get(name)),
  )
}
