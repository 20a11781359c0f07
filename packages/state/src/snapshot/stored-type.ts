import {
  DECIMAL_PRECISION_MAX,
  type NumbersElement,
  show,
  TYPE_CHOICES_MAX,
  type TypeDescriptor,
  type UnionVariant,
} from '@millrace/core'
import { corruptSnapshot } from './corrupt-snapshot.ts'

/**
 * A type that was read from a snapshot, after it proved to be one. `what` names the snapshot.
 *
 * @throws MillraceError `CHECKPOINT_CORRUPT`
 */
export function storedType(value: unknown, what: string): TypeDescriptor {
  if (!isType(value, TYPE_DEPTH_MAX)) throw corruptSnapshot(what, 'a type', show(value))
  return value
}

/** Types in types, so many: far more than a program writes, far fewer than a stack of calls holds. */
const TYPE_DEPTH_MAX = 200

function isType(value: unknown, depthMax: number): value is TypeDescriptor {
  if (typeof value !== 'object' || value === null || depthMax === 0) return false
  const isPart = (part: unknown): part is TypeDescriptor => isType(part, depthMax - 1)
  const parts = value as Record<string, unknown>
  const { kind, type, element, elements, key, value: mapped, fields, variants } = parts
  switch (kind) {
    case 'boolean':
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
    case 'bigint':
    case 'bytes':
    case 'date':
    case 'any':
      return true
    case 'decimal':
      return (
        isWhole(parts.precision, 1, DECIMAL_PRECISION_MAX) &&
        isWhole(parts.scale, 0, parts.precision)
      )
    case 'enum':
      return areTexts(parts.values) && parts.values.length <= TYPE_CHOICES_MAX
    case 'literal':
      return ['string', 'number', 'boolean'].includes(typeof mapped)
    case 'numbers':
      return NUMBERS_ELEMENTS.has(element)
    case 'custom':
      return typeof parts.name === 'string' && isWhole(parts.version, 1, Number.MAX_SAFE_INTEGER)
    case 'nullable':
    case 'optional':
      return isPart(type)
    case 'array':
    case 'set':
      return isPart(element)
    case 'tuple':
      return Array.isArray(elements) && elements.every(isPart)
    case 'union':
      return typeof parts.tag === 'string' && areVariants(variants, isPart)
    case 'map':
      return isPart(key) && isPart(mapped)
    case 'record':
      return Array.isArray(fields) && fields.every((field) => isField(field, isPart))
    default:
      return false
  }
}

const NUMBERS_ELEMENTS: ReadonlySet<unknown> = new Set<NumbersElement>([
  'int8',
  'int16',
  'int32',
  'float32',
  'float64',
  'bigint64',
])

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}

function areTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string')
}

type IsPart = (part: unknown) => boolean

function areVariants(variants: unknown, isPart: IsPart): boolean {
  return (
    Array.isArray(variants) &&
    variants.length <= TYPE_CHOICES_MAX &&
    variants.every((variant) => isVariant(variant, isPart))
  )
}

function isVariant(variant: unknown, isPart: IsPart): boolean {
  return isField(variant, isPart) && (variant as UnionVariant).type.kind === 'record'
}

/** No class can have a field `__proto__`. */
function isField(field: unknown, isPart: IsPart): boolean {
  const { name, type } = (field ?? {}) as Record<string, unknown>
  return typeof name === 'string' && name !== '__proto__' && isPart(type)
}
