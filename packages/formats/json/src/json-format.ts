import {
  checkOptions,
  checkSchema,
  type JsonValue,
  parserWithSchema,
  type RecordDecoder,
  type RecordFormat,
  type StandardSchema,
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
  /**
   * A schema of zod, valibot, arktype or another library that follows Standard Schema: checks each value and may transform
   * it; what it refuses is malformed. It comes after `parse`. With a `type` as well, the type checks what the schema
   * answers, and records get a class; with the schema alone the stream has no type for its frames.
   */
  readonly schema?: StandardSchema<T>
}

/** A decoder of some JSON format, given the function that turns the text of one value into a record. */
type DecoderFactory<T> = (read: (text: string) => T) => RecordDecoder<T>

/** What the JSON formats have in common; they differ in how they find the text of a value. */
export class JsonFormat<T> implements RecordFormat<T> {
  readonly name: 'json-lines' | 'json-array'
  readonly type: TypeInfo<T> | undefined
  readonly isSplittable: boolean
  readonly #options: JsonFormatOptions<T>
  readonly #newDecoder: DecoderFactory<T>

  constructor(
    name: 'json-lines' | 'json-array',
    options: JsonFormatOptions<T>,
    newDecoder: DecoderFactory<T>,
  ) {
    checkOptions(name, options, ['type', 'parse', 'schema'])
    if (options.schema !== undefined) checkSchema(`the option schema of ${name}`, options.schema)
    this.name = name
    // A record of an array may hold line feeds.
    this.isSplittable = name === 'json-lines'
    this.type = options.type
    this.#options = options
    this.#newDecoder = newDecoder
  }

  describe(): JsonValue {
    const type = (this.type ?? null) as JsonValue
    const { parse, schema } = this.#options
    const vendor = schema?.['~standard'].vendor ?? null
    return { name: this.name, type, hasParse: parse !== undefined, schema: vendor }
  }

  createDecoder(): RecordDecoder<T> {
    return this.#newDecoder(textReader(this.#options))
  }
}

function textReader<T>(options: JsonFormatOptions<T>): (text: string) => T {
  const check = options.type && valueReader(options.type)
  const parse = parserWithSchema(options.parse, options.schema)
  if (check && parse) return (text) => check(parse(JSON.parse(text)))
  if (check) return (text) => check(JSON.parse(text))
  if (parse) return (text) => parse(JSON.parse(text))
  return (text) => JSON.parse(text) as T
}
