// How windows stand in a plan: plain data, written by the API and read by the runtime. The functions among them have roles of
// their own: `windowAssigner`, `gapOf`, `trigger`, `evictor`. A tree of triggers has one function at most, at its end.

import type { TypeDescriptor } from '../types/type-info.ts'
import type { PlainEvictorDescription } from './evictors.ts'
import type { PlainTriggerDescription } from './triggers.ts'
import type {
  GlobalWindowAssigner,
  SessionWindowAssigner,
  SlidingWindowAssigner,
  TimeDomain,
} from './window-assigners.ts'

/** An assigner in a plan. */
export type WindowAssignerPlan =
  | SlidingWindowAssigner
  | SessionWindowAssigner
  | { readonly kind: 'dynamic-session'; readonly time: TimeDomain }
  | GlobalWindowAssigner
  | { readonly kind: 'custom'; readonly time: TimeDomain }

/** A trigger in a plan. */
export type TriggerPlan =
  | PlainTriggerDescription
  | { readonly kind: 'delta'; readonly threshold: number }
  | { readonly kind: 'purging'; readonly nested: TriggerPlan }
  | {
      readonly kind: 'processing-timeout'
      readonly nested: TriggerPlan
      readonly timeoutMs: number
      readonly resetsOnElement: boolean
      readonly clearsOnTimeout: boolean
    }
  | { readonly kind: 'custom' }

/** An evictor in a plan. */
export type EvictorPlan =
  | PlainEvictorDescription
  | { readonly kind: 'delta'; readonly threshold: number; readonly isAfter: boolean }
  | { readonly kind: 'custom' }

/** The configuration of a window operator. */
export interface WindowPlan {
  readonly assigner: WindowAssignerPlan
  readonly allowedLatenessMs: number
  /** The side output of late records; without one they are dropped and counted. */
  readonly lateTag: string | null
  readonly accumulatorType: TypeDescriptor
  /** Set when each key and window is kept for itself. Without it, windows lie on slices or are sessions. */
  readonly panes?: PanePlan
  /** Set when the operator reads two streams. */
  readonly coGroup?: { readonly lateTag2: string | null }
  /** Set when windows have no keys: then the operator must have one subtask. */
  readonly isNonKeyed?: boolean
}

/** What windows kept one by one need beyond the rest. */
export interface PanePlan {
  readonly trigger: TriggerPlan
  readonly evictor: EvictorPlan | null
  readonly elementType: TypeDescriptor
  /** Whether a process window function gets one result, and not all elements. */
  readonly isFolded: boolean
}
