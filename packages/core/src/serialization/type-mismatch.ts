// What is said when a value does not fit its type. The fast paths only notice that something is wrong; this cold
// path then walks the value again and finds out where.

import { MillraceError, show } from '../errors/millrace-error.ts'
import { describeType } from '../types/describe-type.ts'
import { CustomCodec } from '../types/custom-type.ts'
import { unscaledIn } from '../types/decimal.ts'
import type { TypeDescriptor } from '../types/type-info.ts'
import { NUMBERS_CLASSES } from './scalar-codecs.ts'

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
    case 'nullable':
      if (value === null || value === undefined) return undefined
      return findMismatch(type.type, value, path)
    case 'optional':
      return value === undefined ? undefined : findMismatch(type.type, value, path)
    case 'decimal':
      return unscaledIn(value, type.precision, type.scale) === undefined ? misfit() : undefined
    case 'enum':
      return type.values.includes(value as string) ? undefined : misfit()
    case 'literal':
      return value === type.value ? undefined : misfit()
    case 'numbers':
      return value instanceof NUMBERS_CLASSES[type.element] ? undefined : misfit()
    case 'custom': {
      const problem = new CustomCodec(type.name, type.version).problemOf(value)
      if (problem === undefined) return undefined
      return { path, expected: `${describeType(type)} (${shortened(problem)})`, value }
    }
    case 'array':
      if (!Array.isArray(value)) return misfit()
      return firstOf(value, (element, at) => findMismatch(type.element, element, `${path}[${at}]`))
    case 'set':
      if (!(value instanceof Set)) return misfit()
      return firstOf([...value], (element, at) =>
        findMismatch(type.element, element, `${path}{${at}}`),
      )
    case 'tuple':
      if (!Array.isArray(value) || value.length !== type.elements.length) return misfit()
      return firstOf(type.elements, (element, at) =>
        findMismatch(element, value[at], `${path}[${at}]`),
      )
    case 'union': {
      if (typeof value !== 'object' || value === null) return misfit()
      const name = (value as Readonly<Record<string, unknown>>)[type.tag]
      const variant = type.variants.find((candidate) => candidate.name === name)
      if (variant !== undefined) return findMismatch(variant.type, value, path)
      return tagMismatch(type, path, name)
    }
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

/** What is said of an object whose tag names none of the variants. */
export function tagMismatch(
  { tag, variants }: TypeDescriptor & { kind: 'union' },
  path: string,
  value: unknown,
): Mismatch {
  const names = variants.map((variant) => JSON.stringify(variant.name)).join(' or ')
  return { path: path === '' ? tag : `${path}.${tag}`, expected: shortened(names), value }
}

/** Kinds whose values have no parts that could be wrong. */
export type ScalarKind =
  | 'boolean'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'string'
  | 'bigint'
  | 'bytes'
  | 'date'

/** Whether a value is of a scalar kind, exactly as the frame codecs take it. */
export function fitsScalar(kind: ScalarKind, value: unknown): boolean {
  switch (kind) {
    case 'byte':
      return typeof value === 'number' && (value << 24) >> 24 === value
    case 'short':
      return typeof value === 'number' && (value << 16) >> 16 === value
    case 'int':
      return typeof value === 'number' && (value | 0) === value
    case 'float':
      return typeof value === 'number' && (Math.fround(value) === value || Number.isNaN(value))
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
