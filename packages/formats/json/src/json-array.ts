import {
  type DecoderState,
  malformedReason,
  type MalformedRecord,
  type RecordDecoder,
  type RecordFormat,
} from '@millrace/core'
import { ArrayScanner } from './array-scanner.ts'
import { JsonFormat, type JsonFormatOptions } from './json-format.ts'

/**
 * One JSON array, whose elements are the records; on one line or on many. The array is never held in memory
 * as a whole. An element that is no JSON is malformed, and the next one is found behind its comma; an array
 * that does not end, or text after it, is malformed and ends the input.
 *
 * @throws MillraceError `OPTION_UNKNOWN`
 * @example
 * ```ts
 * import { jsonArray } from '@millrace/format-json'
 *
 * const decoder = jsonArray<{ delay: number }>().createDecoder()
 * decoder.feed(new TextEncoder().encode('[{"delay":66},{"delay":95}]'))
 * decoder.next()
 * console.log(decoder.record.delay, decoder.snapshot().offset) // 66 14
 * ```
 */
export function jsonArray<T = unknown>(options: JsonFormatOptions<T> = {}): RecordFormat<T> {
  return new JsonFormat('json-array', options, (read) => new JsonArrayDecoder(read))
}

class JsonArrayDecoder<T> implements RecordDecoder<T> {
  record!: T
  malformed: MalformedRecord | undefined
  readonly #elements = new ArrayScanner()
  readonly #read: (text: string) => T

  constructor(read: (text: string) => T) {
    this.#read = read
  }

  restore(state: DecoderState): void {
    this.#elements.restore(state)
  }

  feed(bytes: Uint8Array): void {
    this.#elements.feed(bytes)
  }

  finish(): void {
    this.#elements.finish()
  }

  next(): 'record' | 'malformed' | 'need-input' | 'end' {
    const step = this.#elements.next()
    if (step === 'malformed') return this.#refuse(this.#elements.problem)
    if (step !== 'element') return step
    try {
      this.record = this.#read(this.#elements.text)
      return 'record'
    } catch (error) {
      return this.#refuse(malformedReason(error))
    }
  }

  snapshot(): DecoderState {
    return this.#elements.boundary
  }

  #refuse(reason: string): 'malformed' {
    const { line, excerpt } = this.#elements
    this.malformed = { line, text: excerpt, reason }
    return 'malformed'
  }
}
