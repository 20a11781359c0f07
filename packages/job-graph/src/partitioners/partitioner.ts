// How the records of an edge find their way to the parallel subtasks of the next operator.
//
//   who is connected     all with all                                              some with some
//   who gets a record    rebalance shuffle global broadcast hash custom            forward rescale

import type { TypeDescriptor } from '@millrace/core'
import type { FunctionRef } from '../stream-graph/function-table.ts'

/** A partitioner as data. */
export type Partitioner =
  /** Subtask i sends to subtask i; both sides have the same parallelism. */
  | { readonly kind: 'forward' }
  /** Each record to the next subtask in turn, or with `isAdaptive` to the least busy of the next few. */
  | { readonly kind: 'rebalance'; readonly isAdaptive?: true }
  /** As `rebalance`, but only among the subtasks of `pointwise-range.ts`. */
  | { readonly kind: 'rescale'; readonly isAdaptive?: true }
  /** Each record to a subtask drawn by lot. */
  | { readonly kind: 'shuffle' }
  /** Each record to the first subtask. */
  | { readonly kind: 'global' }
  /** Each record to every subtask. */
  | { readonly kind: 'broadcast' }
  /** Each record to the subtask that owns the key group of its key. */
  | { readonly kind: 'hash'; readonly keySelector: FunctionRef; readonly keyType: TypeDescriptor }
  /** Each record to the subtask that a function of the user names for its key. */
  | {
      readonly kind: 'custom'
      readonly keySelector: FunctionRef
      readonly partitioner: FunctionRef
    }
