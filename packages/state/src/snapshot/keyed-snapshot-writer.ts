// Writes the keyed state of one operator subtask at a barrier. The task waits for it, so it is a straight run: no
// object is made per entry, and frames are encoded where they stay. Format: keyed-snapshot-format.ts.

import {
  assert,
  type FrameCodec,
  type Key,
  keyGroupOf,
  type TypeDescriptor,
  typesEqual,
} from '@millrace/core'
import { EntryColumns } from './entry-columns.ts'
import {
  FRAME_ENTRIES_MAX,
  FRAME_PREFIX_BYTES,
  KEYED_SNAPSHOT_FORMAT,
  type RawTable,
  type TableInfo,
} from './keyed-snapshot-format.ts'
import { SnapshotBuilder } from './sealed-snapshot.ts'
import { entryCodec, SnapshotEntry } from './snapshot-entry.ts'

/** Takes an entry whose key group the writer finds by hashing the key. `value` is ignored without a value type. */
export type AddEntry = (key: unknown, namespace: number, value: unknown) => void

/** Takes an entry whose key group the caller knows. Fastest when the entries of a group come in a row. */
export type AddGroupedEntry = (
  keyGroup: number,
  key: unknown,
  namespace: number,
  value: unknown,
) => void

/**
 * Writes tables one after another, then answers the bytes.
 *
 * @example
 * ```ts
 * import { Types } from '@millrace/core'
 * import { KeyedSnapshotReader, KeyedSnapshotWriter } from '@millrace/state'
 *
 * const writer = new KeyedSnapshotWriter({ keyType: Types.string, maxParallelism: 128 })
 * const counts = { name: 'counts', kind: 'value', valueType: Types.int }
 * writer.writeTable(counts, (add) => add('SFO', 0, 42))
 * const reader = new KeyedSnapshotReader([writer.finish()], { start: 0, end: 127 })
 * reader.readTable('counts', { ...counts, keyType: Types.string }, (key, _namespace, value) => {
 *   console.log(key, value) // SFO 42
 * })
 * ```
 */
export class KeyedSnapshotWriter {
  readonly keyType: TypeDescriptor
  readonly maxParallelism: number
  readonly #builder: SnapshotBuilder
  readonly #names = new Set<string>()
  readonly #entries: SnapshotEntry[] = []
  readonly #namespaces = new Float64Array(FRAME_ENTRIES_MAX)

  constructor({
    keyType,
    maxParallelism,
  }: {
    readonly keyType: TypeDescriptor
    readonly maxParallelism: number
  }) {
    this.keyType = keyType
    this.maxParallelism = maxParallelism
    this.#builder = new SnapshotBuilder(KEYED_SNAPSHOT_FORMAT, { keyType, maxParallelism })
  }

  /**
   * Writes one table; `emit` adds its entries before it returns.
   *
   * @throws MillraceError `TYPE_MISMATCH` if a key or value is not of its type.
   */
  writeTable(table: TableInfo, emit: (add: AddEntry) => void): void {
    const { maxParallelism } = this
    const columns = new EntryColumns()
    emit((key, namespace, value) => {
      columns.add(keyGroupOf(key as Key, maxParallelism), key, namespace, value)
    })
    this.writeGroupedTable(table, (add) => columns.forEachByGroup(maxParallelism, add))
  }

  /** {@link writeTable} for a caller that knows the key group of each entry: nothing is hashed or sorted. */
  writeGroupedTable(table: TableInfo, emit: (add: AddGroupedEntry) => void): void {
    const codec = entryCodec(this.keyType, table.valueType)
    const entries = this.#pooledEntries()
    const namespaces = this.#namespaces
    let count = 0
    let currentGroup = 0
    this.#writeTable(table, () => {
      emit((keyGroup, key, namespace, value) => {
        if (keyGroup !== currentGroup || count === FRAME_ENTRIES_MAX) {
          if (count > 0) this.#writeFrame(codec, currentGroup, count)
          count = 0
          currentGroup = keyGroup
        }
        const entry = entries[count] as SnapshotEntry
        entry.key = key
        entry.value = value
        namespaces[count] = namespace
        count++
      })
      if (count > 0) this.#writeFrame(codec, currentGroup, count)
    })
  }

  /** Copies a table that nobody asked for, so that it is still there when somebody does. */
  copyTable(table: RawTable): void {
    assert(
      typesEqual(table.keyType, this.keyType),
      'a copied table has the key type of the snapshot',
    )
    const builder = this.#builder
    this.#writeTable(table, () => {
      for (const { keyGroup, bytes } of table.frames()) {
        this.#writeFramePrefix(keyGroup, bytes.length)
        builder.advance(FRAME_PREFIX_BYTES)
        builder.appendBytes(bytes)
      }
    })
  }

  /**
   * Closes the snapshot and answers its bytes. May be called after the barrier was passed on: the state itself is
   * not looked at any more. Nothing can be written afterwards.
   */
  finish(): Uint8Array {
    return this.#builder.seal()
  }

  #writeTable({ name, kind, valueType }: TableInfo, writeFrames: () => void): void {
    assert(!this.#names.has(name), `no two tables of a snapshot are called ${name}`)
    this.#names.add(name)
    const builder = this.#builder
    const start = builder.end
    builder.reserve(TABLE_PREFIX_BYTES)
    builder.advance(TABLE_PREFIX_BYTES)
    const headerBytes = builder.appendJson(
      valueType === undefined ? { name, kind } : { name, kind, valueType },
    )
    writeFrames()
    const { i32 } = builder.target
    i32[start >> 2] = builder.end - start
    i32[(start >> 2) + 1] = headerBytes
  }

  #writeFrame(codec: FrameCodec<SnapshotEntry>, keyGroup: number, count: number): void {
    const builder = this.#builder
    builder.reserve(FRAME_PREFIX_BYTES)
    const byteLength = codec.encode(
      builder.target,
      builder.end + FRAME_PREFIX_BYTES,
      this.#entries,
      this.#namespaces,
      count,
    )
    this.#writeFramePrefix(keyGroup, byteLength)
    builder.advance(FRAME_PREFIX_BYTES + byteLength)
  }

  #writeFramePrefix(keyGroup: number, byteLength: number): void {
    const builder = this.#builder
    builder.reserve(FRAME_PREFIX_BYTES)
    const { i32 } = builder.target
    i32[builder.end >> 2] = keyGroup
    i32[(builder.end >> 2) + 1] = byteLength
  }

  #pooledEntries(): SnapshotEntry[] {
    const entries = this.#entries
    while (entries.length < FRAME_ENTRIES_MAX) entries.push(new SnapshotEntry(null, null))
    return entries
  }
}

const TABLE_PREFIX_BYTES = 8
