// What users write. Plain functions where there is nothing to remember; classes, given as factories
// (`() => new MyFunction()`), where there is: every parallel instance and every restart gets a fresh one.

import type { Parameters } from '../config/parameters.ts'
import type {
  GeneralizedWatermark,
  WatermarkDeclaration,
  WatermarkValueOf,
} from '../time/generalized-watermark.ts'
import type { Accumulator } from './accumulators.ts'
import type { LifeCycle } from './checkpointed-function.ts'
import type { OutputTag } from './output-tag.ts'
import type {
  AggregatingState,
  KeyedStateStore,
  ListState,
  MapState,
  MapStateDescriptor,
  ReadOnlyMapState,
  ReducingState,
  ValueState,
} from './state.ts'

/** One record in, one out. Must not return a promise. */
export type MapFunction<IN, OUT> = (value: IN) => OUT
/** One record in, any number out: returned as an iterable, or handed to the collector. */
export type FlatMapFunction<IN, OUT> = (value: IN, out: Collector<OUT>) => Iterable<OUT> | void
/** Keeps the records for which it is true. */
export type FilterFunction<T> = (value: T) => boolean
/** The key of a record: a string, number, boolean or bigint, the same at every call. */
export type KeySelector<IN, KEY> = (value: IN) => KEY

/** What may be a key. `null`, `NaN` and objects are refused: they have no identity across processes. */
export type Key = string | number | boolean | bigint

/** Takes the records that a function emits. */
export interface Collector<T> {
  /** Emits a record with the timestamp of the record or timer being processed. */
  collect(value: T): void
}

/** A factory of functions with state or a life cycle. */
export type FunctionFactory<F> = () => F

/** What every function with a life cycle is told in `open`. */
export interface RuntimeContext {
  /** Differs between two starts of the job, the same in all its subtasks. */
  readonly jobId: string
  /** The name that `execute` was given. */
  readonly jobName: string
  /** The names of the operators that run together, and which subtask this is: `Map -> Filter (1/4)`. */
  readonly taskName: string
  /** From 0. */
  readonly subtaskIndex: number
  /** How many subtasks the operator has. */
  readonly parallelism: number
  /** How many key groups the operator has. */
  readonly maxParallelism: number
  /** 0 at the first start, one more after each restart. */
  readonly attempt: number
  /**
   * Makes an accumulator part of the job's checkpoints, exact after any failure, and of its result, merged over all subtasks.
   * Call it in `open`. It then holds what this subtask had added before a restart.
   *
   * @throws MillraceError `OPTION_INVALID` if the operator has one of that name; `STATE_INCOMPATIBLE` if the checkpoint has one of
   * another kind.
   */
  addAccumulator<V, R>(name: string, accumulator: Accumulator<V, R>): void
  /** The accumulator that was added under this name. Without one, a `DoubleCounter` is added. */
  getAccumulator<V = number, R = V>(name: string): Accumulator<V, R>
  /** What `env.setGlobalJobParameters` was given. */
  readonly globalJobParameters: Parameters
  /** The path, here, of a file that was registered under `name` with `env.registerCachedFile`. Throws for another name. */
  getCachedFile(name: string): string
}

/** A runtime context with keyed state. */
export interface KeyedRuntimeContext extends RuntimeContext, KeyedStateStore {}

/** Clock and timers, as a keyed function sees them. */
export interface TimerService {
  /** Milliseconds since 1970. */
  currentProcessingTime(): number
  /** Milliseconds since 1970; `MIN_WATERMARK` before the first watermark. */
  currentWatermark(): number
  /**
   * Calls `onTimer` when the watermark reaches `timestamp`; once for each key and timestamp.
   *
   * @throws MillraceError `TIMESTAMP_INVALID` if it is no whole number.
   */
  registerEventTimeTimer(timestamp: number): void
  /**
   * Calls `onTimer` when the clock reaches `timestamp`; once for each key and timestamp.
   *
   * @throws MillraceError `TIMESTAMP_INVALID` if it is no whole number.
   */
  registerProcessingTimeTimer(timestamp: number): void
  /** Takes an event-time timer of the current key back. Without one nothing happens. */
  deleteEventTimeTimer(timestamp: number): void
  /** Takes a processing-time timer of the current key back. Without one nothing happens. */
  deleteProcessingTimeTimer(timestamp: number): void
}

/** What a process function can ask and do while it processes a record. */
export interface ProcessContext {
  /** The record's event time, or `undefined` if it has none. */
  readonly timestamp: number | undefined
  /** How far event time has come, in milliseconds since 1970; `MIN_WATERMARK` before the first watermark. */
  currentWatermark(): number
  /** What the clock shows, in milliseconds since 1970. */
  currentProcessingTime(): number
  /** Emits to a side output. */
  output<X>(tag: OutputTag<X>, value: X): void
  /**
   * Emits a watermark of the user's own kind, between the records, to all readers of the main and the side outputs. The operator must
   * declare it, by `declareWatermarks`.
   *
   * @throws MillraceError `OPTION_INVALID` if it does not, or for a value of another type.
   */
  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void
}

/**
 * What `onWatermark` answers. `'peek'`: it has looked, and the operator goes on as the declaration says, with `handling`. `'poll'`:
 * it has taken the watermark, and the operator does nothing more about it; the function may emit what it wants.
 */
export type WatermarkHandlingResult = 'peek' | 'poll'

/** A process context of a keyed function. */
export interface KeyedProcessContext<K> extends ProcessContext {
  /** The key of the record or timer. */
  readonly currentKey: K
  /** Clock and timers of the current key. */
  readonly timerService: TimerService
}

/** What `onTimer` can ask and do; `timestamp` is the timer's. */
export interface OnTimerContext<K> extends KeyedProcessContext<K> {
  /** When the timer was due, in milliseconds since 1970. */
  readonly timestamp: number
  /** Which clock made it fire. */
  readonly timeDomain: 'event-time' | 'processing-time'
}

/** A function over the records of a stream without keys. */
export interface ProcessFunction<IN, OUT> extends LifeCycle<RuntimeContext> {
  /** Called with each record. */
  processElement(value: IN, context: ProcessContext, out: Collector<OUT>): void
  /**
   * Called when a watermark of the user's own kind has come, or what the channels say together has changed. Records that it emits
   * have no timestamp. Without it: `'peek'`.
   */
  onWatermark?(
    watermark: GeneralizedWatermark,
    context: ProcessContext,
    out: Collector<OUT>,
  ): WatermarkHandlingResult
}

/** A function over the records of a keyed stream, with state and timers of the record's key. */
export interface KeyedProcessFunction<K, IN, OUT> extends LifeCycle<KeyedRuntimeContext> {
  /** Called with each record; state and timers are those of its key. */
  processElement(value: IN, context: KeyedProcessContext<K>, out: Collector<OUT>): void
  /** Called when a timer is due, with its key current again. */
  onTimer?(timestamp: number, context: OnTimerContext<K>, out: Collector<OUT>): void
  /**
   * Called when a watermark of the user's own kind has come, or what the channels say together has changed. Records that it emits
   * have no timestamp. Without it: `'peek'`.
   */
  onWatermark?(
    watermark: GeneralizedWatermark,
    context: ProcessContext & KeyedStateApplication<K>,
    out: Collector<OUT>,
  ): WatermarkHandlingResult
}

/** A function over two streams. */
export interface CoProcessFunction<IN1, IN2, OUT> extends LifeCycle<RuntimeContext> {
  /** Called with each record of the first stream. */
  processElement1(value: IN1, context: ProcessContext, out: Collector<OUT>): void
  /** Called with each record of the second stream. */
  processElement2(value: IN2, context: ProcessContext, out: Collector<OUT>): void
  /**
   * Called when a watermark of the user's own kind has come, or what the channels say together has changed. Records that it emits
   * have no timestamp. Without it: `'peek'`.
   */
  onWatermark?(
    watermark: GeneralizedWatermark,
    context: ProcessContext,
    out: Collector<OUT>,
  ): WatermarkHandlingResult
}

/** A function over two streams keyed alike, with shared state and timers of the key. */
export interface KeyedCoProcessFunction<K, IN1, IN2, OUT> extends LifeCycle<KeyedRuntimeContext> {
  /** Called with each record of the first stream; state and timers are those of its key. */
  processElement1(value: IN1, context: KeyedProcessContext<K>, out: Collector<OUT>): void
  /** Called with each record of the second stream, with the same state and timers for the same key. */
  processElement2(value: IN2, context: KeyedProcessContext<K>, out: Collector<OUT>): void
  /** Called when a timer is due, with its key current again. */
  onTimer?(timestamp: number, context: OnTimerContext<K>, out: Collector<OUT>): void
  /**
   * Called when a watermark of the user's own kind has come, or what the channels say together has changed. Records that it emits
   * have no timestamp. Without it: `'peek'`.
   */
  onWatermark?(
    watermark: GeneralizedWatermark,
    context: ProcessContext & KeyedStateApplication<K>,
    out: Collector<OUT>,
  ): WatermarkHandlingResult
}

/** Read access to broadcast state. */
export interface ReadOnlyBroadcastAccess {
  /** The map of one of the descriptors that `broadcast` was given. */
  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): ReadOnlyMapState<UK, UV>
}

/** Write access to broadcast state: only for broadcast elements, so that every subtask holds the same. */
export interface BroadcastAccess {
  /** The map of one of the descriptors that `broadcast` was given. */
  getBroadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>
}

/** What a call without a key, for a broadcast element or a watermark, can do to the keys. */
export interface KeyedStateApplication<K> {
  /**
   * Calls `apply` for each key that has something in `state`, which is a handle that this function got in `open`. During the call
   * every state is that of the key; it may be changed and cleared. The order of the keys is not promised, so the outcome must
   * not depend on it.
   *
   * @throws MillraceError `STATE_ACCESS_INVALID` for anything but a keyed state of this function.
   */
  applyToKeyedState<S extends KeyedState>(state: S, apply: (key: K, state: S) => void): void
}

/** A handle of any kind of keyed state. */
export type KeyedState =
  | ValueState<unknown>
  | ListState<unknown>
  | MapState<unknown, unknown>
  | ReducingState<unknown>
  | AggregatingState<unknown, unknown>

/** A function over a stream and a broadcast stream. */
export interface BroadcastProcessFunction<IN, B, OUT> extends LifeCycle<RuntimeContext> {
  /** Called with each record that is not broadcast. It can only read broadcast state. */
  processElement(
    value: IN,
    context: ProcessContext & ReadOnlyBroadcastAccess,
    out: Collector<OUT>,
  ): void
  /** Called in every subtask with each broadcast record, which may change broadcast state. Do the same in all. */
  processBroadcastElement(
    value: B,
    context: ProcessContext & BroadcastAccess,
    out: Collector<OUT>,
  ): void
  /**
   * Called when a watermark of the user's own kind has come, or what the channels say together has changed. Records that it emits
   * have no timestamp. Without it: `'peek'`.
   */
  onWatermark?(
    watermark: GeneralizedWatermark,
    context: ProcessContext & ReadOnlyBroadcastAccess,
    out: Collector<OUT>,
  ): WatermarkHandlingResult
}

/** A function over a keyed stream and a broadcast stream. */
export interface KeyedBroadcastProcessFunction<
  K,
  IN,
  B,
  OUT,
> extends LifeCycle<KeyedRuntimeContext> {
  /** Called with each record that has a key. It can only read broadcast state. */
  processElement(
    value: IN,
    context: KeyedProcessContext<K> & ReadOnlyBroadcastAccess,
    out: Collector<OUT>,
  ): void
  /** Called in every subtask with each broadcast record, which may change broadcast state. Do the same in all. */
  processBroadcastElement(
    value: B,
    context: ProcessContext & BroadcastAccess & KeyedStateApplication<K>,
    out: Collector<OUT>,
  ): void
  /** Called when a timer is due, with its key current again. */
  onTimer?(
    timestamp: number,
    context: OnTimerContext<K> & ReadOnlyBroadcastAccess,
    out: Collector<OUT>,
  ): void
  /**
   * Called when a watermark of the user's own kind has come, or what the channels say together has changed. Records that it emits
   * have no timestamp. Without it: `'peek'`.
   */
  onWatermark?(
    watermark: GeneralizedWatermark,
    context: ProcessContext & ReadOnlyBroadcastAccess & KeyedStateApplication<K>,
    out: Collector<OUT>,
  ): WatermarkHandlingResult
}
