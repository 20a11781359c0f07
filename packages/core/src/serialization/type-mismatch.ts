// What is said when a value does not fit its type. The fast paths only notice that something is wrong; this cold
// path then walks the value again and finds out where.

import { MillraceError, show } from '../errors/millrace-error.ts'
import { describeType } from '../types/describe-type.ts'
import type { TypeDescriptor } from '../types/type-info.ts'

/** The place and the reason of the first value that does not fit. */
export interface Mismatch {
  /** For example `stops[2].name`; empty for the value as a whole. */
  readonly path: string
  /** For example `int`. */
  readonly expected: string
  readonly value: unknown
}

/** The error for a value from outside, such as a parsed line of JSON, that does not fit its type. */
export class TypeMismatchError extends MillraceError {
  /** One phrase for logs of malformed records: `field "delay": expected int, got "late"`. */
  readonly reason: string

  constructor(type: TypeDescriptor, mismatch: Mismatch) {
    const reason = reasonOf(mismatch)
    super('TYPE_MISMATCH', {
      expected: `a value of type ${shortened(describeType(type))}`,
      came: `one that does not fit: ${reason}`,
      todo: 'Correct the data, or make the type wider, for example with Types.nullable.',
      ids: mismatch.path === '' ? {} : { field: mismatch.path },
    })
    this.reason = reason
  }
}

/** The error for the first of `records[0 .. count)` that is not of the type. */
export function recordMismatch(
  type: TypeDescriptor,
  records: readonly unknown[],
  count: number,
): MillraceError {
  for (let index = 0; index < count; index++) {
    const mismatch = findMismatch(type, records[index], '')
    if (mismatch !== undefined) return mismatchOfRecord(index, mismatch)
  }
  return mismatchOfRecord(0, {
    path: '',
    expected: 'a record that stays the same while it is written',
    value: records[0],
  })
}

function mismatchOfRecord(index: number, mismatch: Mismatch): MillraceError {
  const place = mismatch.path === '' ? '' : `field "${mismatch.path}" of `
  return new MillraceError('TYPE_MISMATCH', {
    expected: mismatch.expected,
    came: `${show(mismatch.value)} in ${place}record ${index} of the batch`,
    todo: 'Let the function that makes these records return values of the declared type, or change the type.',
    ids: { record: index, ...(mismatch.path === '' ? {} : { field: mismatch.path }) },
  })
}

function reasonOf({ path, expected, value }: Mismatch): string {
  const place = path === '' ? '' : `field "${path}": `
  return `${place}expected ${expected}, got ${value === undefined ? 'nothing' : show(value)}`
}

function findMismatch(type: TypeDescriptor, value: unknown, path: string): Mismatch | undefined {
  const misfit = (): Mismatch => ({ path, expected: shortened(describeType(type)), value })
  switch (type.kind) {
    case 'any':
      return undefined
    case 'nullable': {
      if (value === null || value === undefined) return undefined
      return findMismatch(type.type, value, path)
    }
    case 'array':
      if (!Array.isArray(value)) return misfit()
      return firstOf(value, (element, at) => findMismatch(type.element, element, `${path}[${at}]`))
    case 'map':
      if (!(value instanceof Map)) return misfit()
      return firstOf(
        [...value],
        ([key, entry]) =>
          findMismatch(type.key, key, `${path}{key ${show(key)}}`) ??
          findMismatch(type.value, entry, `${path}{${show(key)}}`),
      )
    case 'record': {
      if (typeof value !== 'object' || value === null) return misfit()
      const fields = value as Readonly<Record<string, unknown>>
      return firstOf(type.fields, (field) =>
        findMismatch(
          field.type,
          fields[field.name],
          path === '' ? field.name : `${path}.${field.name}`,
        ),
      )
    }
    default:
      return fitsScalar(type.kind, value) ? undefined : misfit()
  }
}

/** Kinds whose values have no parts that could be wrong. */
export type ScalarKind =
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | 'string'
  | 'bigint'
  | 'bytes'
  | 'date'

/** Whether a value is of a scalar kind, exactly as the frame codecs take it. */
export function fitsScalar(kind: ScalarKind, value: unknown): boolean {
  switch (kind) {
    case 'int':
      return typeof value === 'number' && (value | 0) === value
    case 'long':
      return Number.isSafeInteger(value)
    case 'double':
      return typeof value === 'number'
    case 'boolean':
    case 'string':
    case 'bigint':
      return typeof value === kind
    case 'bytes':
      return value instanceof Uint8Array
    case 'date':
      return value instanceof Date
  }
}

function firstOf<Item>(
  items: readonly Item[],
  find: (item: Item, index: number) => Mismatch | undefined,
): Mismatch | undefined {
  for (let index = 0; index < items.length; index++) {
    const mismatch = find(items[index] as Item, index)
    if (mismatch !== undefined) return mismatch
  }
  return undefined
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
