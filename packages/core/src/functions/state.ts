// Keyed state, as user functions see it. Every access is synchronous and belongs to the current key; the
// engine sets the key before each record and each timer. Stored objects may be changed in place, but a
// change counts only after `update` (value) or `put` (map).

import type { AggregateFunction, ReduceFunction } from './functions.ts'
import type { TypeInfo } from '../types/type-info.ts'

/** One value a key. */
export interface ValueState<T> {
  /** The value, or the default (`undefined` without one). */
  value(): T
  update(value: T): void
  clear(): void
}

/** A list a key. */
export interface ListState<T> {
  /** The elements in the order of adding; empty if there are none. Do not change the array. */
  get(): readonly T[]
  add(element: T): void
  addAll(elements: Iterable<T>): void
  /** Replaces the list. */
  update(elements: Iterable<T>): void
  clear(): void
}

/** A map a key. */
export interface MapState<UK, UV> {
  get(key: UK): UV | undefined
  put(key: UK, value: UV): void
  contains(key: UK): boolean
  remove(key: UK): void
  entries(): Iterable<readonly [UK, UV]>
  keys(): Iterable<UK>
  values(): Iterable<UV>
  isEmpty(): boolean
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
  add(value: T): void
  clear(): void
}

/** One accumulator a key, fed by what is added and shown by the function's result. */
export interface AggregatingState<IN, OUT> {
  /** The result, or `undefined` if nothing was added. */
  get(): OUT | undefined
  add(value: IN): void
  clear(): void
}

/** Names a value state. `type` defaults to `Types.any()`. */
export interface ValueStateDescriptor<T> {
  readonly name: string
  readonly type?: TypeInfo<T>
  /** What `value()` answers for a key without one. Give an immutable value. */
  readonly defaultValue?: T
}

/** Names a list state. `type` (of an element) defaults to `Types.any()`. */
export interface ListStateDescriptor<T> {
  readonly name: string
  readonly type?: TypeInfo<T>
}

/** Names a map state. Both types default to `Types.any()`. */
export interface MapStateDescriptor<UK, UV> {
  readonly name: string
  readonly keyType?: TypeInfo<UK>
  readonly valueType?: TypeInfo<UV>
}

/** Names a reducing state. */
export interface ReducingStateDescriptor<T> {
  readonly name: string
  readonly type?: TypeInfo<T>
  readonly reduce: ReduceFunction<T>
}

/** Names an aggregating state. `type` is the accumulator's; without it, the function's own, else `Types.any()`. */
export interface AggregatingStateDescriptor<IN, ACC, OUT> {
  readonly name: string
  readonly type?: TypeInfo<ACC>
  readonly aggregate: AggregateFunction<IN, ACC, OUT>
}

/** The keyed states of the running operator. Ask for a state once, in `open`, and keep the handle. */
export interface KeyedStateStore {
  getValueState<T>(
    descriptor: ValueStateDescriptor<T> & { readonly defaultValue: T },
  ): ValueState<T>
  getValueState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T | undefined>
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>
  getMapState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>
  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>
  getAggregatingState<IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  ): AggregatingState<IN, OUT>
}
