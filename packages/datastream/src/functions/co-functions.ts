// `map` and `flatMap` of two connected streams, as the co-process functions the runtime knows.

import {
  type Collector,
  type CoProcessFunction,
  type FlatMapFunction,
  type LifeCycle,
  type MapFunction,
  MillraceError,
  type ProcessContext,
  type RichCoFlatMapFunction,
  type RichCoMapFunction,
} from '@millrace/core'
import { checkMethods } from './check-function.ts'

/** Maps the records of each input with a function of its own. */
export class CoMap<IN1, IN2, OUT> implements CoProcessFunction<IN1, IN2, OUT> {
  readonly #map1: MapFunction<IN1, OUT>
  readonly #map2: MapFunction<IN2, OUT>

  constructor(map1: MapFunction<IN1, OUT>, map2: MapFunction<IN2, OUT>) {
    this.#map1 = map1
    this.#map2 = map2
  }

  processElement1(value: IN1, _context: ProcessContext, out: Collector<OUT>): void {
    out.collect(notPromise(this.#map1(value)))
  }

  processElement2(value: IN2, _context: ProcessContext, out: Collector<OUT>): void {
    out.collect(notPromise(this.#map2(value)))
  }
}

/** Turns each record into any number of records, with a function for each input. */
export class CoFlatMap<IN1, IN2, OUT> implements CoProcessFunction<IN1, IN2, OUT> {
  readonly #flatMap1: FlatMapFunction<IN1, OUT>
  readonly #flatMap2: FlatMapFunction<IN2, OUT>

  constructor(flatMap1: FlatMapFunction<IN1, OUT>, flatMap2: FlatMapFunction<IN2, OUT>) {
    this.#flatMap1 = flatMap1
    this.#flatMap2 = flatMap2
  }

  processElement1(value: IN1, _context: ProcessContext, out: Collector<OUT>): void {
    collectAll(this.#flatMap1(value, out), out)
  }

  processElement2(value: IN2, _context: ProcessContext, out: Collector<OUT>): void {
    collectAll(this.#flatMap2(value, out), out)
  }
}

/** A `CoMap` with the methods of a function with a life cycle. */
export function richCoMap<IN1, IN2, OUT>(
  function_: RichCoMapFunction<IN1, IN2, OUT>,
): CoMap<IN1, IN2, OUT> {
  checkMethods('map', function_, ['map1', 'map2'])
  const map = new CoMap<IN1, IN2, OUT>(
    (value) => function_.map1(value),
    (value) => function_.map2(value),
  )
  return Object.assign(map, hooksOf(function_))
}

/** A `CoFlatMap` with the methods of a function with a life cycle. */
export function richCoFlatMap<IN1, IN2, OUT>(
  function_: RichCoFlatMapFunction<IN1, IN2, OUT>,
): CoFlatMap<IN1, IN2, OUT> {
  checkMethods('flatMap', function_, ['flatMap1', 'flatMap2'])
  const flatMap = new CoFlatMap<IN1, IN2, OUT>(
    (value, out) => function_.flatMap1(value, out),
    (value, out) => function_.flatMap2(value, out),
  )
  return Object.assign(flatMap, hooksOf(function_))
}

const HOOKS = [
  'initializeState',
  'open',
  'snapshotState',
  'notifyCheckpointComplete',
  'notifyCheckpointAborted',
  'notifyCheckpointSubsumed',
  'close',
] as const satisfies readonly (keyof LifeCycle<never>)[]

/** What a function has of a life cycle, and nothing more: that it keeps state shows by what it has. */
export function hooksOf(function_: LifeCycle<never>): LifeCycle<never> {
  const hooks: Record<string, unknown> = {}
  for (const name of HOOKS) {
    if (function_[name] !== undefined) hooks[name] = (function_[name] as () => void).bind(function_)
  }
  return hooks
}

/** Hands on what a function returned, if anything. */
export function collectAll<OUT>(values: Iterable<OUT> | void, out: Collector<OUT>): void {
  if (values === undefined) return
  for (const value of notPromise(values)) out.collect(value)
}

/** Refuses a promise where a value is due. */
export function notPromise<V>(value: V): V {
  if (typeof (value as { then?: unknown } | null | undefined)?.then !== 'function') return value
  throw new MillraceError('FUNCTION_RETURNED_PROMISE', {
    expected: 'a value from the function',
    came: 'a promise',
    todo: 'The record path is synchronous: return the value itself.',
  })
}
