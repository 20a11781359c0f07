// Reads a value by its type, step by step, knowing at each step where it is. It is the reader where code cannot be
// generated, and the one that explains what the generated reader refused.

import { show } from '../errors/millrace-error.ts'
import { CustomCodec } from '../types/custom-type.ts'
import { toDecimal } from '../types/decimal.ts'
import { describeType } from '../types/describe-type.ts'
import type { TypeDescriptor, TypeInfo } from '../types/type-info.ts'
import { isInherited, toBigint, toBytes, toDate, toEntries } from './json-conventions.ts'
import { recordClass } from './record-class.ts'
import { toFloat, toNumbers } from './scalar-codecs.ts'
import { fitsScalar, type Mismatch, tagMismatch, TypeMismatchError } from './type-mismatch.ts'
import type { ValueReader } from './value-reading.ts'

/** A reader that interprets the type. */
export function interpretedValueReader<T>(type: TypeInfo<T>): ValueReader<T> {
  const step = stepOf(type)
  const fail = (mismatch: Mismatch): never => {
    throw new TypeMismatchError(type, mismatch)
  }
  return (value) => step(value, '', fail) as T
}

type Step = (value: unknown, path: string, fail: Fail) => unknown
type Fail = (mismatch: Mismatch) => never

function stepOf(type: TypeDescriptor): Step {
  switch (type.kind) {
    case 'any':
      return (value) => value
    case 'byte':
    case 'short':
    case 'int':
      return (value, path, fail) =>
        // `| 0` makes 0 of -0, which no int is.
        fitsScalar(type.kind, value)
          ? (value as number) | 0
          : fail({ path, expected: type.kind, value })
    case 'float':
      return converted(toFloat, 'float')
    case 'decimal':
      return converted(
        (value) => toDecimal(value, type.precision, type.scale),
        `${describeType(type)} (a number, or its digits as text)`,
      )
    case 'enum': {
      const values = new Set<unknown>(type.values)
      return converted((value) => (values.has(value) ? value : undefined), describeType(type))
    }
    case 'literal':
      return converted((value) => (value === type.value ? value : undefined), describeType(type))
    case 'numbers':
      return converted(
        (value) => toNumbers(type.element, value),
        `${describeType(type)} (an array of its numbers)`,
      )
    case 'custom':
      return customStep(type)
    case 'boolean':
    case 'long':
    case 'double':
    case 'string':
      return (value, path, fail) =>
        fitsScalar(type.kind, value) ? value : fail({ path, expected: type.kind, value })
    case 'date':
      return converted(toDate, 'date (ISO 8601 text or milliseconds since 1970)')
    case 'bigint':
      return converted(toBigint, 'bigint (a whole number or its digits as text)')
    case 'bytes':
      return converted(toBytes, 'bytes (base64 text)')
    case 'nullable': {
      const step = stepOf(type.type)
      return (value, path, fail) =>
        value === null || value === undefined ? null : step(value, path, fail)
    }
    case 'optional': {
      const step = stepOf(type.type)
      return (value, path, fail) => (value === undefined ? undefined : step(value, path, fail))
    }
    case 'set': {
      const step = stepOf(type.element)
      const expected = describeType(type)
      return (value, path, fail) => {
        if (!Array.isArray(value) && !(value instanceof Set)) return fail({ path, expected, value })
        return new Set(Array.from(value, (element, at) => step(element, `${path}{${at}}`, fail)))
      }
    }
    case 'tuple': {
      const steps = type.elements.map(stepOf)
      const expected = describeType(type)
      return (value, path, fail) => {
        if (!Array.isArray(value) || value.length !== steps.length) {
          return fail({ path, expected, value })
        }
        return steps.map((step, at) => step(value[at], `${path}[${at}]`, fail))
      }
    }
    case 'union':
      return unionStep(type)
    case 'array': {
      const step = stepOf(type.element)
      const expected = describeType(type)
      return (value, path, fail) => {
        if (!Array.isArray(value)) return fail({ path, expected, value })
        return value.map((element, index) => step(element, `${path}[${index}]`, fail))
      }
    }
    case 'map':
      return mapStep(type)
    case 'record':
      return recordStep(type)
  }
}

function converted(convert: (value: unknown) => unknown, expected: string): Step {
  return (value, path, fail) => convert(value) ?? fail({ path, expected, value })
}

function customStep(type: TypeDescriptor & { kind: 'custom' }): Step {
  const codec = new CustomCodec(type.name, type.version)
  return (value, path, fail) => {
    const read = codec.read(value)
    if ('value' in read) return read.value
    return fail({ path, expected: `${describeType(type)} (${read.problem})`, value })
  }
}

function unionStep(type: TypeDescriptor & { kind: 'union' }): Step {
  const steps = new Map<unknown, Step>(
    type.variants.map((variant) => [variant.name, stepOf(variant.type)]),
  )
  const expected = describeType(type)
  return (value, path, fail) => {
    if (typeof value !== 'object' || value === null) return fail({ path, expected, value })
    const name = (value as Readonly<Record<string, unknown>>)[type.tag]
    const step = steps.get(name) ?? fail(tagMismatch(type, path, name))
    return step(value, path, fail)
  }
}

function mapStep(type: TypeDescriptor & { kind: 'map' }): Step {
  const keyStep = stepOf(type.key)
  const valueStep = stepOf(type.value)
  const expected = describeType(type)
  return (value, path, fail) => {
    const entries = toEntries(value, type.key.kind) ?? fail({ path, expected, value })
    const map = new Map()
    for (const [key, entry] of entries) {
      map.set(
        keyStep(key, `${path}{key ${keyText(key)}}`, fail),
        valueStep(entry, `${path}{${keyText(key)}}`, fail),
      )
    }
    return map
  }
}

function keyText(key: unknown): string {
  return typeof key === 'object' ? show(key) : String(key)
}

function recordStep(type: TypeDescriptor & { kind: 'record' }): Step {
  const { create } = recordClass(type)
  const fields = type.fields.map(({ name, type: fieldType }) => ({
    name,
    step: stepOf(fieldType),
    mustBeOwn: isInherited(name),
  }))
  const expected = describeType(type)
  return (value, path, fail) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail({ path, expected, value })
    }
    const values = value as Readonly<{ [name: string]: unknown }>
    return create(
      ...fields.map(({ name, step, mustBeOwn }) => {
        const field = mustBeOwn && !Object.hasOwn(values, name) ? undefined : values[name]
        return step(field, path === '' ? name : `${path}.${name}`, fail)
      }),
    )
  }
}
