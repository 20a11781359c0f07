import type { TypeDescriptor } from '@millrace/core'
import type { TableEvolution } from '../evolution/stored-table-conversion.ts'
import type { TableInfo } from '../snapshot/keyed-snapshot-format.ts'
import type { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import type { KeyedSnapshotWriter } from '../snapshot/keyed-snapshot-writer.ts'

/** What a keyed state keeps its entries in. All access is to the current key. */
export interface StateTable<V> extends TableInfo {
  readonly valueType: TypeDescriptor
  /** What the current key has, or `undefined`. */
  get(): V | undefined
  /** Sets what the current key has. `value` becomes the table's own. */
  put(value: V): void
  /** Removes what the current key has. */
  remove(): void
  /** The keys that have something. */
  keys(): Iterable<unknown>
  /** Reads the table from the checkpoint that the subtask was restored from, if it is there. */
  restoreFrom(reader: KeyedSnapshotReader, keyType: TypeDescriptor, evolution: TableEvolution): void
  snapshotInto(writer: KeyedSnapshotWriter): void
}
