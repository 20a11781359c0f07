// The unread part of a byte stream in one piece, for decoders that look for record boundaries.
//
//   bytes  [ read ........ | start   unread .............. end ]
//          ^ stream position = positionOf(0)

/** A record longer than this is malformed: it would not fit the memory that a task plans with. */
export const RECORD_BYTES_MAX: number = 64 * 1024 * 1024

/** The text of a malformed record is cut to this. */
export const MALFORMED_TEXT_CHARS_MAX: number = 200

/**
 * Holds fed bytes until they are read. A chunk that arrives when all before it is read is used in place, so
 * fed bytes must not be changed afterwards. `feed` may move the bytes: keep positions relative to `start`.
 */
export class ByteWindow {
  /** Up to the last byte fed. */
  bytes: Buffer = EMPTY
  /** The first unread byte. Whoever reads moves it. */
  start = 0
  /** What `bytes` is the first part of, if it is ours and has room for more. */
  #storage: Buffer = EMPTY
  #position = 0

  get end(): number {
    return this.bytes.length
  }

  /** Empties the window; the next byte fed is the one at this stream position. */
  reset(position: number): void {
    this.bytes = EMPTY
    this.start = 0
    this.#storage = EMPTY
    this.#position = position
  }

  /** The stream position of `bytes[index]`. */
  positionOf(index: number): number {
    return this.#position + index
  }

  feed(chunk: Uint8Array): void {
    const unread = this.end - this.start
    if (unread === 0) {
      this.#storage = EMPTY
      this.#replace(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      return
    }
    if (this.end + chunk.byteLength > this.#storage.byteLength) this.#makeRoom(unread, chunk)
    const end = this.end + chunk.byteLength
    this.#storage.set(chunk, this.end)
    this.bytes = this.#storage.subarray(0, end)
  }

  /** The text between two positions. */
  text(from: number, to: number): string {
    return this.bytes.toString('utf8', from, to)
  }

  /** The beginning of the text between two positions, for an error message. */
  excerpt(from: number, to: number): string {
    const bytesMax = MALFORMED_TEXT_CHARS_MAX * 4
    return this.text(from, Math.min(to, from + bytesMax)).slice(0, MALFORMED_TEXT_CHARS_MAX)
  }

  /** Whether the byte order mark stands at this position; it means nothing in UTF-8 and is passed over. */
  hasByteOrderMark(index: number): boolean {
    const { bytes } = this
    return bytes[index] === 0xef && bytes[index + 1] === 0xbb && bytes[index + 2] === 0xbf
  }

  // A rest longer than a chunk is a long record that grows: doubling keeps the copying linear.
  #makeRoom(unread: number, chunk: Uint8Array): void {
    const length = unread + chunk.byteLength
    const storage = Buffer.allocUnsafeSlow(unread < chunk.byteLength ? length : length * 2)
    this.bytes.copy(storage, 0, this.start)
    this.#storage = storage
    this.#replace(storage.subarray(0, unread))
  }

  #replace(bytes: Buffer): void {
    this.#position += this.start
    this.bytes = bytes
    this.start = 0
  }
}

const EMPTY = Buffer.alloc(0)
