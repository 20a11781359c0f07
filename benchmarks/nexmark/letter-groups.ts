// Random letters, four at a time. Text is written as 32-bit words, and a word is one of 1024 groups of four letters
// that were shuffled once: a 32-bit random number is three groups, which is twelve letters.

import { below, step } from './random.ts'

/** How many groups a table has; a power of two, small enough to stay in the first-level cache. */
const GROUPS = 1024

/** Groups of letters, each from a to z with even chances. */
export const LETTERS: Int32Array = shuffledGroups(0)

/** Groups where on average every 13th letter is a space. */
export const LETTERS_AND_SPACES: Int32Array = shuffledGroups(1 / 13)

/** Fixed text as words. Its length must be a multiple of four. */
export function wordsOf(text: string): Int32Array {
  return new Int32Array(new Uint8Array(Buffer.from(text, 'latin1')).buffer)
}

/**
 * Writes random groups to `words[start .. end)`, and up to two words beyond that the caller must not need.
 * Answers the random state after the last number used.
 */
export function writeGroups(
  groups: Int32Array,
  words: Int32Array,
  start: number,
  end: number,
  state: number,
): number {
  for (let at = start; at < end; at += 3) {
    words[at] = groups[state & 1023] as number
    words[at + 1] = groups[(state >>> 10) & 1023] as number
    words[at + 2] = groups[state >>> 22] as number
    state = step(state)
  }
  return state
}

/** A shuffled deck of characters in which each letter has the same share. */
function shuffledGroups(spaceShare: number): Int32Array {
  const deck = Array.from({ length: GROUPS * 4 }, (_, i) =>
    i < GROUPS * 4 * spaceShare ? ' ' : String.fromCharCode(97 + (i % 26)),
  )
  let state = 1
  for (let left = deck.length; left > 1; left--) {
    state = step(state)
    const chosen = below(state, left)
    const last = deck[left - 1] as string
    deck[left - 1] = deck[chosen] as string
    deck[chosen] = last
  }
  return wordsOf(deck.join(''))
}
