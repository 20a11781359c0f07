// Bytes -> lines. Chunks end anywhere: inside a line, inside a delimiter, inside a character.

/** Splits a stream of UTF-8 bytes at a delimiter. */
export class LineSplitter {
  readonly #delimiter: string
  #decoder = new TextDecoder()
  #rest = ''

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  /** The lines that these bytes complete. With the delimiter `\n`, a `\r` before it belongs to it. */
  feed(bytes: Uint8Array): readonly string[] {
    return this.#split(this.#decoder.decode(bytes, { stream: true }))
  }

  /** No more bytes will come: what is left is the last line, if it has any character. */
  finish(): readonly string[] {
    const lines = this.#split(this.#decoder.decode())
    const rest = this.#withoutReturn(this.#rest)
    this.reset()
    return rest === '' ? lines : [...lines, rest]
  }

  /** Forgets an unfinished line. */
  reset(): void {
    this.#rest = ''
    this.#decoder = new TextDecoder()
  }

  /** Characters of the line that is not complete. */
  get restLength(): number {
    return this.#rest.length
  }

  #split(text: string): readonly string[] {
    const delimiter = this.#delimiter
    // Only the last characters of what was searched before can belong to a delimiter.
    const searched = Math.max(0, this.#rest.length - delimiter.length + 1)
    this.#rest += text
    let end = this.#rest.indexOf(delimiter, searched)
    const lines: string[] = []
    let start = 0
    while (end !== -1) {
      lines.push(this.#withoutReturn(this.#rest.slice(start, end)))
      start = end + delimiter.length
      end = this.#rest.indexOf(delimiter, start)
    }
    if (start > 0) this.#rest = this.#rest.slice(start)
    return lines
  }

  #withoutReturn(line: string): string {
    return this.#delimiter === '\n' && line.endsWith('\r') ? line.slice(0, -1) : line
  }
}
