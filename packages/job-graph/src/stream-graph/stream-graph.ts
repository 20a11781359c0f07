// The stream graph: what the program asked for, one node an operator, before chaining. Plain data.
//
//   DataStream API ──> StreamGraph ──(chaining)──> JobGraph ──> tasks

import type { JsonObject, TypeDescriptor, WatermarkDeclaration } from '@millrace/core'
import type { Partitioner } from '../partitioners/partitioner.ts'
import type { FunctionRef } from './function-table.ts'

/** Every kind of operator that the runtime knows how to make. */
export type OperatorKind =
  | 'source'
  | 'timestamps-watermarks'
  | 'map'
  | 'flat-map'
  | 'filter'
  | 'process'
  | 'keyed-process'
  | 'keyed-reduce'
  | 'window'
  | 'co-process'
  | 'keyed-co-process'
  | 'broadcast-process'
  | 'keyed-broadcast-process'
  | 'async'
  | 'interval-join'
  | 'iteration-head'
  | 'partition'
  | 'keyed-partition'
  | 'sink'
  | 'sink-writer'
  | 'committer'
  | 'commit-stage'

/** One operator, as asked for. */
export interface StreamNode {
  /** Unique and stable: the key of the operator's state. Given by the user, or derived from the operator's place. */
  readonly uid: string
  readonly name: string
  readonly kind: OperatorKind
  /** What the operator's factory needs, as data. */
  readonly config: JsonObject
  /** What the operator's factory needs, as references. */
  readonly functions: Readonly<Record<string, FunctionRef>>
  readonly parallelism: number
  readonly maxParallelism: number
  readonly inputs: readonly StreamEdge[]
  readonly outputType: TypeDescriptor
  /** Set when the operator has keyed state. */
  readonly keyType: TypeDescriptor | null
  /** What the operator does, in a sentence, for plans. */
  readonly description?: string
  /** Another id under which an earlier version of the job kept the operator's state. */
  readonly uidHash?: string
  /** `head`: does not join the chain of its input; `never`: nor do its readers join it. Left out: chains where it can. */
  readonly chaining?: 'head' | 'never'
  /** Tasks of different groups are kept in different slots. Left out: the group `default`. */
  readonly slotSharingGroup?: string
  /** How long a record that leaves the operator may wait in a frame; -1 waits until it is full. Left out: the job's. */
  readonly bufferTimeoutMs?: number
  /** The user's own kinds of watermarks that the operator emits. Left out: none. */
  readonly declaredWatermarks?: readonly WatermarkDeclaration[]
}

/** Where an operator gets records from. */
export interface StreamEdge {
  readonly from: string
  /** A side output of `from`, or `null` for its main output. */
  readonly outputTag: string | null
  /** The input of the reading operator: 0, or 1 for the second of two. */
  readonly input: number
  readonly partitioner: Partitioner
  readonly type: TypeDescriptor
  /** Closes a loop: leads back to the head of an iteration, which stands before `from`. */
  readonly isFeedback?: true
}

/** A whole program. `nodes` stand in the order in which they were built: inputs before readers, but for feedback. */
export interface StreamGraph {
  readonly jobName: string
  readonly nodes: readonly StreamNode[]
}
