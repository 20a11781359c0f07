// The binary blob of a frame. In the order of the tables: first each untyped column of a table, as a u32 length and
// one msgpackr array; then, row after row, its bytes and bigints, whose lengths are in i32 columns. A bigint of 64
// bits is 8 little-endian bytes; a longer one is a sign byte and its magnitude, most significant byte first.

import { MillraceError } from '../errors/millrace-error.ts'
import { packValues, unpackValues } from './untyped-values.ts'

/** Collects the binary values of a frame until its size is known. */
export class BinaryWriter {
  readonly #chunks: Chunk[] = []
  #byteLength = 0

  /** Opens an untyped column; the caller fills it, one value a row, before `finish`. */
  openColumn(): unknown[] {
    const column: unknown[] = []
    this.#chunks.push(column)
    return column
  }

  /** Adds bytes and answers their length. They must not change before `writeTo`. */
  addBytes(value: Uint8Array): number {
    this.#chunks.push(value)
    this.#byteLength += value.length
    return value.length
  }

  /** Adds a bigint and answers how many bytes it takes. */
  addBigint(value: bigint): number {
    return this.addBytes(bigintToBytes(value))
  }

  /**
   * Packs the untyped columns and answers the length of the blob.
   *
   * @throws MillraceError `TYPE_MISMATCH` when msgpackr cannot write a value.
   */
  finish(): number {
    for (let index = 0; index < this.#chunks.length; index++) {
      const column = this.#chunks[index] as Chunk
      if (Array.isArray(column)) {
        const packed = packColumn(column)
        this.#chunks[index] = packed
        this.#byteLength += packed.length
      }
    }
    return this.#byteLength
  }

  /** Copies the blob to `target` from byte `offset`; call `finish` first. */
  writeTo(target: Buffer, offset: number): void {
    let position = offset
    for (const chunk of this.#chunks as Uint8Array[]) {
      target.set(chunk, position)
      position += chunk.length
    }
  }
}

/** Reads the values of a binary blob in the order in which they were written. */
export class BinaryReader {
  readonly #bytes: Buffer
  readonly #end: number
  #position: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#position === this.#end
  }

  /** The next untyped column, which must have `rows` values. */
  column(rows: number): readonly unknown[] {
    const length = this.#bytes.readUInt32LE(this.#take(COLUMN_HEADER_BYTES))
    const start = this.#take(length)
    // A plain view: msgpackr copies byte arrays with the class of its input, and a Buffer would leak into records.
    const packed = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
    const values = unpackValues(packed)
    if (!Array.isArray(values) || values.length !== rows) {
      throw new RangeError(`an untyped column must hold ${rows} values`)
    }
    return values
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    const copy = new Uint8Array(length)
    // A view of the part costs more than copying a few bytes one by one.
    if (length > BYTEWISE_LENGTH_MAX) copy.set(this.#bytes.subarray(start, start + length))
    else for (let index = 0; index < length; index++) copy[index] = this.#bytes[start + index] ?? 0
    return copy
  }

  /** The bigint in the next `length` bytes. */
  bigint(length: number): bigint {
    const start = this.#take(length)
    if (length === 8) return this.#bytes.readBigInt64LE(start)
    if (length < 8) throw new RangeError(`a bigint takes 8 bytes or more, not ${length}`)
    const magnitude = BigInt(`0x${this.#bytes.toString('hex', start + 1, start + length)}`)
    return this.#bytes[start] === 0 ? magnitude : -magnitude
  }

  #take(length: number): number {
    const start = this.#position
    if (length < 0 || length > this.#end - start) {
      throw new RangeError(`${length} bytes of a blob of which ${this.#end - start} are left`)
    }
    this.#position = start + length
    return start
  }
}

type Chunk = Uint8Array | unknown[]

const COLUMN_HEADER_BYTES = 4

/** Measured on bytes of 8 to 256: beyond, the call is cheaper. */
const BYTEWISE_LENGTH_MAX = 48

function packColumn(column: readonly unknown[]): Uint8Array {
  let packed: Uint8Array
  try {
    packed = packValues(column)
  } catch (cause) {
    throw new MillraceError('TYPE_MISMATCH', {
      expected:
        'values of plain data, Map, Set, Date, bytes and bigint without cycles for type any',
      came: cause instanceof Error ? cause.message : String(cause),
      todo: 'Map the records to plain data, or describe them with Types.record.',
      cause,
    })
  }
  const chunk = Buffer.allocUnsafe(COLUMN_HEADER_BYTES + packed.length)
  chunk.writeUInt32LE(packed.length, 0)
  chunk.set(packed, COLUMN_HEADER_BYTES)
  return chunk
}

function bigintToBytes(value: bigint): Uint8Array {
  if (BigInt.asIntN(64, value) === value) {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64LE(value)
    return bytes
  }
  const digits = (value < 0n ? -value : value).toString(16)
  const sign = value < 0n ? '01' : '00'
  return Buffer.from(sign + (digits.length % 2 === 0 ? digits : `0${digits}`), 'hex')
}
