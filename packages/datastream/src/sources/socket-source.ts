import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  type JsonValue,
  MillraceError,
  show,
  type Source,
  type SourceReader,
  type SourceReaderContext,
  type SplitEnumerator,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
  type SocketAddress,
  type TypeInfo,
  Types,
} from '@millrace/core'
import {
  checkSchemaOptions,
  describeCheck,
  type SchemaCheck,
  SchemaGate,
  type SchemaOptions,
} from './schema-gate.ts'
import { SocketReader, type SocketSplit } from './socket-reader.ts'

/** Options of {@link StreamExecutionEnvironment.socketTextStream}. */
export interface SocketTextOptions<T = string> extends SchemaOptions<T> {
  /** What ends a line. Default `'\n'`, where a `\r` before it belongs to it. */
  readonly delimiter?: string
  /**
   * How often the connection is opened again after it could not be opened, broke, or was ended by the other side. Then an end
   * is the end of the stream, and a failure fails the job. Default 0.
   */
  readonly maxRetries?: number
  /** The pause before each retry. Default `'500 ms'`. */
  readonly retryDelay?: Duration
}

/**
 * Lines of text from a TCP connection. See {@link StreamExecutionEnvironment.socketTextStream}.
 *
 * @example
 * ```ts
 * import { SocketTextSource } from 'millrace'
 *
 * const source = new SocketTextSource({ host: 'localhost', port: 9999 }, { maxRetries: 3 })
 * console.log(source.boundedness) // unbounded
 * ```
 */
export class SocketTextSource<T = string> implements Source<T, SocketSplit> {
  readonly name: string = 'Socket Stream'
  readonly boundedness = 'unbounded' as const
  /** `Types.string`, unless a schema makes something else of the lines. */
  readonly type: TypeInfo<T> | undefined
  readonly #check: SchemaCheck<T> | undefined
  readonly #address: SocketAddress
  readonly #delimiter: string
  readonly #maxRetries: number
  readonly #retryDelayMs: number

  constructor(address: SocketAddress, options: SocketTextOptions<T> = {}) {
    checkOptions('socketTextStream', options, [
      'delimiter',
      'maxRetries',
      'retryDelay',
      'schema',
      'onMalformed',
    ])
    const { delimiter = '\n', maxRetries = 0, retryDelay = '500 ms' } = options
    this.#check = checkSchemaOptions('socketTextStream', this.name, options)
    // Without a schema, records are the lines: the only way to a `T` other than text is a schema.
    this.type = this.#check === undefined ? (Types.string as TypeInfo<T>) : undefined
    this.#address = checkAddress(address)
    this.#delimiter = checkDelimiter(delimiter)
    this.#maxRetries = checkInteger('maxRetries', maxRetries, { min: 0, max: 1_000_000 })
    this.#retryDelayMs = durationMs(retryDelay, { what: 'retryDelay' })
  }

  describe(): JsonValue {
    const { host, port } = this.#address
    const check = describeCheck(this.#check)
    return { source: 'socket', host, port, delimiter: this.#delimiter, ...check }
  }

  createEnumerator(
    context: SplitEnumeratorContext<SocketSplit>,
    restored: JsonValue | undefined,
  ): SplitEnumerator<SocketSplit> {
    const findSplits = (): readonly SocketSplit[] => [{ splitId: 'connection', isEnded: false }]
    return staticSplitEnumerator({ context, restored, findSplits })
  }

  createReader(context: SourceReaderContext): SourceReader<T, SocketSplit> {
    return new SocketReader<T>(context, {
      gate: this.#check && new SchemaGate(this.#check, context),
      address: this.#address,
      delimiter: this.#delimiter,
      maxRetries: this.#maxRetries,
      retryDelayMs: this.#retryDelayMs,
    })
  }
}

function checkAddress({ host, port }: SocketAddress): SocketAddress {
  checkInteger('port', port, { min: 1, max: 65_535 })
  if (typeof host === 'string' && host !== '') return { host, port }
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a host to connect to',
    came: show(host),
    todo: "Write for example socketTextStream('localhost', 9999).",
  })
}

function checkDelimiter(delimiter: string): string {
  if (typeof delimiter === 'string' && delimiter !== '') return delimiter
  throw new MillraceError('OPTION_INVALID', {
    expected: 'a delimiter of at least one character',
    came: show(delimiter),
    todo: "Leave it out for lines that end with '\\n'.",
  })
}
