// Fresh random text, cheap: the strings of many records are written as bytes into one buffer, the buffer
// becomes one JavaScript string, and each field is a `substring` of it. One call into C++ a block replaces one a
// string.
//
//   |wv kq itam...|ozqplmxw bbtr w...|kqjvxkqjv...|wv kq ...
//    itemName      description        extra        itemName of the next auction
//
// Every string starts at a multiple of eight bytes and leaves the rest of its last word unused.
//
// V8 makes a substring of 13 or more characters a view into the block: whoever keeps a few of these strings for
// long keeps their whole blocks, as with strings out of a decoded frame.

import {
  GROUP_LETTERS,
  LETTERS,
  LETTERS_AND_SPACES,
  SPARE_WORDS,
  writeGroups,
} from './letter-groups.ts'

/** Words of eight bytes: 16 KiB, some 35 auctions, as in the blocks of bids. */
const WORDS = 2048

/**
 * A block is written, sealed and then taken from, in this order and as often as wished: `clear`, strings while
 * `hasRoom`, `seal`, one `take` for each string in the order of writing.
 */
export class TextBlock {
  readonly #words = new Float64Array(WORDS + SPARE_WORDS)
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
    this.#text = this.#bytes.toString('latin1', 0, this.#wordCount * GROUP_LETTERS)
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

  #write(groups: Float64Array, length: number, state: number): void {
    const start = this.#wordCount
    const end = start + ((length + 7) >> 3)
    writeGroups(groups, this.#words, start, end, state)
    const at = this.#boundCount
    this.#bounds[at] = start * GROUP_LETTERS
    this.#bounds[at + 1] = start * GROUP_LETTERS + length
    this.#boundCount = at + 2
    this.#wordCount = end
  }
}
