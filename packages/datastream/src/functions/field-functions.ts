// `sum`, `min` and `max` of a field, as reduce functions (rolling) and as aggregate functions (windows). A reduce function must
// leave its inputs as they are, so it copies; an aggregate function owns its accumulator and changes it in place.

import {
  type AggregateFunction,
  checkOptions,
  MillraceError,
  recordClass,
  type ReduceFunction,
  show,
  type TypeInfo,
} from '@millrace/core'

/** The fields of `T` that hold a number or a bigint. */
export type NumericField<T> = FieldOf<T, number | bigint>

/** The fields of `T` whose values have an order. */
export type OrderedField<T> = FieldOf<T, number | bigint | string | Date>

type FieldOf<T, Value> = { [F in keyof T]-?: T[F] extends Value ? F : never }[keyof T] & string

/** What happens to the field when a record is folded in. */
export type FieldFold = 'sum' | 'min' | 'max'

/** A record like the first, with the field folded: what a rolling `sum('count')` keeps. */
export function foldField<T>(
  fold: FieldFold,
  field: NumericField<T>,
  type: TypeInfo<T> | undefined,
): ReduceFunction<T> {
  const combine = FOLDS[fold]
  const copyOf = copierOf(type)
  return (left, right) => {
    const copy = copyOf(left)
    write(copy, field, combine(read(left, field), read(right, field)))
    return copy
  }
}

/** {@link foldField} for windows: no copy for each record. */
export function aggregateField<T>(
  fold: FieldFold,
  field: NumericField<T>,
  type: TypeInfo<T> | undefined,
): AggregateFunction<T, T | undefined, T> {
  const combine = FOLDS[fold]
  const copyOf = copierOf(type)
  const foldIn = (accumulator: T, value: T): T => {
    write(accumulator, field, combine(read(accumulator, field), read(value, field)))
    return accumulator
  }
  return {
    createAccumulator: () => undefined,
    add: (accumulator, value) =>
      accumulator === undefined ? copyOf(value) : foldIn(accumulator, value),
    // The accumulator may go on growing after it was shown: another pane, or a late record.
    getResult: (accumulator) => copyOf(accumulator as T),
    merge: (left, right) => {
      if (right === undefined) return left
      return left === undefined ? copyOf(right) : foldIn(left, right)
    },
  }
}

/** How `minBy` and `maxBy` choose. */
export interface PickByOptions {
  /** Of records with equal fields, whether the first is kept or the last. Default: true. */
  readonly first?: boolean
}

/**
 * Keeps the record with the smallest or largest field; of equals, the first or the last.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function pickByField<T>(
  pick: 'min' | 'max',
  field: OrderedField<T>,
  options: PickByOptions = {},
): ReduceFunction<T> {
  checkOptions(`${pick}By`, options, ['first'])
  const { first = true } = options
  if (typeof first !== 'boolean') throw notABoolean(`${pick}By`, first)
  if (pick === 'min') {
    return first
      ? (left, right) => (right[field] < left[field] ? right : left)
      : (left, right) => (left[field] < right[field] ? left : right)
  }
  return first
    ? (left, right) => (right[field] > left[field] ? right : left)
    : (left, right) => (left[field] > right[field] ? left : right)
}

function notABoolean(call: string, came: unknown): MillraceError {
  return new MillraceError('OPTION_INVALID', {
    expected: `true or false for the option first of ${call}`,
    came: show(came),
    todo: `Write for example ${call}('price', { first: false }).`,
  })
}

/**
 * Refuses what cannot be a field name, for callers without types.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkField<F extends string>(call: string, field: F): F {
  if (typeof field === 'string' && field !== '') return field
  throw new MillraceError('OPTION_INVALID', {
    expected: `the name of a field for ${call}`,
    came: show(field),
    todo: `Write for example ${call}('count').`,
  })
}

const FOLDS: Readonly<Record<FieldFold, (left: number, right: number) => number>> = {
  sum: (left, right) => left + right,
  min: (left, right) => (right < left ? right : left),
  max: (left, right) => (right > left ? right : left),
}

/** Shallow copies: of the engine's class for a record type, else of the class the record has. */
function copierOf<T>(type: TypeInfo<T> | undefined): (record: T) => T {
  if (type?.kind !== 'record') return copyOfSameClass
  const { create } = recordClass(type)
  const names = type.fields.map((field) => field.name as keyof T)
  return (record) => create(...names.map((name) => record[name]))
}

function copyOfSameClass<T>(record: T): T {
  const prototype: object | null = Object.getPrototypeOf(record)
  return prototype === Object.prototype
    ? { ...record }
    : Object.assign(Object.create(prototype), record)
}

function read<T>(record: T, field: NumericField<T>): number {
  return record[field] as number
}

function write<T>(record: T, field: NumericField<T>, value: number): void {
  ;(record as Record<string, number>)[field] = value
}
