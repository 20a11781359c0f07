import {
  type DecoderState,
  type JsonValue,
  LineSplitter,
  type MalformedRecord,
  RECORD_BYTES_MAX,
  type RecordDecoder,
  type RecordFormat,
  type TypeInfo,
  Types,
} from '@millrace/core'

/**
 * Every line of a text is a record, empty ones too; line ends (LF, CRLF) are left out.
 *
 * @example
 * ```ts
 * import { textLines } from '@millrace/connector-files'
 *
 * const decoder = textLines().createDecoder()
 * decoder.feed(new TextEncoder().encode('to be\nor not to be\n'))
 * decoder.next()
 * console.log(decoder.record, decoder.snapshot().offset) // to be 6
 * ```
 */
export function textLines(): RecordFormat<string> {
  return new TextLinesFormat()
}

class TextLinesFormat implements RecordFormat<string> {
  readonly name = 'text-lines'
  readonly isSplittable = true
  readonly type: TypeInfo<string> = Types.string

  describe(): JsonValue {
    return { name: this.name }
  }

  createDecoder(): RecordDecoder<string> {
    return new TextLinesDecoder()
  }
}

class TextLinesDecoder implements RecordDecoder<string> {
  record = ''
  malformed: MalformedRecord | undefined
  readonly #lines = new LineSplitter()

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
    const step = this.#lines.next()
    if (step === 'need-input' || step === 'end') return step
    if (step === 'line') {
      this.record = this.#lines.text
      return 'record'
    }
    const { line, excerpt } = this.#lines
    this.malformed = {
      line,
      text: excerpt,
      reason: `a line of more than ${RECORD_BYTES_MAX} bytes`,
    }
    return 'malformed'
  }

  snapshot(): DecoderState {
    return { offset: this.#lines.offset, line: this.#lines.line }
  }
}
