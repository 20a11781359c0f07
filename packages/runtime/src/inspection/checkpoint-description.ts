// What a checkpoint holds, as plain data for people and programs.

import type { CheckpointKind } from '@millrace/checkpoint'
import type { JsonValue } from '@millrace/core'

/** What a checkpoint or savepoint holds. Plain data: `JSON.stringify` writes all of it. */
export interface CheckpointDescription {
  /** The directory that holds it. */
  readonly path: string
  /** Grows with each checkpoint of a job. */
  readonly checkpointId: number
  /** A `savepoint` was asked for by a person; a `final` one was made at the end of all input. */
  readonly kind: CheckpointKind
  /** Of the metadata: an older one is read, a newer one is not. */
  readonly formatVersion: number
  readonly jobName: string
  /** The hash of the plan that made it. */
  readonly graphHash: string
  /** Milliseconds since 1970. */
  readonly triggeredAtMs: number
  /** Milliseconds since 1970. */
  readonly completedAtMs: number
  /** All state, in files and inline, without the metadata around it. */
  readonly stateBytes: number
  /** Whether every byte of state was read and had the right checksum. */
  readonly isVerified: boolean
  /** Also those without state, in the order of the plan. */
  readonly operators: readonly OperatorDescription[]
}

/** What one operator left in a checkpoint. */
export interface OperatorDescription {
  /** What ties state to an operator, across changes of the job. */
  readonly uid: string
  readonly name: string
  /** The kind of operator in the plan. */
  readonly kind: string
  readonly parallelism: number
  /** The number of key groups, and the largest parallelism that the state can be restored with. */
  readonly maxParallelism: number
  /** How many subtasks had come to the end of their input. */
  readonly finishedSubtasks: number
  /** All slots of all subtasks. */
  readonly stateBytes: number
  /** Tables of state by key: what functions declared, windows, timers. */
  readonly keyedStates: readonly KeyedStateDescription[]
  /** Lists and broadcast maps. */
  readonly operatorStates: readonly OperatorStateDescription[]
  /** Watermarks, and the times up to which timers and windows have fired: the smallest of all subtasks, by slot. */
  readonly times: Readonly<Record<string, number>>
  /** Of a source: the splits that its readers had, with their positions. */
  readonly splits: readonly JsonValue[]
  /** Of a source: what its split enumerator remembers, such as the splits that nobody had. */
  readonly enumerator?: JsonValue
  /** Of a sink: the elements of its lists, by slot. */
  readonly lists: Readonly<Record<string, number>>
  /** The names of its accumulators, with their kinds. */
  readonly accumulators: Readonly<Record<string, string>>
  /** Records on their way, of an unaligned checkpoint. */
  readonly inFlightBytes: number
}

/** A table of keyed state, over all subtasks. */
export interface KeyedStateDescription {
  /** Names that begin with `$` are the engine's. */
  readonly name: string
  /** For example `value`, `map`, `window` or `timers`. */
  readonly kind: string
  /** For example `record{origin: string, delay: int}`. */
  readonly keyType: string
  /** Left out for tables of keys alone, such as timers. */
  readonly valueType?: string
  readonly hasTimeToLive: boolean
  readonly entries: number
  readonly bytes: number
  readonly keyGroups: KeyGroupSizes
}

/** How a table lies in its key groups: whether the keys are spread well. */
export interface KeyGroupSizes {
  /** The groups that hold an entry. */
  readonly count: number
  /** Of those with an entry; left out if there is none. */
  readonly largest?: KeyGroupSize
  /** Of those with an entry; left out if there is none. */
  readonly smallest?: KeyGroupSize
  /** How many groups are of which size: each line from the limit before it up to `bytesBelow`. Lines without a group are left out. */
  readonly histogram: readonly { readonly bytesBelow: number; readonly keyGroups: number }[]
}

/** The part of a table in one key group. */
export interface KeyGroupSize {
  readonly keyGroup: number
  readonly entries: number
  readonly bytes: number
}

/** A list or a broadcast map, over all subtasks. */
export interface OperatorStateDescription {
  /** Names that begin with `$` are the engine's. */
  readonly name: string
  /** How it is shared out at a restart: `split` and `union` are lists, `broadcast` is a map. */
  readonly mode: 'split' | 'union' | 'broadcast'
  /** Of an element of a list, or of a key of a map. */
  readonly keyType: string
  /** Of a value of a map. */
  readonly valueType?: string
  /** In all subtasks together; each of them has a whole broadcast map. */
  readonly entries: number
  readonly bytes: number
}
