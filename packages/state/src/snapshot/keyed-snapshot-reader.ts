// Reads the keyed state of one subtask from the snapshots of all old subtasks that held some of it. Tables are
// read when somebody asks for them; what nobody asks for stays encoded and goes into the next snapshot.

import {
  describeType,
  type FrameCodec,
  type KeyGroupRange,
  type MillraceError,
  show,
  type TypeDescriptor,
  type ValueConverter,
} from '@millrace/core'
import { type TableEvolution, tableConversion } from '../evolution/stored-table-conversion.ts'
import { conversionOf, incompatibleState } from '../evolution/stored-type-conversion.ts'
import { corruptSnapshot } from './corrupt-snapshot.ts'
import {
  FRAME_ENTRIES_MAX,
  FRAME_PREFIX_BYTES,
  type KeySpace,
  KEYED_SNAPSHOT_FORMAT,
  type RawFrame,
  type RawTable,
  type TableInfo,
} from './keyed-snapshot-format.ts'
import { ownedStrings } from './owned-strings.ts'
import { type OpenedSnapshot, openSnapshot, readJson } from './sealed-snapshot.ts'
import { entryCodec, type SnapshotEntry } from './snapshot-entry.ts'
import { storedType } from './stored-type.ts'

/** What a table must hold, under which keys, and how it may come from what it held before. */
export interface WantedTable extends TableEvolution {
  readonly kind: string
  readonly keyType: TypeDescriptor
  /** `undefined` for a table of keys without values. */
  readonly valueType: TypeDescriptor | undefined
  /** See {@link TableInfo}. */
  readonly hasTimes?: true | undefined
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
   * Checks that the keys of all tables fit those of the job: the type may be wider than it was.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE`
   */
  checkKeys({ keyType, maxParallelism }: KeySpace): void {
    for (const part of this.#parts) {
      conversionOf(part.name, 'key type', part.keyType, keyType)
      if (part.maxParallelism !== maxParallelism) {
        throw incompatibleState(
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
    return this.unclaimedTables().map(({ name, kind, valueType, hasTimes }) => ({
      name,
      kind,
      valueType,
      hasTimes,
    }))
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
   * Reads every entry of a table in the key groups of this subtask, as what is wanted now, and lets go of the table. False if
   * no snapshot has it.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the table is of another kind, or of a type from which no way leads to the
   * wanted one, `CHECKPOINT_CORRUPT`
   */
  readTable(name: string, wanted: WantedTable, each: EachEntry): boolean {
    const parts = this.#parts.filter((part) => part.name === name)
    if (parts.length === 0) return false
    // All ways are found before the first entry is read.
    const conversions = parts.map((part) => conversionsOf(part, wanted))
    for (const [index, part] of parts.entries()) {
      readPart(part, this.#range, converting(conversions[index] as EntryConversions, each))
    }
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
  const { keyType, maxParallelism } = readKeySpace(snapshot.header)
  const parts: TablePart[] = []
  let at = snapshot.bodyStart
  while (at < snapshot.bodyEnd) {
    const part = readPartHeader(snapshot, at, keyType, maxParallelism)
    parts.push(part)
    at = part.end
  }
  return parts
}

/** What the header of a keyed snapshot says. */
export function readKeySpace(json: unknown): KeySpace {
  const header = (json ?? {}) as Partial<Record<keyof KeySpace, unknown>>
  const keyType = storedType(header.keyType, KEYED_SNAPSHOT_FORMAT.what)
  const { maxParallelism } = header
  if (typeof maxParallelism !== 'number') throw corrupt('maxParallelism', show(maxParallelism))
  return { keyType, maxParallelism }
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
  return { ...tableInfo(value), keyType, maxParallelism, snapshot, framesStart, end }
}

/** What the header of a table says. */
export function tableInfo(header: unknown): TableInfo {
  const { name, kind, valueType, hasTimes } = (header ?? {}) as Partial<
    Record<keyof TableInfo, unknown>
  >
  if (typeof name !== 'string' || typeof kind !== 'string') {
    throw corrupt('the name and kind of a table', show(header))
  }
  const isKeysOnly = valueType === undefined
  return {
    name,
    kind,
    valueType: isKeysOnly ? undefined : storedType(valueType, KEYED_SNAPSHOT_FORMAT.what),
    hasTimes: hasTimes === true ? true : undefined,
  }
}

function rawTable(parts: readonly TablePart[], range: KeyGroupRange): RawTable {
  const [first] = parts as readonly [TablePart]
  return {
    name: first.name,
    kind: first.kind,
    keyType: first.keyType,
    valueType: first.valueType,
    hasTimes: first.hasTimes,
    forEachEntry: (each) => {
      for (const part of parts) readPart(part, range, each)
    },
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

function readPart(part: TablePart, range: KeyGroupRange, each: EachEntry): void {
  const codec = entryCodec(part.keyType, part.valueType)
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

/** What turns stored keys and values into wanted ones; undefined where they stay as they are. */
interface EntryConversions {
  readonly key: ValueConverter | undefined
  readonly value: ValueConverter | undefined
}

function conversionsOf(part: TablePart, wanted: WantedTable): EntryConversions {
  const { name } = part
  if (part.kind !== wanted.kind) throw incompatibleState(name, 'kind', wanted.kind, part.kind)
  const key = conversionOf(name, 'key type', part.keyType, wanted.keyType)
  const [stored, declared] = [part.valueType, wanted.valueType]
  if (stored === undefined || declared === undefined) {
    if (stored === declared) return { key, value: undefined }
    throw incompatibleState(name, 'type', described(declared), described(stored))
  }
  const { kind } = wanted
  const value = tableConversion(
    { name, kind, valueType: stored, hasTimes: part.hasTimes === true },
    { name, kind, valueType: declared, hasTimes: wanted.hasTimes === true },
    wanted,
  )
  return { key, value }
}

function converting({ key: toKey, value: toValue }: EntryConversions, each: EachEntry): EachEntry {
  if (toKey === undefined && toValue === undefined) return each
  return (key, namespace, value, keyGroup) =>
    each(
      toKey === undefined ? key : toKey(key),
      namespace,
      toValue === undefined ? value : toValue(value),
      keyGroup,
    )
}

function described(type: TypeDescriptor | undefined): string {
  return type === undefined ? 'no value' : describeType(type)
}

function corrupt(expected: string, came: string, cause?: unknown): MillraceError {
  return corruptSnapshot(KEYED_SNAPSHOT_FORMAT.what, expected, came, cause)
}

const TABLE_PREFIX_BYTES = 8
