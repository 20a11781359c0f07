// What is fuzzed: a function that reads bytes from outside, inputs that it accepts, and the errors it may answer.
// The promise of every target is that of docs/design/0029-hostile-bytes.md.

import type { SeededRandom } from '@millrace/testing'
import type { ErrorCode } from 'millrace'

/** Something that reads bytes. */
export interface FuzzTarget {
  readonly name: string
  /** Inputs that are read without an error; mutation starts from them. The same each time. */
  readonly seeds: () => readonly Uint8Array[]
  /**
   * Changes what the bytes say rather than the bytes: a field of the JSON in them, say. Answers whole bytes, with the right
   * lengths and checksums. Left out where changing bytes says enough.
   */
  readonly mutate?: (bytes: Uint8Array, random: SeededRandom) => Uint8Array
  /** Makes lengths and checksums right again, so that what lies behind them is reached. Done to half of the inputs. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array
  /** Reads the input and answers what is in it, or throws a `MillraceError`. Anything else it throws is a failure. */
  readonly read: (bytes: Uint8Array) => unknown
  /** What came out, in a few words: values of another description are kept. Default: one description for all. */
  readonly describe?: (value: unknown) => string
  /** The only codes it may throw. */
  readonly codes: readonly ErrorCode[]
  /** How much one byte of input may become, see `weightOf`. Default: {@link WEIGHT_PER_BYTE}. */
  readonly weightPerByte?: number
}

/** Enough for any honest format: an empty record or array of one byte is an object of some words. */
export const WEIGHT_PER_BYTE = 16

/** What small inputs may become beyond that: an empty snapshot is a handful of objects. */
export const WEIGHT_FREE = 4096

/**
 * About how much memory a value takes, in bytes and words: what a decoder has built. Text that lies in another text is counted
 * as if it were a copy, so overlapping parts are seen.
 */
export function weightOf(root: unknown): number {
  const waiting: unknown[] = [root]
  let weight = 0
  while (waiting.length > 0) {
    const value = waiting.pop()
    weight += 1
    if (typeof value === 'string') weight += value.length
    else if (typeof value === 'bigint') weight += value.toString(16).length / 2
    else if (ArrayBuffer.isView(value)) weight += value.byteLength
    else if (value instanceof ArrayBuffer) weight += value.byteLength
    else if (value instanceof Map) {
      for (const [key, entry] of value) waiting.push(key, entry)
    } else if (Array.isArray(value) || value instanceof Set) {
      // The length and not the elements: holes take memory too.
      weight += Array.isArray(value) ? value.length : value.size
      for (const element of value.values()) waiting.push(element)
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) waiting.push(part)
    }
  }
  return weight
}
