// What users write to join two keyed streams by time.

import type { Collector, RuntimeContext } from './functions.ts'
import type { OutputTag } from './output-tag.ts'

/** What the function of an interval join is told about the pair. */
export interface ProcessJoinContext {
  /** The event time of the left record. */
  readonly leftTimestamp: number
  /** The event time of the right record. */
  readonly rightTimestamp: number
  /** The later of the two: the event time of what the function emits. */
  readonly timestamp: number
  /** Emits to a side output. */
  output<X>(tag: OutputTag<X>, value: X): void
}

/** Joins one pair: any number of results, returned as an iterable, or handed to the collector. */
export type IntervalJoinFunction<LEFT, RIGHT, OUT> = (
  left: LEFT,
  right: RIGHT,
  context: ProcessJoinContext,
  out: Collector<OUT>,
) => Iterable<OUT> | void

/** A join function with a life cycle. */
export interface ProcessJoinFunction<LEFT, RIGHT, OUT> {
  /** Called once before the first pair. */
  open?(context: RuntimeContext): void
  /** Called once for each pair of records of one key whose times fit. */
  processElement: IntervalJoinFunction<LEFT, RIGHT, OUT>
  /** Called once at the end, also after a failure. Must not emit. */
  close?(): void
}
