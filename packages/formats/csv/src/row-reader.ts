import { MillraceError, type TypeDescriptor, type TypeInfo, valueReader } from '@millrace/core'
import type { CsvFields } from './csv-fields.ts'
import { type FieldConverter, fieldConverter } from './field-converter.ts'

/** What a row becomes. */
export interface RowReaderOptions<T> {
  readonly type: TypeInfo<T> | undefined
  readonly parse: ((fields: CsvFields) => T) | undefined
}

/** Makes records of rows: `setColumns` once, then `read` for each. */
export class RowReader<T> {
  readonly #check: ((value: unknown) => T) | undefined
  readonly #parse: ((fields: CsvFields) => T) | undefined
  readonly #typeFields: readonly TypeField[]
  #columns: readonly string[] | undefined
  /** The fields of the type, and where in a row their texts are; `undefined` for a nullable without a column. */
  #places: readonly (number | undefined)[] = []
  /** The converted texts of one row. The check copies them into a record, so one object does for all. */
  readonly #converted: Record<string, unknown> = {}

  constructor({ type, parse }: RowReaderOptions<T>) {
    const isTyped = type !== undefined && type.kind !== 'any'
    this.#check = isTyped ? valueReader(type) : undefined
    this.#parse = parse
    this.#typeFields = isTyped && parse === undefined ? typeFieldsOf(type) : []
  }

  /** The columns of rows that come without names; `undefined` if any number of fields will do. */
  get columnsByType(): readonly string[] | undefined {
    return this.#typeFields.length === 0 ? undefined : this.#typeFields.map((field) => field.name)
  }

  /** Answers why the columns do not fit, or `undefined` if they do. */
  setColumns(columns: readonly string[]): string | undefined {
    const doubled = columns.find((name, index) => columns.indexOf(name) !== index)
    if (doubled !== undefined) return `the header names the column "${doubled}" twice`
    if (columns.includes('__proto__')) return 'the header names a column "__proto__"'
    const missing = this.#typeFields.find(
      (field) => !field.mayBeMissing && !columns.includes(field.name),
    )
    if (missing !== undefined) {
      return `the header has no column "${missing.name}", it has ${columns.join(', ')}`
    }
    this.#columns = columns
    this.#places = this.#typeFields.map((field) => {
      const place = columns.indexOf(field.name)
      return place === -1 ? undefined : place
    })
    return undefined
  }

  /** @throws any error that says why the row is malformed */
  read(fields: readonly string[]): T {
    if (this.#typeFields.length > 0) return this.#readTyped(fields)
    const columns = this.#columns
    const named = columns === undefined ? fields : namedFields(columns, fields)
    const record = this.#parse === undefined ? named : this.#parse(named as CsvFields)
    return this.#check === undefined ? (record as T) : this.#check(record)
  }

  #readTyped(fields: readonly string[]): T {
    const converted = this.#converted
    for (let index = 0; index < this.#typeFields.length; index++) {
      const { name, convert } = this.#typeFields[index] as TypeField
      const place = this.#places[index]
      // Nothing counts as null, as an empty field of a nullable does.
      converted[name] = place === undefined ? undefined : convert(fields[place] as string)
    }
    return (this.#check as (value: unknown) => T)(converted)
  }
}

interface TypeField {
  readonly name: string
  readonly mayBeMissing: boolean
  readonly convert: FieldConverter
}

function typeFieldsOf(type: TypeDescriptor): readonly TypeField[] {
  if (type.kind !== 'record') {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a record type for csv',
      came: type.kind,
      todo: 'Write for example Types.record({ origin: Types.string, delay: Types.int }).',
    })
  }
  return type.fields.map((field) => ({
    name: field.name,
    mayBeMissing: field.type.kind === 'nullable' || field.type.kind === 'optional',
    convert: fieldConverter(field.name, field.type),
  }))
}

function namedFields(columns: readonly string[], fields: readonly string[]): CsvFields {
  const named: Record<string, string> = {}
  for (let index = 0; index < columns.length; index++) {
    named[columns[index] as string] = fields[index] as string
  }
  return named
}
