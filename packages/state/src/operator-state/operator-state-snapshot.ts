// The non-keyed state of one operator subtask as bytes.
//
//   envelope   see ../snapshot/sealed-snapshot.ts; its header is
//              {subtaskIndex, parallelism, states: [{name, mode, keyType, valueType, frames}]}
//   frames     those of the first state, then those of the second …: i32 bytes of the frame, i32 0, the frame
//
// A list is frames of {key}, a broadcast map frames of {key, value}. The types travel with the state, so it is read
// before anybody asks for it, and kept if nobody does.

import { type FrameBuffer, type FrameCodec, show, type TypeDescriptor } from '@millrace/core'
import { corruptSnapshot } from '../snapshot/corrupt-snapshot.ts'
import { FRAME_ENTRIES_MAX } from '../snapshot/keyed-snapshot-format.ts'
import { ownedStrings } from '../snapshot/owned-strings.ts'
import {
  type OpenedSnapshot,
  openSnapshot,
  SnapshotBuilder,
  type SnapshotFormat,
} from '../snapshot/sealed-snapshot.ts'
import { entryCodec, SnapshotEntry } from '../snapshot/snapshot-entry.ts'
import { storedType } from '../snapshot/stored-type.ts'

/** How a state is shared out when the job restarts. */
export type OperatorStateMode = 'split' | 'union' | 'broadcast'

/** What a state is, without its content. */
export interface OperatorStateInfo {
  readonly name: string
  readonly mode: OperatorStateMode
  /** Of an element of a list, or of a key of a broadcast map. */
  readonly keyType: TypeDescriptor
  /** Of a value of a broadcast map; `undefined` for lists. */
  readonly valueType: TypeDescriptor | undefined
}

/** A state with its content. An element of a list is the `key` of an entry. */
export interface OperatorStateContent extends OperatorStateInfo {
  readonly entries: readonly SnapshotEntry[]
}

/** All non-keyed state of one subtask. */
export interface OperatorStateSnapshot {
  readonly subtaskIndex: number
  readonly parallelism: number
  readonly states: readonly OperatorStateContent[]
}

/** @throws MillraceError `TYPE_MISMATCH` if an element is not of its type. */
export function encodeOperatorState(snapshot: OperatorStateSnapshot): Uint8Array {
  const { subtaskIndex, parallelism, states } = snapshot
  const builder = new SnapshotBuilder(OPERATOR_SNAPSHOT_FORMAT, {
    subtaskIndex,
    parallelism,
    states: states.map((state) => toHeader(state)),
  })
  for (const state of states) appendFrames(builder, state)
  return builder.seal()
}

/** @throws MillraceError `CHECKPOINT_CORRUPT` */
export function decodeOperatorState(bytes: Uint8Array): OperatorStateSnapshot {
  const opened = openSnapshot(OPERATOR_SNAPSHOT_FORMAT, bytes)
  const { subtaskIndex, parallelism, states } = readOperatorStateHeader(opened.header)
  let at = opened.bodyStart
  const contents = states.map(({ frames, ...info }) => {
    const { entries, end } = readFrames(opened, at, { frames, ...info })
    at = end
    return { ...info, entries }
  })
  if (at !== opened.bodyEnd) {
    throw corruptSnapshot(
      OPERATOR_SNAPSHOT_FORMAT.what,
      'frames up to the end',
      `${opened.bodyEnd - at} bytes more`,
    )
  }
  return { subtaskIndex, parallelism, states: contents }
}

interface SnapshotHeader {
  readonly subtaskIndex: number
  readonly parallelism: number
  readonly states: readonly StateHeader[]
}

interface StateHeader extends OperatorStateInfo {
  /** How many frames hold it. */
  readonly frames: number
}

/** The envelope of these snapshots. */
export const OPERATOR_SNAPSHOT_FORMAT: SnapshotFormat = {
  magic: 0x534f524d, // "MROS"
  version: 1,
  what: 'the snapshot of operator state',
}

const FRAME_PREFIX_BYTES = 8

function toHeader({ name, mode, keyType, valueType, entries }: OperatorStateContent): object {
  const frames = Math.ceil(entries.length / FRAME_ENTRIES_MAX)
  return { name, mode, keyType, valueType, frames }
}

/** @throws MillraceError `CHECKPOINT_CORRUPT` */
export function readOperatorStateHeader(header: unknown): SnapshotHeader {
  const { subtaskIndex, parallelism, states } = (header ?? {}) as Unchecked<SnapshotHeader>
  if (!isCount(subtaskIndex) || !isCount(parallelism) || !Array.isArray(states)) {
    throw corruptSnapshot(
      OPERATOR_SNAPSHOT_FORMAT.what,
      'a header that names its states',
      show(header),
    )
  }
  return { subtaskIndex, parallelism, states: states.map(readStateHeader) }
}

function readStateHeader(header: unknown): StateHeader {
  const { name, mode, keyType, valueType, frames } = (header ?? {}) as Unchecked<StateHeader>
  const isMode = mode === 'split' || mode === 'union' || mode === 'broadcast'
  if (typeof name !== 'string' || !isMode || !isCount(frames)) {
    throw corruptSnapshot(
      OPERATOR_SNAPSHOT_FORMAT.what,
      'the name and mode of a state',
      show(header),
    )
  }
  return {
    name,
    mode,
    keyType: storedType(keyType, OPERATOR_SNAPSHOT_FORMAT.what),
    valueType:
      valueType === undefined ? undefined : storedType(valueType, OPERATOR_SNAPSHOT_FORMAT.what),
    frames,
  }
}

/** What was read and not yet checked. */
type Unchecked<T> = { readonly [Name in keyof T]?: unknown }

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0
}

function appendFrames(builder: SnapshotBuilder, state: OperatorStateContent): void {
  const codec = entryCodec(state.keyType, state.valueType)
  const unused = new Float64Array(FRAME_ENTRIES_MAX)
  for (let first = 0; first < state.entries.length; first += FRAME_ENTRIES_MAX) {
    const entries = state.entries.slice(first, first + FRAME_ENTRIES_MAX)
    const { target, end } = builder
    builder.reserve(FRAME_PREFIX_BYTES)
    const byteLength = codec.encode(
      target,
      end + FRAME_PREFIX_BYTES,
      entries,
      unused,
      entries.length,
    )
    target.i32[end >> 2] = byteLength
    target.i32[(end >> 2) + 1] = 0
    builder.advance(FRAME_PREFIX_BYTES + byteLength)
  }
}

function readFrames(
  { source, bodyEnd }: OpenedSnapshot,
  start: number,
  state: StateHeader,
): { readonly entries: readonly SnapshotEntry[]; readonly end: number } {
  const codec = entryCodec(state.keyType, state.valueType)
  const ownKey = ownedStrings(state.keyType)
  const ownValue = state.valueType === undefined ? undefined : ownedStrings(state.valueType)
  const entries: SnapshotEntry[] = []
  const batch: SnapshotEntry[] = []
  const unused = new Float64Array(FRAME_ENTRIES_MAX)
  let at = start
  for (let frame = 0; frame < state.frames; frame++) {
    const frameStart = at + FRAME_PREFIX_BYTES
    const byteLength = frameStart <= bodyEnd ? (source.i32[at >> 2] as number) : 0
    at = frameStart + byteLength
    if (byteLength <= 0 || byteLength % 8 !== 0 || at > bodyEnd) {
      throw corruptSnapshot(
        OPERATOR_SNAPSHOT_FORMAT.what,
        'frames inside the snapshot',
        `one of ${byteLength} bytes`,
      )
    }
    const count = source.countAt(frameStart)
    if (count < 1 || count > FRAME_ENTRIES_MAX) {
      throw corruptSnapshot(
        OPERATOR_SNAPSHOT_FORMAT.what,
        `1 to ${FRAME_ENTRIES_MAX} entries a frame`,
        `${count}`,
      )
    }
    decodeFrame(codec, source, frameStart, batch, unused)
    for (let index = 0; index < count; index++) {
      const { key, value } = batch[index] as SnapshotEntry
      entries.push(new SnapshotEntry(ownKey?.(key) ?? key, ownValue?.(value) ?? value))
    }
  }
  return { entries, end: at }
}

function decodeFrame(
  codec: FrameCodec<SnapshotEntry>,
  source: FrameBuffer,
  start: number,
  batch: SnapshotEntry[],
  unused: Float64Array,
): void {
  try {
    codec.decode(source, start, batch, unused)
  } catch (cause) {
    throw corruptSnapshot(
      OPERATOR_SNAPSHOT_FORMAT.what,
      'readable frames',
      'one that is not',
      cause,
    )
  }
}
