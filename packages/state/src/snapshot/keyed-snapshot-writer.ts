// Writes the keyed state of one operator subtask: the entries of a key group collect in a batch, and a full batch is encoded where it
// stays. Everything can be done in steps, since large state is written bit by bit after the barrier. Format: keyed-snapshot-format.ts.

import {
  assert,
  type FrameCodec,
  type Key,
  keyGroupOf,
  type TypeDescriptor,
  typesEqual,
} from '@millrace/core'
import { EntryBatch, giveBackBatch, takeBatch } from './entry-batch.ts'
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
import { runSteps, type Steps } from './steps.ts'

/** Takes an entry whose key group the writer finds by hashing the key. `value` is ignored without a value type. */
export type AddEntry = (key: unknown, namespace: number, value: unknown) => void

/** Takes an entry whose key group the caller knows. Fastest when the entries of a group come in a row. */
export type AddGroupedEntry = (
  keyGroup: number,
  key: unknown,
  namespace: number,
  value: unknown,
) => void

/** What is known of a table that is written in steps. */
export interface TableReading {
  /** About how many entries there will be: large tables are not copied while they grow. Default: unknown. */
  readonly entryCount?: number
  /**
   * Values that were added cannot be changed in place between two calls. If they can, all that was added is encoded before each
   * pause, in smaller frames. Default: true; of no matter where entries come by key group.
   */
  readonly hasFixedValues?: boolean
}

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
  /** How many entries the next frame holds at most. */
  #frameEntriesMax = FIRST_FRAME_ENTRIES
  /** How many entries of the table are still to come, if its size was told. */
  #entriesLeft = 0

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
    runSteps(this.writeTableInSteps(table, allAtOnce(emit)))
  }

  /** {@link writeTable}, with a pause after each call of `read`, which adds some entries more and answers 0 at the end. */
  *writeTableInSteps(
    table: TableInfo,
    read: (countMax: number, add: AddEntry) => number,
    { entryCount = 0, hasFixedValues = true }: TableReading = {},
  ): Steps {
    const { maxParallelism } = this
    const batches: (EntryBatch | undefined)[] = []
    for (let keyGroup = 0; keyGroup < maxParallelism; keyGroup++) batches.push(undefined)
    const { codec, start } = this.#beginTable(table, entryCount)
    const add: AddEntry = (key, namespace, value) => {
      const keyGroup = keyGroupOf(key as Key, maxParallelism)
      const batch = (batches[keyGroup] ??= takeBatch())
      if (batch.count >= this.#frameEntriesMax) this.#writeFrame(codec, keyGroup, batch)
      batch.add(key, namespace, value)
    }
    const writeBatches = (): void => {
      batches.forEach((batch, keyGroup) => {
        if (batch !== undefined && batch.count > 0) this.#writeFrame(codec, keyGroup, batch)
      })
    }
    const countMax = (): number =>
      hasFixedValues ? FRAME_ENTRIES_MAX : this.#frameEntriesMax * FRAMES_PER_STEP
    while (read(Math.ceil(countMax()), add) > 0) {
      if (!hasFixedValues) writeBatches()
      yield
    }
    writeBatches()
    for (const batch of batches) if (batch !== undefined) giveBackBatch(batch)
    this.#endTable(start)
  }

  /** {@link writeTable} for a caller that knows the key group of each entry: nothing is hashed. */
  writeGroupedTable(table: TableInfo, emit: (add: AddGroupedEntry) => void): void {
    runSteps(this.writeGroupedTableInSteps(table, allAtOnce(emit)))
  }

  /** {@link writeTableInSteps} for a caller that knows the key group of each entry, and adds those of one group in a call. */
  *writeGroupedTableInSteps(
    table: TableInfo,
    read: (countMax: number, add: AddGroupedEntry) => number,
    { entryCount = 0 }: TableReading = {},
  ): Steps {
    const batch = this.#groupedBatch
    let currentGroup = 0
    const { codec, start } = this.#beginTable(table, entryCount)
    const add: AddGroupedEntry = (keyGroup, key, namespace, value) => {
      if (keyGroup !== currentGroup || batch.count >= this.#frameEntriesMax) {
        if (batch.count > 0) this.#writeFrame(codec, currentGroup, batch)
        currentGroup = keyGroup
      }
      batch.add(key, namespace, value)
    }
    while (read(Math.ceil(this.#frameEntriesMax), add) > 0) {
      if (batch.count > 0) this.#writeFrame(codec, currentGroup, batch)
      yield
    }
    if (batch.count > 0) this.#writeFrame(codec, currentGroup, batch)
    this.#endTable(start)
  }

  /**
   * Copies a table that nobody asked for, so that it is still there when somebody does: frame by frame, or entry by entry if
   * the keys of the operator have another type now.
   */
  copyTable(table: RawTable): void {
    runSteps(this.copyTableInSteps(table))
  }

  /** {@link copyTable}, with a pause after each frame; without one if the keys have another type now. */
  *copyTableInSteps(table: RawTable): Steps {
    if (!typesEqual(table.keyType, this.keyType)) {
      this.writeGroupedTable(table, (add) =>
        table.forEachEntry((key, namespace, value, keyGroup) =>
          add(keyGroup, key, namespace, value),
        ),
      )
      return
    }
    const builder = this.#builder
    const { start } = this.#beginTable(table)
    for (const { keyGroup, bytes } of table.frames()) {
      this.#writeFramePrefix(keyGroup, bytes.length)
      builder.advance(FRAME_PREFIX_BYTES)
      builder.appendBytes(bytes)
      yield
    }
    this.#endTable(start)
  }

  /**
   * Closes the snapshot and answers its bytes. May be called after the barrier was passed on: the state itself is
   * not looked at any more. Nothing can be written afterwards.
   */
  finish(): Uint8Array {
    return this.#builder.seal()
  }

  /** {@link finish}, with pauses. */
  finishInSteps(): Steps<Uint8Array> {
    return this.#builder.sealInSteps()
  }

  #beginTable({ name, kind, valueType, hasTimes }: TableInfo, entryCount: number = 0): OpenTable {
    assert(!this.#names.has(name), `no two tables of a snapshot are called ${name}`)
    this.#names.add(name)
    const builder = this.#builder
    const start = builder.end
    builder.reserve(TABLE_PREFIX_BYTES)
    builder.advance(TABLE_PREFIX_BYTES)
    // JSON leaves out what is undefined.
    const headerBytes = builder.appendJson({ name, kind, valueType, hasTimes })
    builder.target.i32[(start >> 2) + 1] = headerBytes
    this.#frameEntriesMax = FIRST_FRAME_ENTRIES
    this.#entriesLeft = entryCount
    return { codec: entryCodec(this.keyType, valueType), start }
  }

  #endTable(start: number): void {
    const builder = this.#builder
    builder.target.i32[start >> 2] = builder.end - start
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
    // Of large values fewer: nothing pauses inside a frame.
    const entryBytes = byteLength / count
    this.#frameEntriesMax = Math.max(1, Math.min(FRAME_ENTRIES_MAX, FRAME_BYTES_AIM / entryBytes))
    this.#entriesLeft -= count
    if (this.#entriesLeft > 0) builder.expect(this.#entriesLeft * entryBytes)
  }

  #writeFramePrefix(keyGroup: number, byteLength: number): void {
    const builder = this.#builder
    builder.reserve(FRAME_PREFIX_BYTES)
    const { i32 } = builder.target
    i32[builder.end >> 2] = keyGroup
    i32[(builder.end >> 2) + 1] = byteLength
  }
}

/** A table that is being written: the codec of its entries, and where it begins. */
interface OpenTable {
  readonly codec: FrameCodec<SnapshotEntry>
  readonly start: number
}

/** A table whose entries are all added by one call. */
function allAtOnce<A>(emit: (add: A) => void): (countMax: number, add: A) => number {
  return (_countMax, add) => {
    emit(add)
    return 0
  }
}

const TABLE_PREFIX_BYTES = 8

/** The first frame of a table shows how large its entries are. */
const FIRST_FRAME_ENTRIES = 64

/** Entries that come in any order fill the frames of many key groups: larger steps make larger frames. */
const FRAMES_PER_STEP = 8

/** A frame of this size takes some tenths of a millisecond. */
const FRAME_BYTES_AIM: number = 256 * 1024
