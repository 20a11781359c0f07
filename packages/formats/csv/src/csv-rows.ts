import { parse } from 'csv-parse/sync'
import type { CheckedDialect } from './csv-dialect.ts'
import type { CsvRecordFinder } from './csv-record-finder.ts'

/** One record on its way: found, then taken apart into fields, or refused. */
export class CsvRow {
  readonly text: string
  readonly line: number
  readonly hasQuote: boolean
  /** The boundary after it. */
  readonly endOffset: number
  readonly endLineCount: number
  fields: readonly string[] = []
  problem: string | undefined

  constructor(finder: CsvRecordFinder, text: string, problem?: string) {
    this.text = text
    this.line = finder.line
    this.hasQuote = finder.hasQuote
    this.endOffset = finder.offset
    this.endLineCount = finder.lineCount
    this.problem = problem
  }
}

/**
 * Takes rows apart, all at once. A record without quotes is split at its delimiters; the others go to csv-parse
 * together, since a call of it costs more than a record.
 */
export function parseRows(rows: readonly CsvRow[], dialect: CheckedDialect): void {
  const quoted: CsvRow[] = []
  for (const row of rows) {
    if (row.problem !== undefined) continue
    if (row.hasQuote) quoted.push(row)
    else row.fields = row.text.split(dialect.delimiter)
  }
  if (quoted.length > 0) parseQuoted(quoted, dialect)
}

function parseQuoted(rows: readonly CsvRow[], dialect: CheckedDialect): void {
  try {
    // Joined by CRLF: a row may end with a CR of its own, which a LF alone would turn into a line end.
    const parsed = parseText(rows.map((row) => row.text).join('\r\n'), dialect)
    if (parsed.length === rows.length) {
      rows.forEach((row, index) => {
        row.fields = parsed[index] as string[]
      })
      return
    }
  } catch {
    // One of them is malformed; the loop below finds out which and why.
  }
  for (const row of rows) parseOne(row, dialect)
}

function parseOne(row: CsvRow, dialect: CheckedDialect): void {
  try {
    row.fields = parseText(row.text, dialect)[0] ?? []
  } catch (error) {
    row.problem = problemOf(error)
  }
}

function parseText(text: string, { delimiter, quote }: CheckedDialect): string[][] {
  return parse(text, {
    delimiter,
    quote,
    escape: quote,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
  })
}

/** The reason without the position, which csv-parse counts from the text it was given. */
function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return PROBLEMS[code] ?? (error instanceof Error ? error.message : String(error))
}

const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field does not end',
  CSV_INVALID_CLOSING_QUOTE: 'text after the closing quote of a field',
  INVALID_OPENING_QUOTE: 'a quote in the middle of a field that does not begin with one',
}
