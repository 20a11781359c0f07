// The hash that places keys. It decides which subtask owns a key and lies in every checkpoint, so it is the same in
// every process and must never change: MurmurHash3 (x86, 32 bits) with seeds that keep the kinds of key apart.
//
//   number   small integers: the final mix of the integer; others: the two words of the double
//   string   its UTF-16 units, two a block
//   bigint   its decimal text
//   boolean  the final mix of a constant

import { MillraceError, show } from '../errors/millrace-error.ts'
import type { Key } from '../functions/functions.ts'

/**
 * Hashes a key to a signed 32-bit integer. `-0` hashes like `0`. The key is one that {@link assertKey} lets pass.
 *
 * @example
 * ```ts
 * import { hashKey } from '@millrace/core'
 *
 * console.log(hashKey('SFO') === hashKey('SFO')) // true
 * ```
 */
export function hashKey(key: Key): number {
  if (typeof key === 'number') return (key | 0) === key ? finalMix(key | 0) : hashDouble(key)
  if (typeof key === 'string') return hashText(key, STRING_SEED)
  if (typeof key === 'boolean') return finalMix(key ? TRUE_SEED : FALSE_SEED)
  return hashText(String(key), BIGINT_SEED)
}

/** The key group of a key, from 0 to `maxParallelism - 1`. */
export function keyGroupOf(key: Key, maxParallelism: number): number {
  const hash = hashKey(key)
  // The rest of a division by a power of two, as which 128 is the default, without dividing: that costs three times the hash.
  const mask = maxParallelism - 1
  return (maxParallelism & mask) === 0 ? hash & mask : (hash >>> 0) % maxParallelism
}

/**
 * Refuses what cannot be a key: a key selector calls it on what the user's function returned.
 *
 * @throws MillraceError `KEY_INVALID`
 */
export function assertKey(key: unknown): asserts key is Key {
  if (typeof key === 'string') return
  if (typeof key === 'number' && key - key === 0) return
  if (typeof key === 'boolean' || typeof key === 'bigint') return
  throw invalidKey(key)
}

const STRING_SEED = 0x5bd1e995 | 0
const BIGINT_SEED = 0x1b873593 | 0
const DOUBLE_SEED = 0x2545f491 | 0
const TRUE_SEED = 1231
const FALSE_SEED = 1237

const C1 = 0xcc9e2d51 | 0
const C2 = 0x1b873593 | 0

const double = new Float64Array(1)
const doubleWords = new Int32Array(double.buffer)

function hashDouble(value: number): number {
  double[0] = value
  let hash = mixBlock(DOUBLE_SEED, doubleWords[0] as number)
  hash = mixBlock(hash, doubleWords[1] as number)
  return finalMix(hash ^ 8)
}

function hashText(text: string, seed: number): number {
  const { length } = text
  const even = length & ~1
  let hash = seed
  for (let index = 0; index < even; index += 2) {
    hash = mixBlock(hash, text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16))
  }
  if (even < length) hash ^= mixWord(text.charCodeAt(even))
  return finalMix(hash ^ (length << 1))
}

function mixBlock(hash: number, word: number): number {
  const mixed = hash ^ mixWord(word)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function mixWord(word: number): number {
  const mixed = Math.imul(word, C1)
  return Math.imul((mixed << 15) | (mixed >>> 17), C2)
}

/** Spreads every bit of the input over all bits of the answer. */
function finalMix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function invalidKey(key: unknown): MillraceError {
  return new MillraceError('KEY_INVALID', {
    expected: 'a string, a finite number, a boolean or a bigint as key',
    came: show(key),
    todo:
      typeof key === 'object' && key !== null
        ? 'For a composite key return a string such as `${a}|${b}`.'
        : 'Give records without a key a key of their own, or filter them out before keyBy; for a composite key return a string such as `${a}|${b}`.',
  })
}
