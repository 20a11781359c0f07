import {
  checkOptions,
  checkSchema,
  type JsonValue,
  MillraceError,
  parserWithSchema,
  type RecordDecoder,
  type RecordFormat,
  show,
  type StandardSchema,
  type TypeInfo,
} from '@millrace/core'
import { CsvDecoder } from './csv-decoder.ts'
import { type CheckedDialect, checkDialect, type CsvDialect } from './csv-dialect.ts'
import type { CsvFields } from './csv-fields.ts'
import { RowReader } from './row-reader.ts'

/** How CSV is read. */
export interface CsvOptions<T> extends CsvDialect {
  /**
   * A record type. Texts are converted to the types of its fields, which are found by name; an empty text of a
   * nullable field is `null`, and a date without a zone is UTC. Columns that the type does not have are left
   * out. Default: none, records hold texts.
   */
  readonly type?: TypeInfo<T>
  /**
   * Where the names of the columns come from: the first record (`true`, the default), this list, or nowhere
   * (`false`: the columns are the fields of the type in order or, without a type, records are arrays).
   */
  readonly header?: boolean | readonly string[]
  /**
   * Maps the texts of each record; its errors make the record malformed. With a `type` as well, the type checks
   * what `parse` returns.
   */
  readonly parse?: (fields: CsvFields) => T
  /**
   * A schema of zod, valibot, arktype or another library that follows Standard Schema: checks the texts of each record, or
   * what `parse` made of them, and may transform them; what it refuses is malformed. With a `type` as well, the type
   * checks what the schema answers.
   */
  readonly schema?: StandardSchema<T>
}

/**
 * Comma-separated values: RFC 4180, with CRLF or LF. Empty lines are passed over. A record with more or fewer
 * fields than columns is malformed.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example
 * ```ts
 * import { Types } from '@millrace/core'
 * import { csv } from '@millrace/format-csv'
 *
 * const format = csv({ type: Types.record({ origin: Types.string, count: Types.int }) })
 * const decoder = format.createDecoder()
 * decoder.feed(new TextEncoder().encode('origin,destination,count\nABE,ATL,853\n'))
 * console.log(decoder.next(), decoder.record.origin, decoder.record.count + 1) // record ABE 854
 * ```
 */
export function csv<T = CsvFields>(options: CsvOptions<T> = {}): RecordFormat<T> {
  return new CsvFormat(options)
}

class CsvFormat<T> implements RecordFormat<T> {
  readonly name = 'csv'
  readonly type: TypeInfo<T> | undefined
  readonly #dialect: CheckedDialect
  readonly #header: boolean | readonly string[]
  readonly #options: CsvOptions<T>

  constructor(options: CsvOptions<T>) {
    checkOptions('csv', options, ['type', 'header', 'parse', 'schema', 'delimiter', 'quote'])
    if (options.schema !== undefined) checkSchema('the option schema of csv', options.schema)
    this.#dialect = checkDialect(options)
    this.#header = options.header ?? true
    this.#options = options
    this.type = options.type
    checkHeader(this.#header)
    // A type that CSV cannot hold is refused here and not when the first file is read.
    this.createDecoder()
  }

  describe(): JsonValue {
    return {
      name: this.name,
      ...this.#dialect,
      header: this.#header,
      type: (this.type ?? null) as JsonValue,
      hasParse: this.#options.parse !== undefined,
      schema: this.#options.schema?.['~standard'].vendor ?? null,
    }
  }

  createDecoder(): RecordDecoder<T> {
    const { parse, schema } = this.#options
    const reader = new RowReader({ type: this.type, parse: parserWithSchema(parse, schema) })
    return new CsvDecoder({ dialect: this.#dialect, header: this.#header, reader })
  }
}

function checkHeader(header: boolean | readonly string[]): void {
  const isList = Array.isArray(header) && header.every((name) => typeof name === 'string')
  if (typeof header === 'boolean' || (isList && header.length > 0)) return
  throw new MillraceError('OPTION_INVALID', {
    expected: 'true, false or the names of the columns as the header',
    came: show(header),
    todo: "Write for example header: ['origin', 'delay'].",
  })
}
