import {
  checkOptions,
  type JsonValue,
  type RecordDecoder,
  type RecordFormat,
  type TypeInfo,
  valueReader,
} from '@millrace/core'

/** How JSON values become records. */
export interface JsonFormatOptions<T> {
  /** Checks each value and makes it an instance of the type's record class. Default: none, any JSON value passes. */
  readonly type?: TypeInfo<T>
  /**
   * Maps each JSON value, for example to give two shapes one; its errors make the record malformed. With a
   * `type` as well, the type checks what `parse` returns.
   */
  readonly parse?: (value: unknown) => T
}

/** A decoder of some JSON format, given the function that turns the text of one value into a record. */
type DecoderFactory<T> = (read: (text: string) => T) => RecordDecoder<T>

/** What the JSON formats have in common; they differ in how they find the text of a value. */
export class JsonFormat<T> implements RecordFormat<T> {
  readonly name: 'json-lines' | 'json-array'
  readonly type: TypeInfo<T> | undefined
  readonly isSplittable: boolean
  readonly #parse: ((value: unknown) => T) | undefined
  readonly #newDecoder: DecoderFactory<T>

  constructor(
    name: 'json-lines' | 'json-array',
    options: JsonFormatOptions<T>,
    newDecoder: DecoderFactory<T>,
  ) {
    checkOptions(name, options, ['type', 'parse'])
    this.name = name
    // A record of an array may hold line feeds.
    this.isSplittable = name === 'json-lines'
    this.type = options.type
    this.#parse = options.parse
    this.#newDecoder = newDecoder
  }

  describe(): JsonValue {
    const type = (this.type ?? null) as JsonValue
    return { name: this.name, type, hasParse: this.#parse !== undefined }
  }

  createDecoder(): RecordDecoder<T> {
    return this.#newDecoder(textReader(this.type, this.#parse))
  }
}

function textReader<T>(
  type: TypeInfo<T> | undefined,
  parse: ((value: unknown) => T) | undefined,
): (text: string) => T {
  const check = type && valueReader(type)
  if (check && parse) return (text) => check(parse(JSON.parse(text)))
  if (check) return (text) => check(JSON.parse(text))
  if (parse) return (text) => parse(JSON.parse(text))
  return (text) => JSON.parse(text) as T
}
