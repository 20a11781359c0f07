// Random letters, eight at a time. Text is written as 64-bit words, and a word is one of 1024 groups of eight letters
// that were shuffled once: a 32-bit random number is three groups, which is twenty-four letters.
//
// The words are doubles, because that is how JavaScript moves eight bytes at once. No ASCII text is a NaN, so none
// is changed on the way.

import { below, step } from './random.ts'

const SPACE = 0x20
const SMALL_A = 0x61

/** How many groups a table has; a power of two, small enough to stay in the first-level cache. */
const GROUPS = 1024

/** Letters of a group, which is a word. */
export const GROUP_LETTERS = 8

/** {@link writeGroups} may write so many words beyond its end. */
export const SPARE_WORDS = 2

/** Groups of letters, each from a to z with even chances. */
export const LETTERS: Float64Array = shuffledGroups(0)

/** Groups where on average every 13th letter is a space. */
export const LETTERS_AND_SPACES: Float64Array = shuffledGroups(1 / 13)

/** Writes random groups to `words[start .. end)`, and up to {@link SPARE_WORDS} beyond that the caller must not need. */
export function writeGroups(
  groups: Float64Array,
  words: Float64Array,
  start: number,
  end: number,
  state: number,
): void {
  for (let at = start; at < end; at += 3) {
    words[at] = groups[state & 1023] as number
    words[at + 1] = groups[(state >>> 10) & 1023] as number
    words[at + 2] = groups[state >>> 22] as number
    state = step(state)
  }
}

/** A shuffled deck of characters in which each letter has the same share. */
function shuffledGroups(spaceShare: number): Float64Array {
  const length = GROUPS * GROUP_LETTERS
  const deck = Uint8Array.from({ length }, (_, i) =>
    i < length * spaceShare ? SPACE : SMALL_A + (i % 26),
  )
  let state = 1
  for (let left = length; left > 1; left--) {
    state = step(state)
    const chosen = below(state, left)
    const last = deck[left - 1] as number
    deck[left - 1] = deck[chosen] as number
    deck[chosen] = last
  }
  return new Float64Array(deck.buffer)
}
