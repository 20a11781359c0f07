// What a completed checkpoint is, as data: which operator left which bytes where. `_metadata` holds it on disk.

import type { JsonValue } from '@millrace/core'

/** What a completed checkpoint was made for. */
export type CheckpointKind = 'checkpoint' | 'savepoint' | 'final'

/** One completed checkpoint. It is complete because its metadata exists: the file is written last. */
export interface CheckpointMetadata {
  /** The version of the format it was read from, or will be written in: {@link METADATA_FORMAT_VERSION}. */
  readonly formatVersion: number
  /** From 1; grows by at least one with each checkpoint of a job, across restarts. */
  readonly checkpointId: number
  /** A `savepoint` belongs to the user and is never deleted; a `final` one was made at the end of all input. */
  readonly kind: CheckpointKind
  /** Milliseconds since 1970. */
  readonly triggeredAtMs: number
  /** Milliseconds since 1970; when the last subtask had acknowledged. */
  readonly completedAtMs: number
  readonly jobName: string
  /** The hash of the job graph that made it. Another hash is no error: state is matched by operator uid. */
  readonly graphHash: string
  /**
   * The oldest checkpoint in the same directory that can be the job's own: made by this run or by one that it continued. Who
   * continues from this checkpoint removes older ones from there on in its turn. Left out by earlier releases: only this one is.
   */
  readonly oldestOwnId?: number
  /** One entry for each operator of the job, also for those without state. */
  readonly operators: readonly OperatorCheckpoint[]
}

/** What one operator left. */
export interface OperatorCheckpoint {
  /** The identity of the operator's state, across changes of the job. */
  readonly uid: string
  /** For messages. */
  readonly name: string
  /** The operator kind of the job graph. */
  readonly kind: string
  readonly parallelism: number
  /** The number of key groups. */
  readonly maxParallelism: number
  /** In order of their index, one for each of `parallelism`. */
  readonly subtasks: readonly SubtaskCheckpoint[]
  /** Of a source: the state of its split enumerator. Left out in format 1, where all splits are with the subtasks. */
  readonly enumerator?: JsonValue
}

/** The states of split enumerators, by the uid of their operator. */
export type EnumeratorStates = ReadonlyMap<string, JsonValue>

/** What one parallel instance of an operator left. */
export interface SubtaskCheckpoint {
  readonly subtaskIndex: number
  /** The subtask had processed all of its input. */
  readonly isFinished: boolean
  /** Named bytes, such as `keyed`, `operator`, `source`, `sink`, `accumulators`. A slot without bytes is left out. */
  readonly slots: Readonly<Record<string, StateHandle>>
}

/** Where the bytes of one slot are. */
export type StateHandle = InlineStateHandle | FileStateHandle

/** Bytes that lie in the metadata itself: too small for a file of their own. */
export interface InlineStateHandle {
  readonly kind: 'inline'
  readonly bytes: Uint8Array
}

/** Bytes in a file of the checkpoint. */
export interface FileStateHandle {
  readonly kind: 'file'
  /** Relative to the directory of the checkpoint, so that the directory can be moved. */
  readonly path: string
  /** Where the bytes begin in the file. */
  readonly offset: number
  readonly sizeBytes: number
  /** Of these bytes, unsigned. */
  readonly crc32: number
}
