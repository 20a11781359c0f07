import { assert } from '../errors/millrace-error.ts'

/** One growable `ArrayBuffer` with the views that frames are read and written through. */
export class FrameBuffer {
  buffer: ArrayBuffer
  i32!: Int32Array
  f64!: Float64Array
  u16!: Uint16Array
  bytes!: Buffer
  // Few types need these two: they are made when one does.
  #f32: Float32Array | undefined
  #i64: BigInt64Array | undefined

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer
    this.#view()
  }

  /** The words of `i32`, as floats. */
  get f32(): Float32Array {
    this.#f32 ??= new Float32Array(this.buffer, 0, this.buffer.byteLength >> 2)
    return this.#f32
  }

  /** The words of `f64`, as bigints. */
  get i64(): BigInt64Array {
    this.#i64 ??= new BigInt64Array(this.buffer, 0, this.buffer.byteLength >> 3)
    return this.#i64
  }

  /** Makes room for `byteLength` bytes in all, less than 2 GiB; what was written stays. */
  ensureCapacity(byteLength: number): void {
    if (byteLength <= this.buffer.byteLength) return
    assert(byteLength <= FRAME_BUFFER_BYTES_MAX, 'frames are flushed before they take 2 GiB')
    const wanted = Math.max(byteLength, this.buffer.byteLength * 2)
    const grown = new ArrayBuffer(Math.min(Math.ceil(wanted / 8) * 8, FRAME_BUFFER_BYTES_MAX))
    new Uint8Array(grown).set(new Uint8Array(this.buffer))
    this.buffer = grown
    this.#view()
  }

  /** The number of records in the frame at byte `offset`. */
  countAt(offset: number): number {
    return this.i32[(offset >> 2) + 1] as number
  }

  #view(): void {
    const { buffer } = this
    this.i32 = new Int32Array(buffer, 0, buffer.byteLength >> 2)
    this.f64 = new Float64Array(buffer, 0, buffer.byteLength >> 3)
    this.u16 = new Uint16Array(buffer, 0, buffer.byteLength >> 1)
    this.bytes = Buffer.from(buffer)
    this.#f32 = undefined
    this.#i64 = undefined
  }
}

/** Offsets within a frame are 32-bit integers. */
const FRAME_BUFFER_BYTES_MAX = 2 ** 31 - 8
