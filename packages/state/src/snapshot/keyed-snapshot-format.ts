// The keyed state of one operator subtask as bytes: tables of entries, each entry a key, a value and a number
// called the namespace. Entries lie in frames of one key group, so that a subtask of a rescaled job reads the key
// groups it owns and skips the others unread.
//
//   envelope   see sealed-snapshot.ts; its header is {keyType, maxParallelism}
//   table      i32 bytes of the table, i32 bytes of its header, header {name, kind, valueType, hasTimes}, frames
//   frame      i32 key group, i32 bytes of the frame, the frame
//
// The frame's column of timestamps holds the namespaces: the start of a slice, the end of a session, the timestamp
// of a timer, or 0. Its records are {key, value}, or {key} in a table without values. Several frames may hold one
// key group, in any order. `hasTimes` is there, and true, in a table of state with a time to live: see ttl/timed-values.ts.

import type { TypeDescriptor } from '@millrace/core'
import type { SnapshotFormat } from './sealed-snapshot.ts'

/** The keys of an operator: their type, and the number of groups they fall into. */
export interface KeySpace {
  readonly keyType: TypeDescriptor
  readonly maxParallelism: number
}

/** A table of keyed state: what it is called and what it holds. */
export interface TableInfo {
  /** Unique in the operator. Names that begin with `$` are the engine's. */
  readonly name: string
  /** What the entries mean: `value`, `list`, `map`, `reducing`, `aggregating`, `timers`, `window` … */
  readonly kind: string
  /** `undefined` for a table of keys without values. */
  readonly valueType: TypeDescriptor | undefined
  /** The values hold the times of their last use, which their type shows. Default: false. */
  readonly hasTimes?: true | undefined
}

/** A table whose entries stay encoded: it can be written again without being understood. */
export interface RawTable extends TableInfo {
  readonly keyType: TypeDescriptor
  frames(): Iterable<RawFrame>
  /** Decodes every entry; to write the table under keys of a wider type. */
  forEachEntry(
    each: (key: unknown, namespace: number, value: unknown, keyGroup: number) => void,
  ): void
}

/** One frame of a {@link RawTable}; valid until the reader is read on. */
export interface RawFrame {
  readonly keyGroup: number
  readonly bytes: Uint8Array
}

/** The entries a frame holds at most: enough that its overhead vanishes, few enough to stay in the cache. */
export const FRAME_ENTRIES_MAX = 1024

/** Bytes before each frame. */
export const FRAME_PREFIX_BYTES = 8

export const KEYED_SNAPSHOT_FORMAT: SnapshotFormat = {
  magic: 0x534b524d, // "MRKS"
  version: 1,
  what: 'the snapshot of keyed state',
}
