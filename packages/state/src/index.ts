export { evolutionOf } from './evolution/stored-type-conversion.ts'
export {
  decodeTape,
  encodeTape,
  type Tape,
  TAPE_FRAME_RECORDS_MAX,
  type TapeEdge,
  type TapeItem,
} from './in-flight/tape-format.ts'
export { HeapAggregatingState } from './keyed/heap-aggregating-state.ts'
export {
  HeapKeyedStateBackend,
  type HeapKeyedStateBackendInit,
  type KeyedStateCutInit,
  type KeyedStateKind,
} from './keyed/heap-keyed-state-backend.ts'
export type { EntriesCut } from './keyed/entries-cut.ts'
export { HeapListState } from './keyed/heap-list-state.ts'
export { HeapMapState } from './keyed/heap-map-state.ts'
export { HeapReducingState } from './keyed/heap-reducing-state.ts'
export { HeapValueState } from './keyed/heap-value-state.ts'
export { type CopyValue, KeyMap, MapCut } from './keyed/key-map.ts'
export { NumericCut } from './keyed/numeric-cut.ts'
export { NumericMap } from './keyed/numeric-map.ts'
export { isNumberType } from './keyed/numeric-table.ts'
export type { StateCell } from './keyed/state-cell.ts'
export {
  OperatorStateBackend,
  type OperatorStateBackendInit,
} from './operator-state/operator-state-backend.ts'
export {
  decodeOperatorState,
  type OperatorStateContent,
  type OperatorStateInfo,
  type OperatorStateMode,
  type OperatorStateSnapshot,
} from './operator-state/operator-state-snapshot.ts'
export type { SubtaskPlace } from './operator-state/share-out.ts'
export { valueCopier } from './snapshot/copy-value.ts'
export { type CutState, KeyedSnapshotCut } from './snapshot/keyed-snapshot-cut.ts'
export type { KeySpace, RawFrame, RawTable, TableInfo } from './snapshot/keyed-snapshot-format.ts'
export {
  type EachEntry,
  KeyedSnapshotReader,
  type WantedTable,
} from './snapshot/keyed-snapshot-reader.ts'
export {
  type AddEntry,
  type AddGroupedEntry,
  KeyedSnapshotWriter,
  type KeyedSnapshotWriterInit,
} from './snapshot/keyed-snapshot-writer.ts'
export { runSteps, type Steps } from './snapshot/steps.ts'
export type { TableCut } from './snapshot/table-cut.ts'
export { dropTimes } from './ttl/timed-values.ts'
export {
  outlineSnapshot,
  type SnapshotBytes,
  type SnapshotOutline,
  type StateSize,
  type TableOutline,
} from './snapshot/snapshot-outline.ts'
export { type OwnStrings, ownedStrings, ownString } from './snapshot/owned-strings.ts'
