// Keyed state, as user functions see it. Every access is synchronous and belongs to the current key; the
// engine sets the key before each record and each timer. Stored objects may be changed in place, but a
// change counts only after `update` (value) or `put` (map).

import type { AggregateFunction, ReduceFunction } from './fold-functions.ts'
import type { StateEvolution } from './state-evolution.ts'
import type { Duration } from '../time/duration.ts'
import type { TypeInfo } from '../types/type-info.ts'

/** One value a key. */
export interface ValueState<T> {
  /** The value, or the default (`undefined` without one). */
  value(): T
  /** Stores a value for the current key. */
  update(value: T): void
  /** Forgets it: `value` answers the default again. */
  clear(): void
}

/** A list a key. */
export interface ListState<T> {
  /**
   * The elements in the order of adding; empty if there are none. This may be the list itself and not a copy: do not change it, and
   * do not add to the state while walking it. Walk a copy, `[...list.get()]`, or collect what is to be added and give it to
   * {@link addAll} afterwards. What is kept beyond the call must be copied too: it may show what is added later.
   */
  get(): readonly T[]
  /** Adds an element behind the others. */
  add(element: T): void
  /** Adds elements behind the others, in their order. */
  addAll(elements: Iterable<T>): void
  /** Replaces the list. */
  update(elements: Iterable<T>): void
  /** Forgets all elements. */
  clear(): void
}

/** A map a key. */
export interface MapState<UK, UV> {
  /** The value under a key of the map, or `undefined`. */
  get(key: UK): UV | undefined
  /** Stores a value under a key of the map, in place of one that is there. */
  put(key: UK, value: UV): void
  /** Whether there is a value under a key of the map. */
  contains(key: UK): boolean
  /** Forgets one entry; without one nothing happens. */
  remove(key: UK): void
  /** All entries. Do not change the map meanwhile. */
  entries(): Iterable<readonly [UK, UV]>
  /** The keys of all entries. Do not change the map meanwhile. */
  keys(): Iterable<UK>
  /** The values of all entries. Do not change the map meanwhile. */
  values(): Iterable<UV>
  /** Whether there is no entry. */
  isEmpty(): boolean
  /** Forgets all entries. */
  clear(): void
}

/** A read-only view on a map, as broadcast state shows itself to the elements of the other side. */
export type ReadOnlyMapState<UK, UV> = Pick<
  MapState<UK, UV>,
  'get' | 'contains' | 'entries' | 'keys' | 'values' | 'isEmpty'
>

/** One value a key, built by reducing what is added. */
export interface ReducingState<T> {
  /** The reduced value, or `undefined` if nothing was added. */
  get(): T | undefined
  /** Reduces a value into the one that is there. */
  add(value: T): void
  /** Forgets it. */
  clear(): void
}

/** One accumulator a key, fed by what is added and shown by the function's result. */
export interface AggregatingState<IN, OUT> {
  /** The result, or `undefined` if nothing was added. */
  get(): OUT | undefined
  /** Adds a value to the accumulator. */
  add(value: IN): void
  /** Forgets the accumulator. */
  clear(): void
}

/**
 * Time to live: state that was not used for a while expires. Each value, each element of a list and each entry of a map has
 * a time of its own. Time is that of the processing clock; it is not seen to go back while the job runs.
 */
export interface StateTtl {
  /** How long after its last use state lives. More than 0. */
  readonly duration: Duration
  /** What counts as use. Default `'on-create-and-write'`. */
  readonly update?: 'on-create-and-write' | 'on-read-and-write'
  /**
   * Whether what has expired can still be seen while it is there. Default `'never-return-expired'`. The other one answers it
   * once more, and it is gone.
   */
  readonly visibility?: 'never-return-expired' | 'return-expired-if-not-cleaned-up'
  /** When expired state is removed that nobody asks for. */
  readonly cleanup?: StateTtlCleanup
}

/** When expired state is removed that nobody asks for. */
export interface StateTtlCleanup {
  /** Leaves expired state out of snapshots. Default: false. */
  readonly fullSnapshot?: boolean
  /** Looks at some keys at each access of the state, in turns. Default: 5 keys; `false` for none. */
  readonly incremental?:
    | false
    | {
        /** Keys looked at each time. Default 5. */
        readonly entriesPerAccess?: number
        /** Looks also at each record or timer of the operator that does not use the state. Default: false. */
        readonly runForEveryRecord?: boolean
      }
}

/** Names a value state. `type` defaults to `Types.any()`. */
export interface ValueStateDescriptor<T> extends StateEvolution<NoInfer<T>> {
  /** Under which the state is kept in checkpoints; unique in its function. */
  readonly name: string
  /** The type of the value. Default: `Types.any()`, which is slower, larger, and unchecked. */
  readonly type?: TypeInfo<T>
  /** What `value()` answers for a key without one. Give an immutable value. */
  readonly defaultValue?: T
  /** Default: state lives until it is cleared. */
  readonly ttl?: StateTtl
}

/** Names a list state. `type` (of an element) defaults to `Types.any()`. */
export interface ListStateDescriptor<T> extends StateEvolution<NoInfer<T>> {
  /** Under which the state is kept in checkpoints; unique in its function. */
  readonly name: string
  /** The type of an element. Default: `Types.any()`, which is slower, larger, and unchecked. */
  readonly type?: TypeInfo<T>
  /** Of each element; for keyed state only. Default: state lives until it is cleared. */
  readonly ttl?: StateTtl
}

/** Names a map state. Both types default to `Types.any()`. */
export interface MapStateDescriptor<UK, UV> extends StateEvolution<NoInfer<UV>> {
  /** Under which the state is kept in checkpoints; unique in its function. */
  readonly name: string
  /** The type of the keys of the map. Default: `Types.any()`, which is slower, larger, and unchecked. */
  readonly keyType?: TypeInfo<UK>
  /** The type of the values. Default: `Types.any()`, which is slower, larger, and unchecked. */
  readonly valueType?: TypeInfo<UV>
  /** Of each entry; for keyed state only. Default: state lives until it is cleared. */
  readonly ttl?: StateTtl
}

/** Names a reducing state. */
export interface ReducingStateDescriptor<T> extends StateEvolution<NoInfer<T>> {
  /** Under which the state is kept in checkpoints; unique in its function. */
  readonly name: string
  /** The type of the value. Default: `Types.any()`, which is slower, larger, and unchecked. */
  readonly type?: TypeInfo<T>
  /** Makes one value of the one that is there and the one that is added. */
  readonly reduce: ReduceFunction<T>
  /** Default: state lives until it is cleared. */
  readonly ttl?: StateTtl
}

/** Names an aggregating state. `type` is the accumulator's; without it, the function's own, else `Types.any()`. */
export interface AggregatingStateDescriptor<IN, ACC, OUT> extends StateEvolution<NoInfer<ACC>> {
  /** Under which the state is kept in checkpoints; unique in its function. */
  readonly name: string
  /** The type of the accumulator. Default: `Types.any()`, which is slower, larger, and unchecked. */
  readonly type?: TypeInfo<ACC>
  /** Folds what is added, and makes the result. */
  readonly aggregate: AggregateFunction<IN, ACC, OUT>
  /** Default: state lives until it is cleared. */
  readonly ttl?: StateTtl
}

/** The role under which the descriptor of a broadcast state with migrations or defaults stands in a plan. */
export function broadcastEvolutionRole(stateName: string): string {
  return `evolution of ${stateName}`
}

/** The keyed states of the running operator. Ask for a state once, in `open`, and keep the handle. */
export interface KeyedStateStore {
  /**
   * One value a key, with a default. Ask for it in `open`.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the name has another kind or type, here or in the checkpoint.
   */
  getValueState<T>(
    descriptor: ValueStateDescriptor<T> & { readonly defaultValue: T },
  ): ValueState<T>
  /** One value a key, `undefined` before the first. */
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>
  /**
   * A list a key. Ask for it in `open`.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the name has another kind or type, here or in the checkpoint.
   */
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>
  /**
   * A map a key. Ask for it in `open`.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the name has another kind or type, here or in the checkpoint.
   */
  getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>
  /**
   * A value a key that is reduced of what is added. Ask for it in `open`.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the name has another kind or type, here or in the checkpoint.
   */
  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>
  /**
   * An accumulator a key. Ask for it in `open`.
   *
   * @throws MillraceError `STATE_INCOMPATIBLE` if the name has another kind or type, here or in the checkpoint.
   */
  getAggregatingState<IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  ): AggregatingState<IN, OUT>
}
