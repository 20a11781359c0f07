// File names made of what users chose. An operator uid may hold any character and any number of them; a file
// name may not, and some file systems do not tell `A` from `a`. So all but a-z, 0-9, `_` and `-` is written as
// the %xx of its UTF-8 bytes, and a name that would be too long is cut and ends in hashes of the whole.

import { crc32 } from 'node:zlib'
import { hashKey } from '@millrace/core'

// Most file systems stop at 255 bytes. A uid, a slot, two dots and a subtask of 5 digits stay below.
const UID_CHARACTERS_MAX = 160
const SLOT_CHARACTERS_MAX = 64
const HASHES_CHARACTERS = 18

/** Whose bytes a state file holds. */
export interface StateFileOwner {
  readonly uid: string
  readonly subtaskIndex: number
  readonly slot: string
}

/**
 * The name of the file of one slot of one operator subtask; differs between any two of a checkpoint.
 *
 * @example
 * ```ts
 * import { stateFileName } from '@millrace/checkpoint'
 *
 * console.log(stateFileName({ uid: 'count words', subtaskIndex: 0, slot: 'keyed' })) // count%20words.0.keyed
 * ```
 */
export function stateFileName({ uid, subtaskIndex, slot }: StateFileOwner): string {
  const safeUid = fileNamePart(uid, UID_CHARACTERS_MAX)
  return `${safeUid}.${subtaskIndex}.${fileNamePart(slot, SLOT_CHARACTERS_MAX)}`
}

function fileNamePart(text: string, charactersMax: number): string {
  const safe = text.replace(/[^a-z0-9_-]/gu, percentEncoded)
  if (safe.length <= charactersMax) return safe
  const hashes = `${hex(hashKey(text))}~${hex(crc32(text))}`
  return `${safe.slice(0, charactersMax - HASHES_CHARACTERS)}~${hashes}`
}

function percentEncoded(character: string): string {
  // Half a surrogate pair has no UTF-8 form; it keeps its UTF-16 code.
  if (/\p{Surrogate}/u.test(character)) return `%u${character.charCodeAt(0).toString(16)}`
  return Array.from(
    Buffer.from(character, 'utf8'),
    (byte) => `%${byte.toString(16).padStart(2, '0')}`,
  ).join('')
}

function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, '0')
}
