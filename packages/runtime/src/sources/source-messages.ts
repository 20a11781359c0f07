// What a source operator and its coordinator say to each other. Plain data: it travels between threads. Both directions
// keep their order, also against the triggers of checkpoints, and everything rests on that: docs/design/0012-sources.md.

import type { JsonValue, SourceSplit } from '@millrace/core'

/** Source operator to coordinator. */
export type SourceEvent =
  /** The reader is there. `splits` are those it came with out of a checkpoint. */
  | {
      readonly kind: 'register'
      readonly splits: readonly SourceSplit[]
      readonly hasEnded: boolean
    }
  | { readonly kind: 'request-split' }
  | { readonly kind: 'custom'; readonly event: JsonValue }

/** Coordinator to source operator. */
export type SourceCommand =
  /** The registration was heard: splits that were to be given back are the enumerator's now. */
  | { readonly kind: 'registered' }
  | { readonly kind: 'add-splits'; readonly splits: readonly SourceSplit[] }
  | { readonly kind: 'no-more-splits' }
  | { readonly kind: 'custom'; readonly event: JsonValue }
