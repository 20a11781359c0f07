// The evictors that come with Millrace, and those of one's own.

import {
  type DeltaFunction,
  type Evictor,
  type EvictorContext,
  type EvictorPlan,
  type TimestampedValue,
  type TimeWindow,
} from '@millrace/core'
import type { OperatorContext } from '../operators/operator.ts'
import { functionFailure, isPromise, promiseReturned } from '../operators/user-function.ts'
import { deltaBetween } from './delta-between.ts'

type Elements<T> = readonly TimestampedValue<T>[]

/** The evictor of an operator; a failure names the operator. */
export class PaneEvictor<T, W extends TimeWindow> {
  readonly #evictor: Evictor<T, W>
  readonly #context: OperatorContext
  readonly #evictorContext: EvictorContext

  constructor(context: OperatorContext, plan: EvictorPlan, evictorContext: EvictorContext) {
    this.#context = context
    this.#evictor = createEvictor(context, plan)
    this.#evictorContext = evictorContext
  }

  /** The elements that stay for the window function. */
  before(elements: Elements<T>, window: W): Elements<T> {
    return this.#call(
      () => this.#evictor.evictBefore?.(elements, window, this.#evictorContext),
      elements,
    )
  }

  /** The elements that stay in the window. */
  after(elements: Elements<T>, window: W): Elements<T> {
    return this.#call(
      () => this.#evictor.evictAfter?.(elements, window, this.#evictorContext),
      elements,
    )
  }

  #call(call: () => Elements<T> | undefined, elements: Elements<T>): Elements<T> {
    const { operator } = this.#context
    try {
      const kept = call()
      if (kept === undefined) return elements
      if (isPromise(kept)) throw promiseReturned(kept, operator, 'evictor')
      return Array.from(kept)
    } catch (error) {
      throw functionFailure(error, operator, 'evictor')
    }
  }
}

function createEvictor<T, W extends TimeWindow>(
  { functions, operator }: OperatorContext,
  plan: EvictorPlan,
): Evictor<T, W> {
  const resolve = <F>(): F => functions.resolve<F>(operator.functions['evictor'])
  switch (plan.kind) {
    case 'count':
      return evicting(plan.isAfter, (elements) =>
        elements.slice(Math.max(0, elements.length - plan.maxCount)),
      )
    case 'time':
      return evicting(plan.isAfter, (elements) => withinTime(elements, plan.sizeMs))
    case 'delta': {
      const deltaOf = resolve<DeltaFunction<T>>()
      return evicting(plan.isAfter, (elements) => withinDelta(elements, plan.threshold, deltaOf))
    }
    case 'custom':
      return resolve<() => Evictor<T, W>>()()
  }
}

function evicting<T, W extends TimeWindow>(
  isAfter: boolean,
  keep: (elements: Elements<T>) => Elements<T>,
): Evictor<T, W> {
  return isAfter ? { evictAfter: keep } : { evictBefore: keep }
}

/** Elements without event time all stay, as in Flink: there is nothing to measure by. */
function withinTime<T>(elements: Elements<T>, sizeMs: number): Elements<T> {
  if (elements[0]?.timestamp === undefined) return elements
  const newest = elements.reduce(
    (latest, { timestamp = latest }) => Math.max(latest, timestamp),
    elements[0].timestamp,
  )
  return elements.filter(({ timestamp = newest }) => timestamp > newest - sizeMs)
}

function withinDelta<T>(
  elements: Elements<T>,
  threshold: number,
  deltaOf: DeltaFunction<T>,
): Elements<T> {
  const last = elements.at(-1)
  if (last === undefined) return elements
  return elements.filter(({ value }) => !(deltaBetween(deltaOf, value, last.value) >= threshold))
}
