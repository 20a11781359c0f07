// What was in flight to one operator subtask at a cut, as bytes: records as frames, and the steps that the time of its inputs took
// between them, in an order in which the subtask might have met them.
//
//   envelope   see ../snapshot/sealed-snapshot.ts; its header is {start, edges: [{id, input, type}], items}
//              items: {edge, bytes} a frame of an edge, by its place in `edges`; {input, watermark} a step of time;
//              {edge, writer, writers, generalized} a watermark of the user's own kind
//   frames     in the order of the items, each at a multiple of 8

import {
  type GeneralizedWatermark,
  isGeneralizedWatermark,
  show,
  type TypeDescriptor,
} from '@millrace/core'
import { corruptSnapshot } from '../snapshot/corrupt-snapshot.ts'
import {
  type OpenedSnapshot,
  openSnapshot,
  SnapshotBuilder,
  type SnapshotFormat,
} from '../snapshot/sealed-snapshot.ts'
import { storedType } from '../snapshot/stored-type.ts'

/** An edge that records were in flight on. */
export interface TapeEdge {
  readonly id: string
  /** The input of the operator that the edge leads to. */
  readonly input: number
  readonly type: TypeDescriptor
}

/** One thing on a tape. */
export type TapeItem =
  /** Some records, written by the frame codec of the edge's type. `edge` is a place in `edges`. */
  | { readonly kind: 'frame'; readonly edge: number; readonly bytes: Uint8Array }
  /** The time of an input has come to `watermark`. */
  | { readonly kind: 'time'; readonly input: number; readonly watermark: number }
  /** One of the user's own kind, from subtask `writer` of `writers`. */
  | {
      readonly kind: 'generalized'
      readonly edge: number
      readonly writer: number
      readonly writers: number
      readonly watermark: GeneralizedWatermark
    }

/** What was in flight to one operator subtask. */
export interface Tape {
  /** The watermark of each input at the cut. */
  readonly start: readonly number[]
  readonly edges: readonly TapeEdge[]
  readonly items: readonly TapeItem[]
}

/** The most records that a frame of a tape holds. */
export const TAPE_FRAME_RECORDS_MAX = 256

const FORMAT: SnapshotFormat = {
  magic: 0x4649524d, // "MRIF"
  version: 1,
  what: 'the records in flight',
}

/** The bytes of a tape. */
export function encodeTape({ start, edges, items }: Tape): Uint8Array {
  const listed = items.map(toHeader)
  const frameBytes = items.reduce(
    (sum, item) => sum + (item.kind === 'frame' ? item.bytes.length : 0),
    0,
  )
  const builder = new SnapshotBuilder(FORMAT, { start, edges, items: listed }, frameBytes)
  for (const item of items) if (item.kind === 'frame') builder.appendBytes(item.bytes)
  return builder.seal()
}

/**
 * The tape of bytes. The frames lie in them, at a multiple of 8.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function decodeTape(bytes: Uint8Array): Tape {
  const opened = openSnapshot(FORMAT, bytes)
  const { start, edges, items } = (opened.header ?? {}) as Unchecked<Tape>
  if (!Array.isArray(start) || !start.every(isWatermark) || !Array.isArray(edges)) {
    throw corrupt('a header with times and edges', opened.header)
  }
  if (!Array.isArray(items)) throw corrupt('a list of items', items)
  const readEdges = edges.map((edge) => readEdge(edge, start.length))
  let at = opened.bodyStart
  const readItems = items.map((item): TapeItem => {
    const parts = (item ?? {}) as Record<string, unknown>
    const { edge, bytes: byteLength, input, watermark, generalized } = parts
    if (edge === undefined) {
      if (!isIndex(input, start.length) || !isWatermark(watermark)) throw corrupt('an item', item)
      return { kind: 'time', input, watermark }
    }
    if (!isIndex(edge, edges.length)) throw corrupt('a frame of a known edge', item)
    if (generalized !== undefined) return readGeneralized(parts, edge)
    const frame = readFrame(opened, at, byteLength)
    at += frame.length
    return { kind: 'frame', edge, bytes: frame }
  })
  if (at !== opened.bodyEnd) throw corrupt('frames up to the end', `${opened.bodyEnd - at} more`)
  return { start, edges: readEdges, items: readItems }
}

function toHeader(item: TapeItem): object {
  switch (item.kind) {
    case 'frame':
      return { edge: item.edge, bytes: item.bytes.length }
    case 'time':
      return { input: item.input, watermark: item.watermark }
    case 'generalized': {
      const { edge, writer, writers, watermark } = item
      return { edge, writer, writers, generalized: watermark }
    }
  }
}

/** What was read and not yet checked. */
type Unchecked<T> = { readonly [Name in keyof T]?: unknown }

function readEdge(edge: unknown, inputCount: number): TapeEdge {
  const { id, input, type } = (edge ?? {}) as Unchecked<TapeEdge>
  if (typeof id !== 'string' || !isIndex(input, inputCount)) throw corrupt('an edge', edge)
  return { id, input, type: storedType(type, FORMAT.what) }
}

function readGeneralized(
  { writer, writers, generalized }: Record<string, unknown>,
  edge: number,
): TapeItem {
  const isFromSubtask = Number.isInteger(writers) && isIndex(writer, writers as number)
  if (!isGeneralizedWatermark(generalized) || !isFromSubtask)
    throw corrupt('a watermark', generalized)
  return {
    kind: 'generalized',
    edge,
    writer: writer as number,
    writers: writers as number,
    watermark: generalized,
  }
}

function readFrame({ source, bodyEnd }: OpenedSnapshot, at: number, length: unknown): Uint8Array {
  if (!isIndex(length, bodyEnd - at + 1) || length === 0 || length % 8 !== 0) {
    throw corrupt('frames inside the snapshot', length)
  }
  const count = source.countAt(at)
  if (source.i32[at >> 2] !== length || count < 1 || count > TAPE_FRAME_RECORDS_MAX) {
    throw corrupt(`frames of 1 to ${TAPE_FRAME_RECORDS_MAX} records`, count)
  }
  return new Uint8Array(source.buffer, at, length)
}

function isIndex(value: unknown, limit: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit
}

function isWatermark(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value)
}

function corrupt(expected: string, came: unknown): Error {
  return corruptSnapshot(FORMAT.what, expected, typeof came === 'string' ? came : show(came))
}
