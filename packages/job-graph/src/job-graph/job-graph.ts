// The job graph: the plan that is run. Vertices are chains of operators; each vertex becomes `parallelism`
// tasks. Plain JSON: it can be printed, compared, stored and sent.

import type { JsonObject, TypeDescriptor, WatermarkDeclaration } from '@millrace/core'
import type { Partitioner } from '../partitioners/partitioner.ts'
import type { FunctionRef } from '../stream-graph/function-table.ts'
import type { OperatorKind } from '../stream-graph/stream-graph.ts'

/** A whole job. */
export interface JobGraph {
  readonly formatVersion: 1
  readonly jobName: string
  readonly vertices: readonly JobVertex[]
  readonly edges: readonly JobEdge[]
  /** A fingerprint of vertices and edges. Equal in every process that loads the same module. */
  readonly hash: string
}

/** A chain of operators that run in one task. */
export interface JobVertex {
  /** The uid of its first operator. */
  readonly id: string
  /** For people: the operators' names, joined by `->`. */
  readonly name: string
  readonly parallelism: number
  readonly maxParallelism: number
  /** Tasks of different groups are kept in different slots. Left out: the group `default`. */
  readonly slotSharingGroup?: string
  /** The first operator, then the chained ones, each after the one it reads from. */
  readonly operators: readonly JobOperator[]
}

/** One operator of a chain. */
export interface JobOperator {
  readonly uid: string
  readonly name: string
  readonly kind: OperatorKind
  readonly config: JsonObject
  readonly functions: Readonly<Record<string, FunctionRef>>
  readonly outputType: TypeDescriptor
  readonly keyType: TypeDescriptor | null
  /** What it reads inside the chain; `null` for the first operator. */
  readonly chainedTo: ChainedInput | null
  /** What the operator does, in a sentence, for plans. */
  readonly description?: string
  /** Another id under which an earlier version of the job kept the operator's state. */
  readonly uidHash?: string
  /** The user's own kinds of watermarks that the operator emits. Left out: none. */
  readonly declaredWatermarks?: readonly WatermarkDeclaration[]
}

/** The output of another operator in the same chain. */
export interface ChainedInput {
  readonly uid: string
  readonly outputTag: string | null
}

/** Records on the move from one vertex to another. */
export interface JobEdge {
  /** Unique in the job. */
  readonly id: string
  readonly fromVertex: string
  readonly fromOperator: string
  readonly outputTag: string | null
  readonly toVertex: string
  readonly toInput: number
  readonly partitioner: Partitioner
  readonly type: TypeDescriptor
  /** Closes a loop: leads back to the head of an iteration. */
  readonly isFeedback?: true
  /** Records on it may come back to where they were. */
  readonly isInLoop?: true
  /** How long a record may wait in a frame that is not full; -1 waits until it is. Left out: the job's. */
  readonly bufferTimeoutMs?: number
}
