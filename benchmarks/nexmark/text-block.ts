// Fresh random text, cheap: the strings of many records are written as bytes into one buffer, the buffer
// becomes one JavaScript string, and each field is a `substring` of it. One call into C++ a block replaces one a
// string.
//
//   |wv kq itam...|ozqplmxw bbtr w...|kqjvxkqjv...|wv kq ...
//    itemName      description        extra        itemName of the next auction
//
// Every string starts at a multiple of four bytes and leaves the rest of its last word unused.
//
// V8 makes a substring of 13 or more characters a view into the block: whoever keeps a few of these strings for
// long keeps their whole blocks, as with strings out of a decoded frame.

import { LETTERS, LETTERS_AND_SPACES, writeGroups } from './letter-groups.ts'

/** Words of four bytes: 16 KiB, some 35 auctions, as in the blocks of bids. */
const WORDS = 4096

/** {@link writeGroups} may write so many words more than a string has. */
const SPARE_WORDS = 2

/**
 * A block is written, sealed and then taken from, in this order and as often as wished: `clear`, strings while
 * `hasRoom`, `seal`, one `take` for each string in the order of writing.
 */
export class TextBlock {
  readonly #words = new Int32Array(WORDS + SPARE_WORDS)
  readonly #bytes = Buffer.from(this.#words.buffer)
  /** Start and end of each string, in characters. The smallest string is a word. */
  readonly #bounds = new Int32Array(2 * WORDS)
  #text = ''
  #wordCount = 0
  #boundCount = 0
  #taken = 0

  clear(): void {
    this.#wordCount = 0
    this.#boundCount = 0
    this.#taken = 0
  }

  /** Whether strings of `words` words in all can still be written. */
  hasRoom(words: number): boolean {
    return this.#wordCount + words <= WORDS
  }

  /** Writes a string of `length` random letters. */
  writeLetters(length: number, state: number): void {
    this.#write(LETTERS, length, state)
  }

  /** Writes a string of `length` random letters and spaces. */
  writeWords(length: number, state: number): void {
    this.#write(LETTERS_AND_SPACES, length, state)
  }

  /** Turns what was written into text. */
  seal(): void {
    this.#text = this.#bytes.toString('latin1', 0, this.#wordCount * 4)
  }

  /** Whether all strings have been taken. */
  get isEmpty(): boolean {
    return this.#taken === this.#boundCount
  }

  /** The next string, in the order of writing. */
  take(): string {
    const at = this.#taken
    this.#taken = at + 2
    return this.#text.substring(this.#bounds[at] as number, this.#bounds[at + 1] as number)
  }

  #write(groups: Int32Array, length: number, state: number): void {
    const start = this.#wordCount
    const end = start + ((length + 3) >> 2)
    writeGroups(groups, this.#words, start, end, state)
    const at = this.#boundCount
    this.#bounds[at] = start * 4
    this.#bounds[at + 1] = start * 4 + length
    this.#boundCount = at + 2
    this.#wordCount = end
  }
}
