import type { TypeDescriptor } from '@millrace/core'
import type { TableEvolution } from '../evolution/stored-table-conversion.ts'
import type { StateCell } from './state-cell.ts'
import type { TableInfo } from '../snapshot/keyed-snapshot-format.ts'
import type { KeyedSnapshotReader } from '../snapshot/keyed-snapshot-reader.ts'
import type { TableCut } from '../snapshot/table-cut.ts'

/** What a keyed state keeps its entries in. All access is to the current key. */
export interface StateTable<V> extends TableInfo, StateCell<V> {
  readonly valueType: TypeDescriptor
  /** The keys that have something. */
  keys(): Iterable<unknown>
  /** Reads the table from the checkpoint that the subtask was restored from, if it is there. */
  restoreFrom(reader: KeyedSnapshotReader, keyType: TypeDescriptor, evolution: TableEvolution): void
  /** The table at this moment. */
  cut(): TableCut
}
