import {
  type DecoderState,
  LineSplitter,
  malformedReason,
  type MalformedRecord,
  RECORD_BYTES_MAX,
  type RecordDecoder,
  type RecordFormat,
} from '@millrace/core'
import { JsonFormat, type JsonFormatOptions } from './json-format.ts'

/**
 * One JSON value a line. Blank lines are passed over.
 *
 * @throws MillraceError `OPTION_UNKNOWN`
 * @example
 * ```ts
 * import { Types } from '@millrace/core'
 * import { jsonLines } from '@millrace/format-json'
 *
 * const format = jsonLines({ type: Types.record({ origin: Types.string, delay: Types.int }) })
 * const decoder = format.createDecoder()
 * decoder.feed(new TextEncoder().encode('{"origin":"LAX","delay":-19}\n'))
 * console.log(decoder.next(), decoder.record.delay) // record -19
 * ```
 */
export function jsonLines<T = unknown>(options: JsonFormatOptions<T> = {}): RecordFormat<T> {
  return new JsonFormat('json-lines', options, (read) => new JsonLinesDecoder(read))
}

class JsonLinesDecoder<T> implements RecordDecoder<T> {
  record!: T
  malformed: MalformedRecord | undefined
  readonly #lines = new LineSplitter()
  readonly #read: (text: string) => T

  constructor(read: (text: string) => T) {
    this.#read = read
  }

  restore(state: DecoderState): void {
    this.#lines.restore(state)
  }

  feed(bytes: Uint8Array): void {
    this.#lines.feed(bytes)
  }

  finish(): void {
    this.#lines.finish()
  }

  next(): 'record' | 'malformed' | 'need-input' | 'end' {
    const lines = this.#lines
    let step = lines.next()
    while (step === 'line' && lines.isBlank) step = lines.next()
    if (step === 'too-long') return this.#refuse(`a line of more than ${RECORD_BYTES_MAX} bytes`)
    if (step !== 'line') return step
    try {
      this.record = this.#read(lines.text)
      return 'record'
    } catch (error) {
      return this.#refuse(malformedReason(error))
    }
  }

  snapshot(): DecoderState {
    return { offset: this.#lines.offset, line: this.#lines.line }
  }

  #refuse(reason: string): 'malformed' {
    this.malformed = { line: this.#lines.line, text: this.#lines.excerpt, reason }
    return 'malformed'
  }
}
