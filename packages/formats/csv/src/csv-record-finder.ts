// Finds where a CSV record ends, without taking it apart: at the first line end that is not inside quotes.
// A quote opens only at the beginning of a field, so that a stray one spoils its own line and not the next.
//
//            delimiter            quote                  quote
//   field start <──> in field     field start ──> quoted ──> after quote ── quote ──> quoted
//                                                            └─ delimiter ──> field start
//   line end: ends the record everywhere except in `quoted`

import { ByteWindow, type DecoderState, RECORD_BYTES_MAX } from '@millrace/core'
import type { CheckedDialect } from './csv-dialect.ts'

/** What the next record is: there, passed over because of its length, or not there (yet). */
export type CsvRecordStep = 'record' | 'too-long' | 'need-input' | 'end'

/** Finds the records of a CSV stream. */
export class CsvRecordFinder {
  /** Bytes before the end of the last record. */
  offset = 0
  /** Line ends before the end of the last record. */
  lineCount = 0
  /** The line on which the last record begins, from 1. */
  line = 0
  /** Whether the last record has a quote anywhere. Without one, it can be split at its delimiters. */
  hasQuote = false
  readonly #window: ByteWindow = new ByteWindow()
  readonly #delimiter: number
  readonly #quote: number
  readonly #recordBytesMax: number
  #isFinished = false

  // How far the record at the window's start is scanned, and where in it that is.
  #scanned = 0
  #place: Place = FIELD_START
  #lineFeeds = 0
  #seesQuote = false
  /** The beginning of a record that is too long and whose bytes are dropped until it ends. */
  #dropping: string | undefined

  // The last record given.
  #from = 0
  #to = 0
  #tooLong: string | undefined

  constructor(dialect: CheckedDialect, recordBytesMax: number = RECORD_BYTES_MAX) {
    this.#delimiter = dialect.delimiter.charCodeAt(0)
    this.#quote = dialect.quote.charCodeAt(0)
    this.#recordBytesMax = recordBytesMax
  }

  /** Goes on after a record; the bytes fed next must start at this offset. */
  restore(state: DecoderState): void {
    this.#window.reset(state.offset)
    this.offset = state.offset
    this.lineCount = state.line
  }

  feed(bytes: Uint8Array): void {
    this.#window.feed(bytes)
  }

  /** No more bytes will come. */
  finish(): void {
    this.#isFinished = true
  }

  next(): CsvRecordStep {
    const window = this.#window
    if (this.offset === 0 && this.#scanned === 0 && !this.#passByteOrderMark()) return 'need-input'
    const lineEnd = this.#scan()
    if (lineEnd !== -1) return this.#give(lineEnd, lineEnd + 1)
    if (this.#isFinished) {
      const hasRest = window.start < window.end || this.#dropping !== undefined
      return hasRest ? this.#give(window.end, window.end) : 'end'
    }
    if (this.#scanned > this.#recordBytesMax) {
      this.#dropping ??= window.excerpt(window.start, window.end)
      window.start = window.end
      this.#scanned = 0
    }
    return 'need-input'
  }

  /** The text of the record, without its line end. */
  get text(): string {
    return this.#window.text(this.#from, this.#to)
  }

  /** The beginning of a record that was too long. */
  get excerpt(): string {
    return this.#tooLong ?? this.#window.excerpt(this.#from, this.#to)
  }

  /** False while it cannot be known yet whether there is one. */
  #passByteOrderMark(): boolean {
    const window = this.#window
    if (window.end < BYTE_ORDER_MARK_BYTES && !this.#isFinished) return false
    if (window.positionOf(window.start) === 0 && window.hasByteOrderMark(window.start)) {
      window.start += BYTE_ORDER_MARK_BYTES
    }
    return true
  }

  /** The index of the line feed that ends the record, or -1 if it is not there yet. */
  #scan(): number {
    const { bytes, start, end } = this.#window
    const delimiter = this.#delimiter
    const quote = this.#quote
    let place = this.#place
    for (let index = start + this.#scanned; index < end; index++) {
      const byte = bytes[index] as number
      if (byte === quote) {
        this.#seesQuote = true
        if (place === FIELD_START || place === AFTER_QUOTE) place = QUOTED
        else if (place === QUOTED) place = AFTER_QUOTE
      } else if (byte === LINE_FEED) {
        this.#lineFeeds += 1
        if (place !== QUOTED) return index
      } else if (place !== QUOTED) {
        place = byte === delimiter ? FIELD_START : IN_FIELD
      }
    }
    this.#place = place
    this.#scanned = end - start
    return -1
  }

  #give(textEnd: number, recordEnd: number): CsvRecordStep {
    const window = this.#window
    this.#from = window.start
    this.#to = textEnd
    const hasLineFeed = textEnd < recordEnd
    if (hasLineFeed && window.bytes[textEnd - 1] === CARRIAGE_RETURN && textEnd > this.#from) {
      this.#to -= 1
    }
    const isTooLong =
      this.#dropping !== undefined || recordEnd - window.start > this.#recordBytesMax
    this.#tooLong = this.#dropping
    this.line = this.lineCount + 1
    this.lineCount += this.#lineFeeds
    this.hasQuote = this.#seesQuote
    window.start = recordEnd
    this.offset = window.positionOf(recordEnd)
    this.#scanned = 0
    this.#place = FIELD_START
    this.#lineFeeds = 0
    this.#seesQuote = false
    this.#dropping = undefined
    return isTooLong ? 'too-long' : 'record'
  }
}

type Place = typeof FIELD_START | typeof IN_FIELD | typeof QUOTED | typeof AFTER_QUOTE

const FIELD_START = 0
const IN_FIELD = 1
const QUOTED = 2
const AFTER_QUOTE = 3

const BYTE_ORDER_MARK_BYTES = 3
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
