import { checkOptions, Decimal, MillraceError, type RecordEncoder, show } from '@millrace/core'
import { checkDialect, type CsvDialect } from './csv-dialect.ts'

/** How CSV is written. */
export interface CsvEncoderOptions extends CsvDialect {
  /** The fields to write, in this order. */
  readonly columns: readonly string[]
  /** Whether each file begins with the names of the columns. Default: true. */
  readonly header?: boolean
}

/**
 * Writes each record as one line of CSV, quoted where it must be. `null` is an empty field, a `Date` ISO 8601
 * text, bytes are base64 text; a `Decimal` its digits; arrays, sets, maps
 * and other objects are JSON inside of a field.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example
 * ```ts
 * import { csvEncoder } from '@millrace/format-csv'
 *
 * const encoder = csvEncoder<{ origin: string; delay: number }>({ columns: ['origin', 'delay'] })
 * console.log(encoder.header?.trimEnd(), encoder.encode({ origin: 'a,b', delay: 4 }).trimEnd())
 * // origin,delay "a,b",4
 * ```
 */
export function csvEncoder<T>(options: CsvEncoderOptions): RecordEncoder<T> {
  checkOptions('csvEncoder', options, ['columns', 'header', 'delimiter', 'quote'])
  return new CsvEncoder(options)
}

class CsvEncoder<T> implements RecordEncoder<T> {
  readonly name = 'csv'
  readonly header?: string
  readonly #columns: readonly string[]
  readonly #delimiter: string
  readonly #quote: string
  readonly #needsQuotes: RegExp

  constructor({ columns, header = true, ...dialect }: CsvEncoderOptions) {
    if (!Array.isArray(columns) || columns.length === 0) {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'the names of the columns',
        came: show(columns),
        todo: "Write for example columns: ['origin', 'delay'].",
      })
    }
    const { delimiter, quote } = checkDialect(dialect)
    this.#columns = columns
    this.#delimiter = delimiter
    this.#quote = quote
    this.#needsQuotes = new RegExp(`[${escapeInSet(delimiter)}${escapeInSet(quote)}\\r\\n]`)
    if (header) this.header = this.#line(columns)
  }

  encode(value: T): string {
    const record = value as Readonly<Record<string, unknown>>
    return this.#line(
      this.#columns.map((column) => {
        const field = record?.[column]
        if (field !== undefined) return textOf(field)
        throw new MillraceError('TYPE_MISMATCH', {
          expected: `a record with the field "${column}"`,
          came: show(value),
          todo: 'Leave the column out, or map the record before the sink; for an empty field, to null.',
        })
      }),
    )
  }

  #line(texts: readonly string[]): string {
    const line = texts.map((text) => this.#quoted(text)).join(this.#delimiter)
    // An empty line would be passed over when it is read.
    return line === '' ? `${this.#quote}${this.#quote}\n` : `${line}\n`
  }

  #quoted(text: string): string {
    if (!this.#needsQuotes.test(text)) return text
    const quote = this.#quote
    return `${quote}${text.replaceAll(quote, () => quote + quote)}${quote}`
  }
}

function textOf(field: unknown): string {
  if (field === null) return ''
  if (field instanceof Date) return field.toISOString()
  if (field instanceof Uint8Array) return Buffer.from(field).toString('base64')
  if (field instanceof Decimal) return field.toString()
  if (field instanceof Map) return JSON.stringify(Object.fromEntries(field), plain)
  return typeof field === 'object' ? JSON.stringify(field, plain) : String(field)
}

function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  const isArray = ArrayBuffer.isView(value) && !(value instanceof DataView)
  return value instanceof Set || isArray ? Array.from(value as Iterable<unknown>) : value
}

function escapeInSet(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
