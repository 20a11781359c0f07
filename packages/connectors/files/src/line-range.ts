// Cuts the lines of a byte range out of a file that is read from front to back.
//
//   ... \n a b c \n d e | f \n g h \n i | j \n k        a line belongs to the range in which it begins
//                       ^ offset        ^ end           of this one: "g h" and "i j"
//
// So a range begins behind the first line feed at `offset - 1` or later, and ends with the first one at `end - 1` or later.

const LINE_FEED = 0x0a

/** The bytes of one range, chunk by chunk. */
export class LineRange {
  /** Where the first line of the range begins; `undefined` until it is found. */
  startOffset: number | undefined
  #position: number
  readonly #end: number
  #isOver = false

  constructor({
    offset,
    end = Number.POSITIVE_INFINITY,
    isInside,
  }: {
    readonly offset: number
    readonly end?: number | undefined
    readonly isInside: boolean
  }) {
    this.#end = end
    this.#position = isInside ? offset - 1 : offset
    if (!isInside) this.startOffset = offset
    this.#isOver = !isInside && offset >= end
  }

  /** The byte of the file that the first chunk has to begin with. */
  get readOffset(): number {
    return this.#position
  }

  /** Nothing that follows belongs to the range. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** What of the next chunk belongs to the range. */
  cut(chunk: Uint8Array): Uint8Array {
    let from = 0
    const chunkOffset = this.#position
    this.#position += chunk.byteLength
    if (this.startOffset === undefined) {
      const lineFeed = chunk.indexOf(LINE_FEED)
      if (lineFeed === -1) return EMPTY
      from = lineFeed + 1
      this.startOffset = chunkOffset + from
      if (this.startOffset >= this.#end) {
        this.#isOver = true
        return EMPTY
      }
    }
    const lastAt = Math.max(from, this.#end - 1 - chunkOffset)
    const lineFeed = lastAt < chunk.byteLength ? chunk.indexOf(LINE_FEED, lastAt) : -1
    if (lineFeed === -1) return chunk.subarray(from)
    this.#isOver = true
    return chunk.subarray(from, lineFeed + 1)
  }
}

const EMPTY = new Uint8Array(0)
