// The runtime knows one kind of window content: an accumulator fed by an aggregate function. What is reduced, and what
// keeps all elements, becomes one here.

import type { AggregateFunction, ReduceFunction } from '@millrace/core'

/** Keeps the reduced value itself: `undefined` until the first record, replaced and never changed in place. */
export function reducingAggregate<T>(
  reduce: ReduceFunction<T>,
): AggregateFunction<T, T | undefined, T> {
  const fold = (left: T | undefined, right: T | undefined): T | undefined => {
    if (left === undefined) return right
    return right === undefined ? left : reduce(left, right)
  }
  return {
    createAccumulator: () => undefined,
    add: fold,
    getResult: (accumulator) => accumulator as T,
    merge: fold,
  }
}

/** Keeps every element, in the order of arrival. */
export function collectingAggregate<T>(): AggregateFunction<T, T[], readonly T[]> {
  return {
    createAccumulator: () => [],
    add: (elements, element) => {
      elements.push(element)
      return elements
    },
    getResult: (elements) => elements,
    merge: (left, right) => {
      for (const element of right) left.push(element)
      return left
    },
  }
}
