// What a slice keeps: an accumulator for each of its keys. A map of any keys, or typed arrays where both are numbers: those are found twice as fast
// when keys are many, and leave nothing to the garbage collector.

import { MillraceError, show, type TypeDescriptor } from '@millrace/core'
import {
  type CopyValue,
  type EntriesCut,
  isNumberType,
  KeyMap,
  NumericMap,
  valueCopier,
} from '@millrace/state'
import type { NamedOperator } from '../operators/user-function.ts'

/** Values by key, in the order in which they came. A `Map` is one. */
export interface ValueTable<K, V> {
  readonly size: number
  get(key: K): V | undefined
  set(key: K, value: V): unknown
  delete(key: K): unknown
  forEach(each: (value: V, key: K) => void): void
}

/** The values of one slice. */
export interface SliceTable<K, V> extends ValueTable<K, V> {
  /** A value that is to stay with somebody else, who may change it in place: a copy if a cut still reads the values. */
  handOut(value: V): V
  /** The entries at this moment. */
  cut(): EntriesCut<K, V>
}

/** Makes an empty table; `sizeHint` is how many keys it may come to have. One operator has tables of one class. */
export type NewSliceTable<K> = <V>(sizeHint: number) => SliceTable<K, V>

/** The tables for the keys and accumulators of an operator. Numbers are only chosen for what stores numbers. */
export function sliceTables<K>(
  operator: NamedOperator,
  keyType: TypeDescriptor,
  accumulatorType: TypeDescriptor,
): NewSliceTable<K> {
  if (!isNumberType(keyType) || !isNumberType(accumulatorType)) {
    const copy = valueCopier(accumulatorType)
    return <V>(): SliceTable<K, V> => new KeyMap<K, V>(copy as CopyValue<V> | undefined)
  }
  // All values are numbers here: accumulators by their type, and what a fold keeps of them.
  return <V>(sizeHint: number): SliceTable<K, V> =>
    new NumericSlice(operator, Math.min(sizeHint, SIZE_HINT_MAX)) as unknown as SliceTable<K, V>
}

/** A slice in typed arrays. */
class NumericSlice implements SliceTable<number, number> {
  readonly #operator: NamedOperator
  readonly #entries: NumericMap

  constructor(operator: NamedOperator, sizeHint: number) {
    this.#operator = operator
    this.#entries = new NumericMap(sizeHint)
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: number): number | undefined {
    return this.#entries.get(key)
  }

  set(key: number, value: number): void {
    // Checked here: an array of numbers would make NaN of anything else.
    if (typeof key !== 'number') throw this.#mismatch('keys', key)
    if (typeof value !== 'number') throw this.#mismatch('accumulators', value)
    this.#entries.set(key, value)
  }

  delete(key: number): void {
    this.#entries.delete(key)
  }

  forEach(each: (value: number, key: number) => void): void {
    this.#entries.forEach(each)
  }

  /** Numbers cannot be changed in place. */
  handOut(value: number): number {
    return value
  }

  cut(): EntriesCut<number, number> {
    return this.#entries.cut()
  }

  #mismatch(what: string, came: unknown): MillraceError {
    return new MillraceError('TYPE_MISMATCH', {
      expected: `${what} of the window '${this.#operator.name}' to be numbers, as declared`,
      came: show(came),
      todo: 'Correct the function, or declare the type that it uses.',
      ids: { uid: this.#operator.uid },
    })
  }
}

/**
 * Room for a thousand keys at once halves the cost of their first records; a hundred thousand gain nothing. Above this, slices that stay
 * nearly empty would cost more memory than the others save time.
 */
const SIZE_HINT_MAX = 4096
