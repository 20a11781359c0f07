import { ByteWindow, RECORD_BYTES_MAX } from './byte-window.ts'
import type { DecoderState } from './format.ts'

/** What the next line is: there, passed over because of its length, or not there (yet). */
export type LineStep = 'line' | 'too-long' | 'need-input' | 'end'

/**
 * Splits bytes into lines, for decoders of line formats. A line ends with LF or CRLF, the last one perhaps
 * with nothing; a byte order mark before the first is passed over. Positions are exact to the byte.
 */
export class LineSplitter {
  readonly #window: ByteWindow = new ByteWindow()
  readonly #lineBytesMax: number
  /** The text of the line that `next` gave lies between these two. */
  #from = 0
  #to = 0
  /** How many of the unread bytes are known to hold no line end. */
  #scanned = 0
  /** The beginning of a line that is too long and whose bytes are dropped until it ends. */
  #dropping: string | undefined
  /** The beginning of the line that `next` gave as too long. */
  #tooLong: string | undefined
  #isFinished = false
  #offset = 0
  #line = 0

  constructor(lineBytesMax: number = RECORD_BYTES_MAX) {
    this.#lineBytesMax = lineBytesMax
  }

  /** Bytes before the end of the last line that `next` gave. */
  get offset(): number {
    return this.#offset
  }

  /** The number of the last line that `next` gave, from 1; 0 before the first. */
  get line(): number {
    return this.#line
  }

  /** Goes on after a line; the bytes fed next must start at this offset. */
  restore(state: DecoderState): void {
    this.#window.reset(state.offset)
    this.#offset = state.offset
    this.#line = state.line
  }

  feed(bytes: Uint8Array): void {
    this.#window.feed(bytes)
  }

  /** No more bytes will come. */
  finish(): void {
    this.#isFinished = true
  }

  next(): LineStep {
    const window = this.#window
    const lineFeed = window.bytes.indexOf(LINE_FEED, window.start + this.#scanned)
    if (lineFeed !== -1) return this.#give(lineFeed, lineFeed + 1)
    if (this.#isFinished) {
      const hasRest = window.start < window.end || this.#dropping !== undefined
      return hasRest ? this.#give(window.end, window.end) : 'end'
    }
    this.#scanned = window.end - window.start
    if (this.#scanned > this.#lineBytesMax) {
      this.#dropping ??= window.excerpt(window.start, window.end)
      window.start = window.end
      this.#scanned = 0
    }
    return 'need-input'
  }

  /** The text of the line, without its end. */
  get text(): string {
    return this.#window.text(this.#from, this.#to)
  }

  /** The beginning of the line, for an error message. */
  get excerpt(): string {
    return this.#tooLong ?? this.#window.excerpt(this.#from, this.#to)
  }

  /** Whether the line holds nothing but spaces and tabs. */
  get isBlank(): boolean {
    const { bytes } = this.#window
    for (let index = this.#from; index < this.#to; index++) {
      const byte = bytes[index]
      if (byte !== SPACE && byte !== TAB) return false
    }
    return true
  }

  #give(textEnd: number, lineEnd: number): LineStep {
    const window = this.#window
    const isFirst = this.#offset === 0
    this.#from = window.start + (isFirst && window.hasByteOrderMark(window.start) ? 3 : 0)
    this.#to = textEnd
    if (textEnd > this.#from && window.bytes[textEnd - 1] === CARRIAGE_RETURN) this.#to -= 1
    const isTooLong = this.#dropping !== undefined || lineEnd - window.start > this.#lineBytesMax
    this.#tooLong = isTooLong ? (this.#dropping ?? window.excerpt(this.#from, this.#to)) : undefined
    this.#dropping = undefined
    window.start = lineEnd
    this.#scanned = 0
    this.#offset = window.positionOf(lineEnd)
    this.#line += 1
    return isTooLong ? 'too-long' : 'line'
  }
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const TAB = 0x09
