// Finds the elements of one top-level JSON array in a stream of bytes, without parsing them:
//
//   start ── [ ──> element ──┬── , ──> element …
//                            └── ] ──> after ── nothing but space ──> end
//   any of them ── what cannot be mended ──> broken
//
// Inside an element only strings and the depth of brackets are followed; whether it is JSON is for the parser
// to say. So an element with a mistake in it ends, as a rule, at its own comma, and the next one is found.

import {
  ByteWindow,
  checkRestored,
  type DecoderState,
  type JsonValue,
  RECORD_BYTES_MAX,
} from '@millrace/core'

/**
 * What the scanner came to. `'malformed'` is an element that is too long, and the scan goes on behind it, or a
 * place where it cannot go on: the step after it is `'end'`.
 */
export type ArrayStep = 'element' | 'malformed' | 'need-input' | 'end'

type Phase = 'start' | 'element' | 'after' | 'broken'

/** Finds the elements of one top-level array. */
export class ArrayScanner {
  /** The line on which the element, or the malformed text, begins; from 1. */
  line = 0
  /** Why the last step was `'malformed'`. */
  problem = ''
  readonly #window: ByteWindow = new ByteWindow()
  readonly #elementBytesMax: number
  #phase: Phase = 'start'
  #isFinished = false
  /** Line feeds before the place where the scan stands. */
  #lineFeeds = 0

  // How far the element at the window's start is scanned, and what it is inside of there.
  #scanned = 0
  #depth = 0
  #isInString = false
  #isEscaped = false
  /** Whether an element must come here, because a comma came before. */
  #isElementDue = false
  /** The beginning of an element that is too long and whose bytes are dropped until it ends. */
  #dropping: string | undefined

  // The last element given.
  #from = 0
  #to = 0
  #malformedExcerpt: string | undefined

  // The boundary after it.
  #offset = 0
  #lineOfOffset = 0
  #phaseOfOffset: Phase = 'start'

  constructor(elementBytesMax: number = RECORD_BYTES_MAX) {
    this.#elementBytesMax = elementBytesMax
  }

  /** The boundary after the last element. */
  get boundary(): DecoderState {
    return { offset: this.#offset, line: this.#lineOfOffset, context: this.#phaseOfOffset }
  }

  /** Goes on after an element; the bytes fed next must start at this offset. */
  restore({ offset, line, context = 'start' }: DecoderState): void {
    checkRestored(isPhase(context), 'a phase of a JSON array decoder', context)
    this.#window.reset(offset)
    this.#offset = offset
    this.#lineOfOffset = line
    this.#lineFeeds = line
    this.#phaseOfOffset = context
    this.#phase = context
    this.#isElementDue = context === 'element'
  }

  feed(bytes: Uint8Array): void {
    this.#window.feed(bytes)
  }

  /** No more bytes will come. */
  finish(): void {
    this.#isFinished = true
  }

  /** Moves to the next element. */
  next(): ArrayStep {
    switch (this.#phase) {
      case 'start':
        return this.#enterArray()
      case 'element':
        return this.#nextElement()
      case 'after':
        return this.#expectNothing()
      case 'broken':
        return 'end'
    }
  }

  /** The text of the element. */
  get text(): string {
    return this.#window.text(this.#from, this.#to)
  }

  /** The beginning of the element or of the malformed text, for an error message. */
  get excerpt(): string {
    return this.#malformedExcerpt ?? this.#window.excerpt(this.#from, this.#to)
  }

  #enterArray(): ArrayStep {
    const window = this.#window
    if (window.positionOf(window.start) === 0) {
      if (window.end < BYTE_ORDER_MARK_BYTES && !this.#isFinished) return 'need-input'
      if (window.hasByteOrderMark(window.start)) window.start += BYTE_ORDER_MARK_BYTES
    }
    const byte = this.#skipSpace()
    if (byte === undefined && !this.#isFinished) return 'need-input'
    this.line = this.#lineFeeds + 1
    if (byte !== OPEN_BRACKET) {
      return this.#break(
        byte === undefined
          ? 'expected a JSON array, but the input is empty'
          : 'expected a JSON array, which starts with "["; one value a line is the format jsonLines',
      )
    }
    window.start += 1
    this.#phase = 'element'
    return this.#nextElement()
  }

  #nextElement(): ArrayStep {
    if (this.#scanned === 0 && this.#dropping === undefined) {
      const byte = this.#skipSpace()
      this.line = this.#lineFeeds + 1
      if (byte === CLOSE_BRACKET && !this.#isElementDue) {
        this.#setBoundary(this.#window.start, 'after')
        return this.#expectNothing()
      }
    }
    const delimiter = this.#scan()
    return delimiter === -1 ? this.#waitForDelimiter() : this.#give(delimiter)
  }

  /** The index of the comma or bracket that ends the element, or -1 if it is not there yet. */
  #scan(): number {
    const { bytes, start, end } = this.#window
    let depth = this.#depth
    let isInString = this.#isInString
    let isEscaped = this.#isEscaped
    for (let index = start + this.#scanned; index < end; index++) {
      const byte = bytes[index] as number
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (byte === QUOTE) isInString = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === LINE_FEED) this.#lineFeeds += 1
        continue
      }
      switch (BYTE_KINDS[byte]) {
        case IS_QUOTE:
          isInString = true
          break
        case IS_OPENING:
          depth += 1
          break
        case IS_CLOSING:
          if (depth === 0 && byte === CLOSE_BRACKET) return index
          if (depth > 0) depth -= 1
          break
        case IS_COMMA:
          if (depth === 0) return index
          break
        case IS_LINE_FEED:
          this.#lineFeeds += 1
          break
        default:
      }
    }
    this.#depth = depth
    this.#isInString = isInString
    this.#isEscaped = isEscaped
    this.#scanned = end - start
    return -1
  }

  #give(delimiter: number): ArrayStep {
    const window = this.#window
    this.#from = window.start
    this.#to = delimiter
    const isTooLong =
      this.#dropping !== undefined || delimiter - window.start > this.#elementBytesMax
    this.#malformedExcerpt = this.#dropping
    this.#setBoundary(delimiter, window.bytes[delimiter] === COMMA ? 'element' : 'after')
    if (!isTooLong) return 'element'
    this.problem = `an element of more than ${this.#elementBytesMax} bytes`
    return 'malformed'
  }

  #waitForDelimiter(): ArrayStep {
    const window = this.#window
    if (this.#isFinished) return this.#break('the array does not end: "]" is missing')
    if (this.#scanned > this.#elementBytesMax) {
      this.#dropping ??= window.excerpt(window.start, window.end)
      window.start = window.end
      this.#scanned = 0
    }
    return 'need-input'
  }

  #expectNothing(): ArrayStep {
    if (this.#skipSpace() === undefined) return this.#isFinished ? 'end' : 'need-input'
    this.line = this.#lineFeeds + 1
    return this.#break('text after the end of the array')
  }

  /** Passes over the byte at `delimiter`; what comes behind it is a new beginning. */
  #setBoundary(delimiter: number, phase: 'element' | 'after'): void {
    const window = this.#window
    window.start = delimiter + 1
    this.#offset = window.positionOf(window.start)
    this.#lineOfOffset = this.#lineFeeds
    this.#phaseOfOffset = phase
    this.#phase = phase
    this.#isElementDue = phase === 'element'
    this.#scanned = 0
    this.#depth = 0
    this.#isInString = false
    this.#isEscaped = false
    this.#dropping = undefined
  }

  #break(problem: string): ArrayStep {
    const window = this.#window
    this.problem = problem
    this.#malformedExcerpt = this.#dropping ?? window.excerpt(window.start, window.end)
    this.#phase = 'broken'
    this.#phaseOfOffset = 'broken'
    return 'malformed'
  }

  /** The first byte that is no white space, not yet passed over; `undefined` if there is none (yet). */
  #skipSpace(): number | undefined {
    const window = this.#window
    const { bytes } = window
    for (; window.start < window.end; window.start++) {
      const byte = bytes[window.start] as number
      if (byte === LINE_FEED) this.#lineFeeds += 1
      else if (byte !== SPACE && byte !== TAB && byte !== CARRIAGE_RETURN) return byte
    }
    return undefined
  }
}

function isPhase(value: JsonValue): value is Phase {
  return value === 'start' || value === 'element' || value === 'after' || value === 'broken'
}

const BYTE_ORDER_MARK_BYTES = 3
const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d

// Most bytes mean nothing to the scanner: one look into a table says so.
const IS_QUOTE = 1
const IS_OPENING = 2
const IS_CLOSING = 3
const IS_COMMA = 4
const IS_LINE_FEED = 5
const BYTE_KINDS = new Uint8Array(256)
BYTE_KINDS[QUOTE] = IS_QUOTE
BYTE_KINDS[OPEN_BRACKET] = IS_OPENING
BYTE_KINDS['{'.charCodeAt(0)] = IS_OPENING
BYTE_KINDS[CLOSE_BRACKET] = IS_CLOSING
BYTE_KINDS['}'.charCodeAt(0)] = IS_CLOSING
BYTE_KINDS[COMMA] = IS_COMMA
BYTE_KINDS[LINE_FEED] = IS_LINE_FEED
