// The strings of bids: nine in ten events are bids, so theirs are made with less work than those of a `TextBlock`.
// A block has slots of one size, in which the fixed parts of the url are written once and for all; for a bid only
// the random directories, the channel's digits and `extra` are written over.
//
//   |https://www.nexmark.com/|abc/def/ghi/|item.htm?query=1|&channel_id=|1234567890  |kqjvxkqjv...|
//    6 words                  3            4                3            3            21
//    url ------------------------------------------------- ... may end here ... or here  extra
//
// How long url and extra are is for the reader of a slot to say.

import { LETTERS, wordsOf, writeGroups } from './letter-groups.ts'

/** The characters of a url without, and before the digits with, a channel id. */
export const PAGE_LENGTH = 52
export const PAGE_LENGTH_WITH_CHANNEL_ID = 64

const SLOT_WORDS = 40
const DIRECTORIES_AT = 6
const DIGITS_AT = 16
const EXTRA_AT = 19

/** 16 kB: larger blocks were measured to be no faster, and keep more memory alive for a kept string. */
const SLOTS = 100

const TEMPLATE = wordsOf('https://www.nexmark.com/abc/def/ghi/item.htm?query=1&channel_id=')

/** A directory is three letters and a slash: one word. */
const DIRECTORY_LETTERS = wordsOf('\xff\xff\xff\0')[0] as number
const DIRECTORY_SLASH = wordsOf('\0\0\0/')[0] as number

/**
 * A block is written, sealed and then read, in this order and as often as wished: `clear`, one `write` a bid
 * while `hasRoom`, `seal`, and for each bid in the order of writing `url`, `extra`, `advance`.
 */
export class BidTexts {
  readonly #words = new Int32Array(SLOTS * SLOT_WORDS)
  readonly #bytes = Buffer.from(this.#words.buffer)
  #text = ''
  #slotsWritten = 0
  #slotsRead = 0

  constructor() {
    for (let slot = 0; slot < SLOTS; slot++) this.#words.set(TEMPLATE, slot * SLOT_WORDS)
  }

  clear(): void {
    this.#slotsWritten = 0
    this.#slotsRead = 0
  }

  get hasRoom(): boolean {
    return this.#slotsWritten < SLOTS
  }

  /** Writes one bid's text; `digits[digitsAt .. digitsAt + 3)` are the words of the channel's number. */
  write(digits: Int32Array, digitsAt: number, state: number): void {
    const words = this.#words
    const slot = this.#slotsWritten++ * SLOT_WORDS
    const directories = slot + DIRECTORIES_AT
    state = writeGroups(LETTERS, words, directories, directories + 3, state)
    for (let at = directories; at < directories + 3; at++) {
      words[at] = ((words[at] as number) & DIRECTORY_LETTERS) | DIRECTORY_SLASH
    }
    words[slot + DIGITS_AT] = digits[digitsAt] as number
    words[slot + DIGITS_AT + 1] = digits[digitsAt + 1] as number
    words[slot + DIGITS_AT + 2] = digits[digitsAt + 2] as number
    writeGroups(LETTERS, words, slot + EXTRA_AT, slot + SLOT_WORDS, state)
  }

  /** Turns what was written into text. */
  seal(): void {
    this.#text = this.#bytes.toString('latin1', 0, this.#slotsWritten * SLOT_WORDS * 4)
  }

  /** Whether all bids have been read. */
  get isEmpty(): boolean {
    return this.#slotsRead === this.#slotsWritten
  }

  /** The first `length` characters of the current bid's url. */
  url(length: number): string {
    const start = this.#slotsRead * SLOT_WORDS * 4
    return this.#text.substring(start, start + length)
  }

  /** The first `length` characters of the current bid's extra text. */
  extra(length: number): string {
    const start = (this.#slotsRead * SLOT_WORDS + EXTRA_AT) * 4
    return this.#text.substring(start, start + length)
  }

  /** Goes to the next bid. */
  advance(): void {
    this.#slotsRead++
  }
}
