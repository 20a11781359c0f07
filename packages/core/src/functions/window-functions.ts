// What users write for windows: plain functions, and process window functions with a life cycle and state.

import type { TimeWindow } from '../windowing/time-window.ts'
import type { LifeCycle } from './checkpointed-function.ts'
import type { Collector, KeyedRuntimeContext } from './functions.ts'
import type { OutputTag } from './output-tag.ts'
import type { KeyedStateStore } from './state.ts'

/** What the function of a window without keys is told. Valid during the call only. */
export interface AllWindowContext<W extends TimeWindow = TimeWindow> {
  readonly window: W
  currentWatermark(): number
  /** Milliseconds since 1970. */
  currentProcessingTime(): number
  /** Emits to a side output, with the timestamp of the window's results. */
  output<X>(tag: OutputTag<X>, value: X): void
}

/** What a window function is told. Valid during the call only. */
export interface WindowContext<K, W extends TimeWindow = TimeWindow> extends AllWindowContext<W> {
  readonly key: K
}

/** Turns the content of a window (the elements, or the one aggregated result) into records. */
export type WindowFunction<IN, OUT, K, W extends TimeWindow = TimeWindow> = (
  context: WindowContext<K, W>,
  content: IN,
  out: Collector<OUT>,
) => Iterable<OUT> | void

/** {@link WindowFunction} for windows over a stream without keys. */
export type AllWindowFunction<IN, OUT, W extends TimeWindow = TimeWindow> = (
  context: AllWindowContext<W>,
  content: IN,
  out: Collector<OUT>,
) => Iterable<OUT> | void

/** The states that a process window function may keep. */
export interface WindowStates {
  /**
   * State of this key and window, gone when the window is. Windows that merge cannot have it: of which of the merged windows
   * would it be?
   */
  readonly windowState: KeyedStateStore
  /** State of this key, shared by all its windows. It stays until it is cleared. */
  readonly globalState: KeyedStateStore
}

/** What a process window function is told. */
export interface ProcessWindowContext<K, W extends TimeWindow = TimeWindow>
  extends WindowContext<K, W>, WindowStates {}

/** What a process window function over a stream without keys is told. */
export interface ProcessAllWindowContext<W extends TimeWindow = TimeWindow>
  extends AllWindowContext<W>, WindowStates {}

/**
 * A window function with a life cycle and state. `elements` are those of the window; after `reduce` or `aggregate`, the one
 * result. The states that `open` gives are those of `context.globalState`.
 */
export interface ProcessWindowFunction<
  IN,
  OUT,
  K,
  W extends TimeWindow = TimeWindow,
> extends LifeCycle<KeyedRuntimeContext> {
  process(
    context: ProcessWindowContext<K, W>,
    elements: readonly IN[],
    out: Collector<OUT>,
  ): Iterable<OUT> | void
  /** The window is over, and its state is about to go. Must not emit. */
  clear?(context: ProcessWindowContext<K, W>): void
}

/** {@link ProcessWindowFunction} for windows over a stream without keys. */
export interface ProcessAllWindowFunction<
  IN,
  OUT,
  W extends TimeWindow = TimeWindow,
> extends LifeCycle<KeyedRuntimeContext> {
  process(
    context: ProcessAllWindowContext<W>,
    elements: readonly IN[],
    out: Collector<OUT>,
  ): Iterable<OUT> | void
  /** The window is over, and its state is about to go. Must not emit. */
  clear?(context: ProcessAllWindowContext<W>): void
}

/** Makes one record of two that have the same key and lie in the same window. */
export type JoinFunction<T1, T2, OUT> = (first: T1, second: T2) => OUT

/** Makes any number of records of two that have the same key and lie in the same window. */
export type FlatJoinFunction<T1, T2, OUT> = (
  first: T1,
  second: T2,
  out: Collector<OUT>,
) => Iterable<OUT> | void

/** Makes records of all records of a key and window; one side may be empty, never both. */
export type CoGroupFunction<T1, T2, OUT> = (
  first: readonly T1[],
  second: readonly T2[],
  out: Collector<OUT>,
) => Iterable<OUT> | void
