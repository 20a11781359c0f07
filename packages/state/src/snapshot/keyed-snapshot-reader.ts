// Reads the keyed state of one subtask from the snapshots of all old subtasks that held some of it. Tables are
// read when somebody asks for them; what nobody asks for stays encoded and goes into the next snapshot.

import {
  describeType,
  type FrameCodec,
  type JsonValue,
  type KeyGroupRange,
  MillraceError,
  show,
  type TypeDescriptor,
  typesEqual,
} from '@millrace/core'
import { corruptSnapshot } from './corrupt-snapshot.ts'
import {
  FRAME_ENTRIES_MAX,
  FRAME_PREFIX_BYTES,
  KEYED_SNAPSHOT_FORMAT,
  type RawFrame,
  type RawTable,
  type TableInfo,
} from './keyed-snapshot-format.ts'
import { ownedStrings } from './owned-strings.ts'
import { type OpenedSnapshot, openSnapshot, readJson } from './sealed-snapshot.ts'
import { entryCodec, type SnapshotEntry } from './snapshot-entry.ts'

/** What a table must hold, and under which keys. */
export interface WantedTable {
  readonly kind: string
  readonly keyType: TypeDescriptor
  /** `undefined` for a table of keys without values. */
  readonly valueType: TypeDescriptor | undefined
}

/** The keys of an operator: their type, and the number of groups they fall into. */
export interface KeySpace {
  readonly keyType: TypeDescriptor
  readonly maxParallelism: number
}

/** Takes a restored entry; `value` is `undefined` in a table without values. The strings in it are its own. */
export type EachEntry = (key: unknown, namespace: number, value: unknown, keyGroup: number) => void

/** The restored keyed state of one subtask, until it is claimed table by table. */
export class KeyedSnapshotReader {
  readonly #range: KeyGroupRange
  #parts: readonly TablePart[]

  /**
   * `snapshots` are those of the old subtasks whose key groups overlap `keyGroupRange`, in any order.
   *
   * @throws MillraceError `CHECKPOINT_CORRUPT`
   */
  constructor(snapshots: readonly Uint8Array[], keyGroupRange: KeyGroupRange) {
    this.#range = keyGroupRange
    this.#parts = snapshots.flatMap(partsOf)
  }

  /**
   * Checks that the keys of all tables fit those of the job.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE`
   */
  checkKeys({ keyType, maxParallelism }: KeySpace): void {
    for (const part of this.#parts) {
      if (!typesEqual(part.keyType, keyType)) {
        const came = describeType(part.keyType)
        throw incompatible(part.name, 'key type', describeType(keyType), came)
      }
      if (part.maxParallelism !== maxParallelism) {
        throw incompatible(
          part.name,
          'maxParallelism',
          `${maxParallelism}`,
          `${part.maxParallelism}`,
        )
      }
    }
  }

  /** The tables that nobody has read yet. */
  tables(): readonly TableInfo[] {
    return this.unclaimedTables().map(({ name, kind, valueType }) => ({ name, kind, valueType }))
  }

  /** The tables that nobody has read yet, to be copied by `KeyedSnapshotWriter.copyTable`. */
  unclaimedTables(): readonly RawTable[] {
    const range = this.#range
    const partsByName = new Map<string, TablePart[]>()
    for (const part of this.#parts) {
      const parts = partsByName.get(part.name)
      if (parts === undefined) partsByName.set(part.name, [part])
      else parts.push(part)
    }
    return Array.from(partsByName.values(), (parts) => rawTable(parts, range))
  }

  /**
   * Reads every entry of a table in the key groups of this subtask and lets go of the table. False if no
   * snapshot has it.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the table is of another kind or type, `CHECKPOINT_CORRUPT`
   */
  readTable(name: string, wanted: WantedTable, each: EachEntry): boolean {
    const parts = this.#parts.filter((part) => part.name === name)
    if (parts.length === 0) return false
    for (const part of parts) checkCompatible(part, wanted)
    const codec = entryCodec(wanted.keyType, wanted.valueType)
    for (const part of parts) readPart(part, codec, this.#range, each)
    this.#parts = this.#parts.filter((part) => part.name !== name)
    return true
  }
}

/** The part of a table that lies in one snapshot. */
interface TablePart extends TableInfo {
  readonly keyType: TypeDescriptor
  readonly maxParallelism: number
  readonly snapshot: OpenedSnapshot
  readonly framesStart: number
  readonly end: number
}

/** Where a frame lies. */
interface FramePlace {
  readonly keyGroup: number
  readonly start: number
  readonly byteLength: number
}

function partsOf(bytes: Uint8Array): readonly TablePart[] {
  const snapshot = openSnapshot(KEYED_SNAPSHOT_FORMAT, bytes)
  const { keyType, maxParallelism } = snapshot.header as {
    readonly keyType?: TypeDescriptor
    readonly maxParallelism?: number
  }
  if (keyType === undefined || maxParallelism === undefined) {
    throw corrupt('a key type and maxParallelism', show(snapshot.header))
  }
  const parts: TablePart[] = []
  let at = snapshot.bodyStart
  while (at < snapshot.bodyEnd) {
    const part = readPartHeader(snapshot, at, keyType, maxParallelism)
    parts.push(part)
    at = part.end
  }
  return parts
}

function readPartHeader(
  snapshot: OpenedSnapshot,
  start: number,
  keyType: TypeDescriptor,
  maxParallelism: number,
): TablePart {
  const { i32 } = snapshot.source
  const byteLength = i32[start >> 2] as number
  const end = start + byteLength
  if (byteLength < TABLE_PREFIX_BYTES || byteLength % 8 !== 0 || end > snapshot.bodyEnd) {
    throw corrupt('a table inside the snapshot', `one of ${byteLength} bytes`)
  }
  const { value, end: framesStart } = readJson(
    snapshot.source,
    start + TABLE_PREFIX_BYTES,
    i32[(start >> 2) + 1] as number,
    end,
    KEYED_SNAPSHOT_FORMAT.what,
  )
  const { name, kind, valueType } = tableInfo(value)
  return { name, kind, valueType, keyType, maxParallelism, snapshot, framesStart, end }
}

function tableInfo(header: JsonValue): TableInfo {
  const { name, kind, valueType } = header as {
    readonly name?: JsonValue
    readonly kind?: JsonValue
    readonly valueType?: TypeDescriptor
  }
  if (typeof name !== 'string' || typeof kind !== 'string') {
    throw corrupt('the name and kind of a table', show(header))
  }
  return { name, kind, valueType }
}

function rawTable(parts: readonly TablePart[], range: KeyGroupRange): RawTable {
  const [first] = parts as readonly [TablePart]
  return {
    name: first.name,
    kind: first.kind,
    keyType: first.keyType,
    valueType: first.valueType,
    *frames(): Iterable<RawFrame> {
      for (const part of parts) {
        for (const { keyGroup, start, byteLength } of framesIn(part, range)) {
          yield {
            keyGroup,
            bytes: part.snapshot.source.bytes.subarray(start, start + byteLength),
          }
        }
      }
    },
  }
}

function* framesIn(part: TablePart, range: KeyGroupRange): Iterable<FramePlace> {
  const { i32 } = part.snapshot.source
  let at = part.framesStart
  while (at < part.end) {
    const keyGroup = i32[at >> 2] as number
    const byteLength = i32[(at >> 2) + 1] as number
    const start = at + FRAME_PREFIX_BYTES
    at = start + byteLength
    const isInside = byteLength > 0 && byteLength % 8 === 0 && at <= part.end
    if (!isInside || keyGroup < 0 || keyGroup >= part.maxParallelism) {
      throw corrupt(
        `frames inside the table ${show(part.name)}`,
        `one of ${byteLength} bytes for key group ${keyGroup}`,
      )
    }
    if (keyGroup >= range.start && keyGroup <= range.end) yield { keyGroup, start, byteLength }
  }
}

function readPart(
  part: TablePart,
  codec: FrameCodec<SnapshotEntry>,
  range: KeyGroupRange,
  each: EachEntry,
): void {
  const { source } = part.snapshot
  const ownKey = ownedStrings(part.keyType)
  const ownValue = part.valueType === undefined ? undefined : ownedStrings(part.valueType)
  const entries: SnapshotEntry[] = []
  const namespaces = new Float64Array(FRAME_ENTRIES_MAX)
  for (const { keyGroup, start } of framesIn(part, range)) {
    const count = decodeFrame(part, codec, start, entries, namespaces)
    for (let index = 0; index < count; index++) {
      const { key, value } = entries[index] as SnapshotEntry
      each(
        ownKey === undefined ? key : ownKey(key),
        namespaces[index] as number,
        ownValue === undefined ? value : ownValue(value),
        keyGroup,
      )
    }
  }
}

function decodeFrame(
  part: TablePart,
  codec: FrameCodec<SnapshotEntry>,
  start: number,
  entries: SnapshotEntry[],
  namespaces: Float64Array,
): number {
  const { source } = part.snapshot
  const count = source.countAt(start)
  if (count < 1 || count > FRAME_ENTRIES_MAX) {
    throw corrupt(`1 to ${FRAME_ENTRIES_MAX} entries in a frame of ${show(part.name)}`, `${count}`)
  }
  try {
    return codec.decode(source, start, entries, namespaces)
  } catch (cause) {
    throw corrupt(`readable frames in the table ${show(part.name)}`, 'one that is not', cause)
  }
}

function checkCompatible(part: TablePart, wanted: WantedTable): void {
  const { name } = part
  if (part.kind !== wanted.kind) throw incompatible(name, 'kind', wanted.kind, part.kind)
  if (!typesEqual(part.keyType, wanted.keyType)) {
    throw incompatible(name, 'key type', describeType(wanted.keyType), describeType(part.keyType))
  }
  const isSameValue =
    part.valueType === undefined || wanted.valueType === undefined
      ? part.valueType === wanted.valueType
      : typesEqual(part.valueType, wanted.valueType)
  if (!isSameValue) {
    throw incompatible(name, 'type', described(wanted.valueType), described(part.valueType))
  }
}

function described(type: TypeDescriptor | undefined): string {
  return type === undefined ? 'no value' : describeType(type)
}

function incompatible(name: string, what: string, wanted: string, came: string): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the state ${show(name)} to have the ${what} ${wanted} that the job declares`,
    came: `${came} in the checkpoint`,
    todo:
      `Declare the state with the ${what} of the checkpoint again, or give the new state another name and ` +
      'fill it from the old one.',
    ids: { state: name },
  })
}

function corrupt(expected: string, came: string, cause?: unknown): MillraceError {
  return corruptSnapshot(KEYED_SNAPSHOT_FORMAT.what, expected, came, cause)
}

const TABLE_PREFIX_BYTES = 8
