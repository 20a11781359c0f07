// The program while it is being written: operators whose name, uid, parallelism and type can still change. What the
// user adds is a draft; `buildStreamGraph` turns all drafts into the plan.
//
//   stream = origins ──> operator ──> stream ──> ...      an origin is an operator's output and the way its records take

import type {
  JsonObject,
  KeySelector,
  Partitioner as UserPartitioner,
  TypeDescriptor,
  WatermarkDeclaration,
} from '@millrace/core'
import type { OperatorKind, StreamNode } from '@millrace/job-graph'

/** One operator of a program that is still being written. */
export interface DraftOperator {
  readonly kind: OperatorKind
  name: string
  /** The user's; derived from the operator's place when the plan is built, if there is none. */
  uid: string | undefined
  parallelism: number
  /** `undefined`: follows from the parallelism. */
  maxParallelism: number | undefined
  config: JsonObject
  /** Functions, factories, sources and sinks by their role. */
  readonly functions: Readonly<Record<string, unknown>>
  /** Grows when a loop is closed. */
  inputs: readonly DraftInput[]
  /** `undefined`: unknown to the program, `Types.any()` in the plan. */
  outputType: TypeDescriptor | undefined
  /** What the operator does, in a sentence. */
  description: string | undefined
  /** Another id under which an earlier version of the job kept the operator's state. */
  uidHash: string | undefined
  chaining: StreamNode['chaining']
  /** `undefined`: that of its inputs if they all have the same, else `default`. */
  slotSharingGroup: string | undefined
  /** `undefined`: the job's. */
  bufferTimeoutMs: number | undefined
  /** The user's own kinds of watermarks that it emits. */
  declaredWatermarks: readonly WatermarkDeclaration[]
  /** Set when the operator has keyed state. */
  readonly keyType: TypeDescriptor | null
}

/** What a method of a stream says about the operator it adds. */
export interface OperatorDescription extends Pick<DraftOperator, 'kind' | 'name' | 'inputs'> {
  /** Default `{}`. */
  readonly config?: JsonObject
  readonly functions: Readonly<Record<string, unknown>>
  readonly outputType?: TypeDescriptor | undefined
  readonly keyType?: TypeDescriptor
  /** Default: the environment's. */
  readonly parallelism?: number
  /** Default: the environment's. */
  readonly maxParallelism?: number
}

/** One input of an operator. */
export interface DraftInput {
  readonly origin: StreamOrigin
  /** 0, or 1 for the second of two. */
  readonly input: 0 | 1
  /** Closes a loop: the origin was added after the operator. */
  readonly isFeedback?: true
}

/** Where the records of a stream come from, and how they find the subtasks of who reads them. */
export interface StreamOrigin {
  readonly operator: DraftOperator
  /** A side output of the operator, or `null` for its main output. */
  readonly outputTag: { readonly id: string; readonly type: TypeDescriptor | undefined } | null
  readonly distribution: Distribution
}

/** How records are spread over subtasks. `default` is forward between equal parallelisms, else rebalance. */
export type Distribution =
  | { readonly kind: 'default' | 'forward' | 'shuffle' | 'global' | 'broadcast' }
  | { readonly kind: 'rebalance' | 'rescale'; readonly isAdaptive: boolean }
  | {
      readonly kind: 'custom'
      readonly partitioner: UserPartitioner<never>
      readonly keySelector: KeySelector<never, unknown>
    }
  | {
      readonly kind: 'hash'
      readonly keySelector: KeySelector<never, unknown>
      readonly keyType: TypeDescriptor
    }

/** The type of an origin's records, if the program knows it. */
export function typeOfOrigin({ operator, outputTag }: StreamOrigin): TypeDescriptor | undefined {
  return outputTag === null ? operator.outputType : outputTag.type
}

/** Inputs that read these origins as one stream. */
export function inputsFrom(origins: readonly StreamOrigin[], input: 0 | 1 = 0): DraftInput[] {
  return origins.map((origin) => ({ origin, input }))
}

/** The same records, spread another way. */
export function redistributed(
  origins: readonly StreamOrigin[],
  distribution: Distribution,
): StreamOrigin[] {
  return origins.map((origin) => ({ ...origin, distribution }))
}
