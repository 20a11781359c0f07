// What a source operator and its coordinator say to each other. Plain data: it travels between threads. Both directions
// keep their order, also against the triggers of checkpoints, and everything rests on that: docs/design/0012-sources.md.

import type { JsonValue, SourceSplit } from '@millrace/core'

/** Source operator to coordinator. */
export type SourceEvent =
  /** The reader is there. `splits` are those it came with out of a checkpoint; it may ask for others at once. */
  | {
      readonly kind: 'register'
      readonly splits: readonly SourceSplit[]
      readonly hasEnded: boolean
      readonly requestsSplit: boolean
    }
  | { readonly kind: 'request-split' }
  /** Where the reader is, for sources that wait for each other; the end of time for one that has ended. */
  | { readonly kind: 'watermark'; readonly watermark: number; readonly isIdle: boolean }
  | { readonly kind: 'custom'; readonly event: JsonValue }

/** Coordinator to source operator. */
export type SourceCommand =
  /** The registration was heard: splits that were to be given back are the enumerator's now. */
  | { readonly kind: 'registered' }
  | { readonly kind: 'add-splits'; readonly splits: readonly SourceSplit[] }
  /** The answer to a registration or request for which there is no split at the moment: the reader does not wait for one. */
  | { readonly kind: 'no-splits-now' }
  | { readonly kind: 'no-more-splits' }
  /** Nothing is to be read beyond this watermark for now. */
  | { readonly kind: 'align'; readonly maxWatermark: number }
  | { readonly kind: 'custom'; readonly event: JsonValue }
