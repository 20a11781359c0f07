// A running hash of all that happens: two lanes of 32 bits that mix the same words in different
// ways (FNV-1a and a multiply-and-shift step as in Murmur). It is made to be cheap and to notice
// any difference between two runs, not to resist an attacker.

/** A hash that grows with what is mixed in. */
export class Digest {
  /** The first lane, 32 bits, signed. */
  left: number = 0x811c9dc5 | 0
  /** The second lane, 32 bits, signed. */
  right: number = 0x2545f491

  /** Mixes one word of 32 bits. */
  mixWord(word: number): void {
    this.left = Math.imul(this.left ^ word, 0x01000193)
    const mixed = Math.imul(this.right ^ word, 0x5bd1e995)
    this.right = mixed ^ (mixed >>> 15)
  }

  /** Mixes any number by its bits. */
  mixNumber(value: number): void {
    numberView[0] = value
    this.mixWord(wordView[0] ?? 0)
    this.mixWord(wordView[1] ?? 0)
  }

  /** Mixes a text and its length. */
  mixText(text: string): void {
    for (let index = 0; index < text.length; index++) this.mixWord(text.charCodeAt(index))
    this.mixWord(~text.length)
  }

  /** Mixes bytes and their number. */
  mixBytes(bytes: Uint8Array): void {
    // Four bytes at a time, which a view can read only where they are aligned.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
    const wordCount = aligned.length >> 2
    const words = new Int32Array(aligned.buffer, aligned.byteOffset, wordCount)
    for (let index = 0; index < wordCount; index++) this.mixWord(words[index] ?? 0)
    for (let index = 4 * wordCount; index < bytes.length; index++) this.mixWord(bytes[index] ?? 0)
    this.mixWord(~bytes.length)
  }

  /**
   * Mixes any value that can be sent in a message: primitives, arrays, plain objects, maps, sets,
   * buffers, dates and errors. An error counts with its name and message only, since its stack
   * differs between machines.
   */
  mixValue(value: unknown, depth: number = 0): void {
    if (typeof value === 'string') this.mixText(value)
    else if (typeof value === 'number') this.mixNumber(value)
    else if (typeof value !== 'object' || value === null) this.mixText(nameOf(value))
    else if (depth > DEPTH_MAX) this.mixWord(depth)
    else this.#mixObject(value, depth + 1)
  }

  /** The hash so far, 16 hexadecimal digits. */
  hex(): string {
    return hexWord(this.left) + hexWord(this.right)
  }

  #mixObject(value: object, depth: number): void {
    if (ArrayBuffer.isView(value)) {
      this.mixBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    } else if (value instanceof ArrayBuffer) {
      this.mixBytes(new Uint8Array(value))
    } else if (value instanceof Error) {
      this.mixText(value.name)
      this.mixText(value.message)
    } else if (value instanceof Date) {
      this.mixNumber(value.getTime())
    } else if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
      for (const item of value) this.mixValue(item, depth)
      this.mixWord(depth)
    } else {
      for (const [name, item] of Object.entries(value)) {
        this.mixText(name)
        this.mixValue(item, depth)
      }
      this.mixWord(~depth)
    }
  }
}

/** A message may hold itself; what is deeper counts only by its depth. */
const DEPTH_MAX = 16

const numberView = new Float64Array(1)
const wordView = new Uint32Array(numberView.buffer)

function nameOf(value: unknown): string {
  return typeof value === 'function' ? `function ${value.name}` : `${typeof value} ${String(value)}`
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
