// Plays what was in flight to an operator when its checkpoint was taken, before anything newer comes.
//
//   old subtask 0   100 ── r ─ r ── 120 ── r ──|        the number is the time of the tape; the tape whose time is lowest goes on
//   old subtask 1   110 ── r ── 120 ──|                 so here: r r of 0 at 100, then 0 to 120, r of 1 at 110, …
//
// The rules, which the design document 0026 gives reasons for:
//
//   a record    is processed by the subtask that owns it now: of a keyed edge the one that has its key group, of a partitioner the
//               one that it names, of an edge whose records may go anywhere, frame by frame in turn
//   the time    of an input is the lowest of all tapes. As the lowest tape goes on first, each record meets the time at which its old
//               subtask would have met it: nothing becomes late by the restart, and nothing late is in time after it
//
// With the old parallelism there is one tape, and all on it is ours.

import { FrameBuffer, type FrameCodec, frameCodec, type GeneralizedWatermark } from '@millrace/core'
import type { ChannelOrigin } from '@millrace/exchange'
import type { Tape, TapeEdge, TapeItem } from '@millrace/state'
import type { Input } from '../operators/operator.ts'

/** Which records of an edge belong to this subtask. */
export type Ownership =
  | { readonly kind: 'all' }
  | { readonly kind: 'some'; readonly isOwn: (value: unknown) => boolean }
  /** Frames are dealt out: every `parallelism`th is ours. */
  | { readonly kind: 'dealt'; readonly subtaskIndex: number; readonly parallelism: number }

/** What a replay is made from. */
export interface ReplayInit {
  /** In the order of the old subtasks. */
  readonly tapes: readonly Tape[]
  readonly ownershipOf: (edge: TapeEdge) => Ownership
  /** The operator's inputs. */
  readonly inputs: readonly Input<unknown>[]
  /** Tells the operator that the time of an input has come so far, which it may have before. */
  readonly raise: (input: number, watermark: number) => void
  /** Tells the operator of a watermark of the user's own kind, and from where it came. */
  readonly tell: (from: ChannelOrigin, watermark: GeneralizedWatermark) => void
  /** The tape that is listened to for these: all tapes have them, and twice would be once too often. */
  readonly tellingTape: number
  /** All has been played. */
  readonly onEnd: () => void
}

/** How far a tape has been played. */
interface Cursor {
  readonly tape: Tape
  readonly times: number[]
  at: number
}

/** A step of a replay: what of it is ours. */
type Step =
  | { readonly kind: 'frame'; readonly edge: TapeEdge; readonly bytes: Uint8Array }
  | { readonly kind: 'time'; readonly input: number; readonly watermark: number }
  | {
      readonly kind: 'generalized'
      readonly edge: TapeEdge
      readonly writer: number
      readonly writers: number
      readonly watermark: GeneralizedWatermark
    }

/** The replay for one operator. */
export class Replay {
  readonly #init: ReplayInit
  readonly #cursors: readonly Cursor[]
  #records: unknown[] = []
  #timestamps = new Float64Array(0)

  constructor(init: ReplayInit) {
    this.#init = init
    this.#cursors = init.tapes.map((tape) => ({ tape, times: [...tape.start], at: 0 }))
  }

  /** Plays one frame, and what comes before it. False if all has been played. */
  playSome(): boolean {
    for (
      let step = this.#next(this.#cursors);
      step !== undefined;
      step = this.#next(this.#cursors)
    ) {
      if (step.kind === 'time') this.#init.raise(step.input, step.watermark)
      else if (step.kind === 'generalized') {
        const { edge, writer, writers, watermark } = step
        this.#init.tell({ edge: edge.id, subtask: writer, parallelism: writers }, watermark)
      } else if (this.#playFrame(step.edge, step.bytes)) return true
    }
    this.#init.onEnd()
    return false
  }

  /** Plays all that is left in one go. */
  finish(): void {
    while (this.playSome());
  }

  /** What is still to be played, as one tape of this subtask; nothing is played by it. */
  rest(): Pick<Tape, 'edges' | 'items'> {
    const cursors = this.#cursors.map(({ tape, times, at }) => ({ tape, times: [...times], at }))
    const edges: TapeEdge[] = []
    const items: TapeItem[] = []
    for (let step = this.#next(cursors); step !== undefined; step = this.#next(cursors)) {
      if (step.kind === 'time') items.push(step)
      else if (step.kind === 'generalized') items.push({ ...step, edge: placeOf(edges, step.edge) })
      else {
        const bytes = this.#ownPart(step.edge, step.bytes)
        if (bytes === undefined) continue
        items.push({ kind: 'frame', edge: placeOf(edges, step.edge), bytes })
      }
    }
    return { edges, items }
  }

  /** Goes on with the tape whose time is lowest. Steps of frames that are dealt to others are left out. */
  #next(cursors: readonly Cursor[]): Step | undefined {
    for (let cursor = lowest(cursors); cursor !== undefined; cursor = lowest(cursors)) {
      const { tape, times } = cursor
      const item = tape.items[cursor.at++] as TapeItem
      if (item.kind === 'frame') {
        const edge = tape.edges[item.edge] as TapeEdge
        if (this.#isDealtToOthers(edge, cursor, cursors)) continue
        return { kind: 'frame', edge, bytes: item.bytes }
      }
      if (item.kind === 'generalized') {
        if (cursors.indexOf(cursor) !== this.#init.tellingTape) continue
        return { ...item, edge: tape.edges[item.edge] as TapeEdge }
      }
      const { input, watermark } = item
      times[input] = watermark
      const least = Math.min(...cursors.map((one) => one.times[input] ?? watermark))
      return { kind: 'time', input, watermark: least }
    }
    return undefined
  }

  #isDealtToOthers(edge: TapeEdge, cursor: Cursor, cursors: readonly Cursor[]): boolean {
    const ownership = this.#init.ownershipOf(edge)
    if (ownership.kind !== 'dealt') return false
    // Every subtask counts alike: by the place on the tape, beginning elsewhere for each tape.
    const turn = cursor.at - 1 + cursors.indexOf(cursor)
    return turn % ownership.parallelism !== ownership.subtaskIndex
  }

  /** Whether there was a record of ours in the frame. */
  #playFrame(edge: TapeEdge, bytes: Uint8Array): boolean {
    const count = this.#decode(edge, bytes)
    const ownership = this.#init.ownershipOf(edge)
    const input = this.#init.inputs[edge.input] as Input<unknown>
    let hasOwn = false
    for (let i = 0; i < count; i++) {
      const value = this.#records[i]
      if (ownership.kind === 'some' && !ownership.isOwn(value)) continue
      hasOwn = true
      input.processElement(value, this.#timestamps[i] as number)
    }
    return hasOwn
  }

  #ownPart(edge: TapeEdge, bytes: Uint8Array): Uint8Array | undefined {
    const ownership = this.#init.ownershipOf(edge)
    if (ownership.kind !== 'some') return bytes
    const count = this.#decode(edge, bytes)
    let ownCount = 0
    for (let i = 0; i < count; i++) {
      if (!ownership.isOwn(this.#records[i])) continue
      this.#records[ownCount] = this.#records[i]
      this.#timestamps[ownCount++] = this.#timestamps[i] as number
    }
    if (ownCount === 0) return undefined
    const frame = new FrameBuffer(new ArrayBuffer(bytes.length))
    const codec = codecOf(edge)
    const byteLength = codec.encode(frame, 0, this.#records, this.#timestamps, ownCount)
    return new Uint8Array(frame.buffer, 0, byteLength)
  }

  #decode(edge: TapeEdge, bytes: Uint8Array): number {
    const frame = new FrameBuffer(bytes.slice().buffer)
    const count = frame.countAt(0)
    if (this.#timestamps.length < count) this.#timestamps = new Float64Array(count)
    return codecOf(edge).decode(frame, 0, this.#records, this.#timestamps)
  }
}

/** The tape that is not at its end and whose time is lowest; of several the first. */
function lowest(cursors: readonly Cursor[]): Cursor | undefined {
  let found: Cursor | undefined
  let least = Number.POSITIVE_INFINITY
  for (const cursor of cursors) {
    if (cursor.at === cursor.tape.items.length) continue
    const time = Math.min(...cursor.times)
    if (found !== undefined && time >= least) continue
    found = cursor
    least = time
  }
  return found
}

function placeOf(edges: TapeEdge[], edge: TapeEdge): number {
  const known = edges.findIndex(({ id }) => id === edge.id)
  return known === -1 ? edges.push(edge) - 1 : known
}

function codecOf({ type }: TapeEdge): FrameCodec<unknown> {
  return frameCodec<unknown>(type)
}
