/** One growable `ArrayBuffer` with the views that frames are read and written through. */
export class FrameBuffer {
  buffer: ArrayBuffer
  i32!: Int32Array
  f64!: Float64Array
  u16!: Uint16Array
  bytes!: Buffer

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer
    this.#view()
  }

  /** Makes room for `byteLength` bytes in all; what was written stays. */
  ensureCapacity(byteLength: number): void {
    if (byteLength <= this.buffer.byteLength) return
    const grown = new ArrayBuffer(Math.max(byteLength + 7, this.buffer.byteLength * 2) & ~7)
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
  }
}
