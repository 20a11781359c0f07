// Writes the keyed state of one operator subtask at a barrier. The task waits for it, so it is a straight run: the
// entries of a key group collect in a batch, and a full batch is encoded where it stays. Format: keyed-snapshot-format.ts.

import {
  assert,
  type FrameCodec,
  type Key,
  keyGroupOf,
  type TypeDescriptor,
  typesEqual,
} from '@millrace/core'
import { EntryBatch } from './entry-batch.ts'
import {
  FRAME_ENTRIES_MAX,
  FRAME_PREFIX_BYTES,
  type KeySpace,
  KEYED_SNAPSHOT_FORMAT,
  type RawTable,
  type TableInfo,
} from './keyed-snapshot-format.ts'
import { SnapshotBuilder } from './sealed-snapshot.ts'
import { entryCodec, type SnapshotEntry } from './snapshot-entry.ts'

/** Takes an entry whose key group the writer finds by hashing the key. `value` is ignored without a value type. */
export type AddEntry = (key: unknown, namespace: number, value: unknown) => void

/** Takes an entry whose key group the caller knows. Fastest when the entries of a group come in a row. */
export type AddGroupedEntry = (
  keyGroup: number,
  key: unknown,
  namespace: number,
  value: unknown,
) => void

/** What a writer is made from. */
export interface KeyedSnapshotWriterInit extends KeySpace {
  /** The size of the last snapshot: with it, large state is not copied while it grows. Default: unknown. */
  readonly sizeBytesHint?: number
}

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
 * let found = ''
 * reader.readTable('counts', { ...counts, keyType: Types.string }, (key, _namespace, value) => {
 *   found = `${key} is ${value}`
 * })
 * console.log(found) // SFO is 42
 * ```
 */
export class KeyedSnapshotWriter {
  readonly keyType: TypeDescriptor
  readonly maxParallelism: number
  readonly #builder: SnapshotBuilder
  readonly #names = new Set<string>()
  readonly #groupedBatch = new EntryBatch()

  constructor({ keyType, maxParallelism, sizeBytesHint }: KeyedSnapshotWriterInit) {
    this.keyType = keyType
    this.maxParallelism = maxParallelism
    const header = { keyType, maxParallelism }
    this.#builder = new SnapshotBuilder(KEYED_SNAPSHOT_FORMAT, header, sizeBytesHint)
  }

  /**
   * Writes one table; `emit` adds its entries, in any order, before it returns.
   *
   * @throws MillraceError `TYPE_MISMATCH` if a key or value is not of its type.
   */
  writeTable(table: TableInfo, emit: (add: AddEntry) => void): void {
    const { maxParallelism } = this
    const batches: (EntryBatch | undefined)[] = []
    for (let keyGroup = 0; keyGroup < maxParallelism; keyGroup++) batches.push(undefined)
    this.#writeTable(table, (codec) => {
      emit((key, namespace, value) => {
        const keyGroup = keyGroupOf(key as Key, maxParallelism)
        const batch = (batches[keyGroup] ??= new EntryBatch())
        if (batch.count === FRAME_ENTRIES_MAX) this.#writeFrame(codec, keyGroup, batch)
        batch.add(key, namespace, value)
      })
      batches.forEach((batch, keyGroup) => {
        if (batch !== undefined) this.#writeFrame(codec, keyGroup, batch)
      })
    })
  }

  /** {@link writeTable} for a caller that knows the key group of each entry: nothing is hashed. */
  writeGroupedTable(table: TableInfo, emit: (add: AddGroupedEntry) => void): void {
    const batch = this.#groupedBatch
    let currentGroup = 0
    this.#writeTable(table, (codec) => {
      emit((keyGroup, key, namespace, value) => {
        if (keyGroup !== currentGroup || batch.count === FRAME_ENTRIES_MAX) {
          if (batch.count > 0) this.#writeFrame(codec, currentGroup, batch)
          currentGroup = keyGroup
        }
        batch.add(key, namespace, value)
      })
      if (batch.count > 0) this.#writeFrame(codec, currentGroup, batch)
    })
  }

  /**
   * Copies a table that nobody asked for, so that it is still there when somebody does: frame by frame, or entry by entry if
   * the keys of the operator have another type now.
   */
  copyTable(table: RawTable): void {
    if (!typesEqual(table.keyType, this.keyType)) {
      this.writeGroupedTable(table, (add) =>
        table.forEachEntry((key, namespace, value, keyGroup) =>
          add(keyGroup, key, namespace, value),
        ),
      )
      return
    }
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

  #writeTable(
    { name, kind, valueType, hasTimes }: TableInfo,
    writeFrames: (codec: FrameCodec<SnapshotEntry>) => void,
  ): void {
    assert(!this.#names.has(name), `no two tables of a snapshot are called ${name}`)
    this.#names.add(name)
    const builder = this.#builder
    const start = builder.end
    builder.reserve(TABLE_PREFIX_BYTES)
    builder.advance(TABLE_PREFIX_BYTES)
    // JSON leaves out what is undefined.
    const headerBytes = builder.appendJson({ name, kind, valueType, hasTimes })
    writeFrames(entryCodec(this.keyType, valueType))
    const { i32 } = builder.target
    i32[start >> 2] = builder.end - start
    i32[(start >> 2) + 1] = headerBytes
  }

  /** Writes the entries of a batch and empties it. */
  #writeFrame(codec: FrameCodec<SnapshotEntry>, keyGroup: number, batch: EntryBatch): void {
    const builder = this.#builder
    const { entries, namespaces, count } = batch
    const start = builder.end + FRAME_PREFIX_BYTES
    builder.reserve(FRAME_PREFIX_BYTES)
    const byteLength = codec.encode(builder.target, start, entries, namespaces, count)
    this.#writeFramePrefix(keyGroup, byteLength)
    builder.advance(FRAME_PREFIX_BYTES + byteLength)
    batch.count = 0
  }

  #writeFramePrefix(keyGroup: number, byteLength: number): void {
    const builder = this.#builder
    builder.reserve(FRAME_PREFIX_BYTES)
    const { i32 } = builder.target
    i32[builder.end >> 2] = keyGroup
    i32[(builder.end >> 2) + 1] = byteLength
  }
}

const TABLE_PREFIX_BYTES = 8
