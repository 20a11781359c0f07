import { MillraceError, show } from '../errors/millrace-error.ts'
import type { RecordField, TypeDescriptor } from './type-info.ts'

/**
 * Writes a type as text for people and as a key for caches: two types have the same text exactly when they are
 * {@link typesEqual}.
 *
 * @throws MillraceError `TYPE_INVALID` when the descriptor holds something that is no type.
 *
 * @example
 * ```ts
 * import { describeType, Types } from '@millrace/core'
 *
 * const Bid = Types.record({ auction: Types.int, url: Types.nullable(Types.string) })
 * console.log(describeType(Bid)) // record{auction: int, url: string?}
 * ```
 */
export function describeType(type: TypeDescriptor): string {
  switch (type.kind) {
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
      return type.kind
    case 'decimal':
      return `decimal(${Number(type.precision)}, ${Number(type.scale)})`
    case 'enum':
      return `enum(${type.values.map((value) => JSON.stringify(value)).join(', ')})`
    case 'literal':
      return JSON.stringify(type.value)
    case 'numbers':
      return `${type.element}Array`
    case 'custom':
      return `custom<${JSON.stringify(type.name)}, ${Number(type.version)}>`
    case 'nullable':
      return `${describeType(type.type)}?`
    case 'optional':
      return `optional<${describeType(type.type)}>`
    case 'array':
      return `array<${describeType(type.element)}>`
    case 'set':
      return `set<${describeType(type.element)}>`
    case 'tuple':
      return `[${type.elements.map(describeType).join(', ')}]`
    case 'map':
      return `map<${describeType(type.key)}, ${describeType(type.value)}>`
    case 'record':
      return `record{${type.fields.map(describeField).join(', ')}}`
    case 'union':
      return `union(${nameText(type.tag)}){${type.variants.map(describeField).join(', ')}}`
    default:
      throw unknownKind(type)
  }
}

/** Whether two types describe the same values: the same kinds, and fields of the same names in the same order. */
export function typesEqual(a: TypeDescriptor, b: TypeDescriptor): boolean {
  return a === b || describeType(a) === describeType(b)
}

function describeField({ name, type }: RecordField): string {
  if (type.kind === 'optional') return `${nameText(name)}?: ${describeType(type.type)}`
  return `${nameText(name)}: ${describeType(type)}`
}

function nameText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

function unknownKind(type: never): MillraceError {
  return new MillraceError('TYPE_INVALID', {
    expected: 'a type made with Types, such as Types.int',
    came: show(type),
    todo: 'A plan or a snapshot with a kind of type that is not known here was written by a newer version.',
  })
}
