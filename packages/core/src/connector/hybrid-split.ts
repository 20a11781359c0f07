// What the two sides of a hybrid source say to each other, and their splits.

import type { JsonValue } from '../types/json.ts'
import type { SourceSplit } from './source-split.ts'

/** A split of one of the sources. */
export interface HybridSplit extends SourceSplit {
  readonly sourceIndex: number
  readonly split: SourceSplit
}

/** Enumerator to reader. */
export type HybridCommand =
  /** From now on this source is read; `position` is what it is made from. */
  | { readonly kind: 'switch'; readonly index: number; readonly position: JsonValue }
  /** This source has no further splits for the reader, but others may follow. */
  | { readonly kind: 'no-more-splits'; readonly index: number }
  | { readonly kind: 'custom'; readonly index: number; readonly event: JsonValue }

/** Reader to enumerator. */
export type HybridEvent =
  | { readonly kind: 'finished'; readonly index: number }
  /** The reader asks its current source for a split. */
  | { readonly kind: 'request-split'; readonly index: number }
  | { readonly kind: 'custom'; readonly index: number; readonly event: JsonValue }

/** The split of a source as one of the hybrid source. */
export function hybridSplit(sourceIndex: number, split: SourceSplit): HybridSplit {
  return { splitId: `${sourceIndex}/${split.splitId}`, sourceIndex, split }
}
