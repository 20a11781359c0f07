// Finds the type of values that a program handed in without one, when they all agree. The type must lose nothing and add
// nothing: what cannot be told apart from the values themselves afterwards (other than by identity) stays without a type.

import type { TypeDescriptor } from './type-info.ts'

/**
 * The type of all these values; `undefined` if they differ in kind, or hold what a type would change: instances of
 * classes, getters, `undefined`, missing fields, functions.
 *
 * Whole numbers of 32 bits are `int`, others `long`, and `double` as soon as one is no whole number; `null` among others makes
 * a type nullable; what is never anything but `null` is `any`.
 *
 * @example
 * ```ts
 * import { describeType, inferType } from '@millrace/core'
 *
 * const type = inferType([{ id: 1, tags: ['a'] }, { id: 2, tags: [] }])
 * console.log(type && describeType(type)) // record{id: int, tags: array<string>}
 * console.log(inferType([1, 'two'])) // undefined
 * ```
 */
export function inferType(values: readonly unknown[]): TypeDescriptor | undefined {
  return typeOfAll(values, 0)
}

/** Values nested deeper, cyclic ones among them, have no type. */
const DEPTH_MAX = 16

function typeOfAll(values: readonly unknown[], depth: number): TypeDescriptor | undefined {
  if (depth > DEPTH_MAX) return undefined
  const present = values.filter((value) => value !== null)
  const type = present.length === 0 ? ({ kind: 'any' } as const) : typeOfPresent(present, depth)
  if (type === undefined || present.length === values.length) return type
  return { kind: 'nullable', type }
}

function typeOfPresent(values: readonly unknown[], depth: number): TypeDescriptor | undefined {
  switch (typeof values[0]) {
    case 'boolean':
    case 'string':
    case 'bigint': {
      const kind = typeof values[0] as 'boolean' | 'string' | 'bigint'
      return values.every((value) => typeof value === kind) ? { kind } : undefined
    }
    case 'number':
      return typeOfNumbers(values)
    case 'object':
      return typeOfObjects(values as readonly object[], depth)
    default:
      return undefined
  }
}

function typeOfNumbers(values: readonly unknown[]): TypeDescriptor | undefined {
  if (!values.every((value) => typeof value === 'number')) return undefined
  // -0 is a double: as an int it would come back as 0.
  const isWhole = (value: number): boolean => Number.isSafeInteger(value) && !Object.is(value, -0)
  if (!values.every(isWhole)) return { kind: 'double' }
  return { kind: values.every((value) => (value | 0) === value) ? 'int' : 'long' }
}

function typeOfObjects(values: readonly object[], depth: number): TypeDescriptor | undefined {
  const prototype: unknown = Object.getPrototypeOf(values[0])
  const isSameClass = (value: unknown): boolean =>
    typeof value === 'object' && Object.getPrototypeOf(value) === prototype
  if (!values.every(isSameClass)) return undefined
  switch (prototype) {
    case Date.prototype:
      return values.every((value) => Reflect.ownKeys(value).length === 0)
        ? { kind: 'date' }
        : undefined
    case Uint8Array.prototype:
      return { kind: 'bytes' }
    case Array.prototype:
      return typeOfArrays(values as readonly (readonly unknown[])[], depth)
    case Object.prototype:
      return typeOfRecords(values as readonly Readonly<Record<string, unknown>>[], depth)
    default:
      return undefined
  }
}

function typeOfArrays(
  arrays: readonly (readonly unknown[])[],
  depth: number,
): TypeDescriptor | undefined {
  // Neither holes nor further properties.
  const isPlain = (array: readonly unknown[]): boolean =>
    Reflect.ownKeys(array).length === array.length + 1
  if (!arrays.every(isPlain)) return undefined
  const element = typeOfAll(arrays.flat(1), depth + 1)
  return element && { kind: 'array', element }
}

function typeOfRecords(
  records: readonly Readonly<Record<string, unknown>>[],
  depth: number,
): TypeDescriptor | undefined {
  const names = Object.keys(records[0] as object)
  if (!names.every(isFieldName) || !records.every((record) => hasFields(record, names))) {
    return undefined
  }
  const fields: { name: string; type: TypeDescriptor }[] = []
  for (const name of names) {
    const type = typeOfAll(
      records.map((record) => record[name]),
      depth + 1,
    )
    if (type === undefined) return undefined
    fields.push({ name, type })
  }
  return { kind: 'record', fields }
}

/** Whether the object has exactly these fields in this order, all of them plain data. */
function hasFields(record: object, names: readonly string[]): boolean {
  const keys = Reflect.ownKeys(record)
  return (
    keys.length === names.length &&
    keys.every((key, index) => {
      const property = Object.getOwnPropertyDescriptor(record, key)
      return key === names[index] && property?.enumerable === true && 'value' in property
    })
  )
}

function isFieldName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' && name !== 'constructor'
}
