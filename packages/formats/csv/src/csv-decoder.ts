import {
  checkRestored,
  malformedReason,
  type DecoderState,
  type JsonValue,
  type MalformedRecord,
  MALFORMED_TEXT_CHARS_MAX,
  MillraceError,
  RECORD_BYTES_MAX,
  type RecordDecoder,
} from '@millrace/core'
import type { CheckedDialect } from './csv-dialect.ts'
import { CsvRecordFinder } from './csv-record-finder.ts'
import { CsvRow, parseRows } from './csv-rows.ts'
import type { RowReader } from './row-reader.ts'

/** How many records are taken apart at once; enough to make the cost of a call of csv-parse small. */
const ROWS_PER_BATCH = 256

/** What a decoder is made of. */
export interface CsvDecoderInit<T> {
  readonly dialect: CheckedDialect
  readonly header: boolean | readonly string[]
  readonly reader: RowReader<T>
}

/**
 * Decodes CSV. The names of a header record are part of the decoder's state, so that it can go on in the middle
 * of a file. A header that does not fit the type is malformed and ends the input.
 */
export class CsvDecoder<T> implements RecordDecoder<T> {
  record!: T
  malformed: MalformedRecord | undefined
  readonly #dialect: CheckedDialect
  readonly #finder: CsvRecordFinder
  readonly #reader: RowReader<T>
  readonly #hasHeaderRecord: boolean
  #columns: readonly string[] | undefined
  #isBroken = false
  #rows: CsvRow[] = []
  #rowIndex = 0

  // The boundary after the last record.
  #offset = 0
  #lineCount = 0

  /** @throws MillraceError `OPTION_INVALID` if the given columns do not fit the type */
  constructor({ dialect, header, reader }: CsvDecoderInit<T>) {
    this.#dialect = dialect
    this.#finder = new CsvRecordFinder(dialect)
    this.#reader = reader
    this.#hasHeaderRecord = header === true
    const columns = typeof header === 'boolean' ? reader.columnsByType : header
    if (!this.#hasHeaderRecord && columns !== undefined) this.#useGivenColumns(columns)
  }

  restore({ offset, line, context }: DecoderState): void {
    this.#finder.restore({ offset, line })
    this.#offset = offset
    this.#lineCount = line
    this.#isBroken = context === BROKEN
    if (context === undefined || this.#isBroken) return
    checkRestored(isTexts(context), 'the names of CSV columns', context)
    this.#columns = context
    const problem = this.#reader.setColumns(context)
    checkRestored(problem === undefined, 'the CSV columns that the type asks for', problem)
  }

  feed(bytes: Uint8Array): void {
    this.#finder.feed(bytes)
  }

  finish(): void {
    this.#finder.finish()
  }

  next(): 'record' | 'malformed' | 'need-input' | 'end' {
    if (this.#isBroken) return 'end'
    let row = this.#nextRow()
    if (typeof row === 'string') return row
    if (this.#hasHeaderRecord && this.#columns === undefined) {
      const problem = row.problem ?? this.#reader.setColumns(row.fields)
      if (problem !== undefined) return this.#break(row, problem)
      this.#columns = row.fields
      row = this.#nextRow()
      if (typeof row === 'string') return row
    }
    return this.#decode(row)
  }

  snapshot(): DecoderState {
    const boundary = { offset: this.#offset, line: this.#lineCount }
    if (this.#isBroken) return { ...boundary, context: BROKEN }
    if (!this.#hasHeaderRecord || this.#columns === undefined || this.#offset === 0) return boundary
    return { ...boundary, context: this.#columns }
  }

  #nextRow(): CsvRow | 'need-input' | 'end' {
    const waiting = this.#rows[this.#rowIndex]
    if (waiting === undefined) return this.#findRows()
    this.#rowIndex += 1
    return waiting
  }

  #findRows(): CsvRow | 'need-input' | 'end' {
    const finder = this.#finder
    const rows: CsvRow[] = []
    while (rows.length < ROWS_PER_BATCH) {
      const step = finder.next()
      if (step === 'too-long') rows.push(new CsvRow(finder, finder.excerpt, TOO_LONG))
      else if (step === 'record') {
        const { text } = finder
        if (text !== '') rows.push(new CsvRow(finder, text))
      } else if (rows.length === 0) return step
      else break
    }
    parseRows(rows, this.#dialect)
    this.#rows = rows
    this.#rowIndex = 1
    return rows[0] as CsvRow
  }

  #decode(row: CsvRow): 'record' | 'malformed' {
    this.#offset = row.endOffset
    this.#lineCount = row.endLineCount
    if (row.problem !== undefined) return this.#refuse(row, row.problem)
    const columnCount = this.#columns?.length ?? row.fields.length
    if (row.fields.length !== columnCount) {
      return this.#refuse(row, `expected ${columnCount} fields, got ${row.fields.length}`)
    }
    try {
      this.record = this.#reader.read(row.fields)
      return 'record'
    } catch (error) {
      return this.#refuse(row, malformedReason(error))
    }
  }

  #break(row: CsvRow, problem: string): 'malformed' {
    this.#isBroken = true
    return this.#refuse(row, problem)
  }

  #refuse(row: CsvRow, reason: string): 'malformed' {
    const text = row.text.slice(0, MALFORMED_TEXT_CHARS_MAX)
    this.malformed = { line: row.line, text, reason }
    return 'malformed'
  }

  #useGivenColumns(columns: readonly string[]): void {
    const problem = this.#reader.setColumns(columns)
    this.#columns = columns
    if (problem === undefined) return
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a header with each field of the type once',
      came: problem,
      todo: 'Compare the names of the option header with the fields of the option type.',
    })
  }
}

/** The state behind a header that did not fit. */
const BROKEN = 'broken'

const TOO_LONG = `a record of more than ${RECORD_BYTES_MAX} bytes`

function isTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
