// How the records of an edge find their way to the parallel subtasks of the next operator.

import type { TypeDescriptor } from '@millrace/core'
import type { FunctionRef } from '../stream-graph/function-table.ts'

/** A partitioner as data. */
export type Partitioner =
  /** Subtask i sends to subtask i; both sides have the same parallelism. */
  | { readonly kind: 'forward' }
  /** Each record to the next subtask in turn. */
  | { readonly kind: 'rebalance' }
  /** Each record to every subtask. */
  | { readonly kind: 'broadcast' }
  /** Each record to the subtask that owns the key group of its key. */
  | { readonly kind: 'hash'; readonly keySelector: FunctionRef; readonly keyType: TypeDescriptor }
