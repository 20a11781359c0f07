// The random text of bids, their `extra`: nine in ten events are bids, so theirs is made with less work than that of a
// `TextBlock`. A block has one slot a bid, all of one size; how much of a slot is used is for its reader to say.

import { GROUP_LETTERS, LETTERS, SPARE_WORDS, writeGroups } from './letter-groups.ts'

/** More than the longest `extra`, 82 characters. */
const SLOT_WORDS = 11
const SLOT_LETTERS = SLOT_WORDS * GROUP_LETTERS

/** 16 kB: larger blocks were measured to be no faster, and keep more memory alive for a kept string. */
const SLOTS = 186

/**
 * A block is written, sealed and then read, in this order and as often as wished: `clear`, one `write` a bid
 * while `hasRoom`, `seal`, and for each bid in the order of writing `extra`, `advance`.
 */
export class BidTexts {
  readonly #words = new Float64Array(SLOTS * SLOT_WORDS + SPARE_WORDS)
  readonly #bytes = Buffer.from(this.#words.buffer)
  #text = ''
  #slotsWritten = 0
  #slotsRead = 0

  clear(): void {
    this.#slotsWritten = 0
    this.#slotsRead = 0
  }

  get hasRoom(): boolean {
    return this.#slotsWritten < SLOTS
  }

  /** Writes the text of one bid. */
  write(state: number): void {
    const slot = this.#slotsWritten++ * SLOT_WORDS
    writeGroups(LETTERS, this.#words, slot, slot + SLOT_WORDS, state)
  }

  /** Turns what was written into text. */
  seal(): void {
    this.#text = this.#bytes.toString('latin1', 0, this.#slotsWritten * SLOT_LETTERS)
  }

  /** Whether all bids have been read. */
  get isEmpty(): boolean {
    return this.#slotsRead === this.#slotsWritten
  }

  /** The first `length` characters of the current bid's extra text. */
  extra(length: number): string {
    const start = this.#slotsRead * SLOT_LETTERS
    return this.#text.substring(start, start + length)
  }

  /** Goes to the next bid. */
  advance(): void {
    this.#slotsRead++
  }
}
