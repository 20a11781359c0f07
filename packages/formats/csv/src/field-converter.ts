import { MillraceError, type TypeDescriptor, Types } from '@millrace/core'

/**
 * Turns the text of a field into what the check of the record takes. Dates and big numbers are text there too;
 * text that is no number stays text, for the check to refuse by name.
 */
export type FieldConverter = (text: string) => unknown

/**
 * The converter of a type.
 *
 * @throws MillraceError `OPTION_INVALID` for a type that a field of text cannot hold
 */
export function fieldConverter(name: string, type: TypeDescriptor): FieldConverter {
  switch (type.kind) {
    case 'string':
    case 'enum':
    case 'decimal':
    case 'custom':
    case 'date':
    case 'bigint':
    case 'bytes':
    case 'any':
      return (text) => text
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return numberOf
    case 'boolean':
      return booleanOf
    case 'literal':
      return fieldConverter(name, LITERALS[typeof type.value as 'string' | 'number' | 'boolean'])
    case 'optional': {
      const convert = fieldConverter(name, type.type)
      return (text) => (text === '' ? undefined : convert(text))
    }
    case 'nullable': {
      const convert = fieldConverter(name, type.type)
      return (text) => (text === '' ? null : convert(text))
    }
    default:
      throw new MillraceError('OPTION_INVALID', {
        expected: `a type that one field of CSV can hold for "${name}"`,
        came: type.kind,
        todo: 'Give the field the type Types.string, and take the text apart in a map.',
      })
  }
}

const LITERALS = { string: Types.string, number: Types.double, boolean: Types.boolean } as const

function numberOf(text: string): number | string {
  const value = Number(text)
  // `Number` also takes empty text for 0, and 0x10 for 16.
  if (Number.isNaN(value)) return text.trim() === 'NaN' ? value : text
  if (value === 0 && text.trim() === '') return text
  return /[xob]/i.test(text) ? text : value
}

function booleanOf(text: string): boolean | string {
  const word = text.trim().toLowerCase()
  if (word === 'true') return true
  return word === 'false' ? false : text
}
