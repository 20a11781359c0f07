// Values without a type go through msgpackr: a column of them is one array, in which records of the same keys share
// one structure. This is the only file that knows the library.
//
// What comes back differently: -0 as 0, a lone surrogate in a string as U+FFFD, a function as undefined, a hole in an
// array as undefined, an instance of a class as a plain object of its fields (so a subclass of Map loses its entries).

import { addExtension, Packr } from 'msgpackr'
import { Decimal } from '../types/decimal.ts'

/** Writes an array of untyped values. The bytes are fresh: the caller owns them. */
export function packValues(values: readonly unknown[]): Uint8Array {
  return packr.pack(values)
}

/**
 * Reads what {@link packValues} wrote. Byte arrays are copied out of `bytes`.
 *
 * @throws Error of any kind when the bytes are damaged; it allocates no more than a multiple of their length.
 */
export function unpackValues(bytes: Uint8Array): unknown {
  return packr.unpack(bytes)
}

// A decimal stays one. The number is ours: it lies in snapshots.
addExtension({
  Class: Decimal,
  type: 0x44,
  write: ({ unscaled, scale }: Decimal) => [unscaled, scale],
  read: ([unscaled, scale]: readonly [bigint, number]) => Decimal.of(unscaled, scale),
})

const packr = new Packr({
  useRecords: true,
  mapsAsObjects: false,
  moreTypes: true,
  useBigIntExtension: true,
  copyBuffers: true,
  // A class with a toJSON would come back as whatever that makes; its fields are what a record is.
  useToJSON: false,
  // Without references between values there are no cycles to follow and no small bytes that make big values.
  structuredClone: false,
} as ConstructorParameters<typeof Packr>[0])
