import {
  Decimal,
  type JsonValue,
  MillraceError,
  show,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'
import { ImmediateWriter } from './immediate-writer.ts'

/**
 * Prints each record on a line of standard output. After a failure, records since the last checkpoint are printed again. See
 * {@link DataStream.print}.
 *
 * @example
 * ```ts
 * import { PrintSink, StreamExecutionEnvironment } from 'millrace'
 *
 * const env = StreamExecutionEnvironment.getExecutionEnvironment()
 * env.fromData([1, 2]).sinkTo(new PrintSink<number>('number'))
 * await env.execute()
 * // number> 1
 * // number> 2
 * ```
 */
export class PrintSink<T> implements Sink<T> {
  readonly name: string
  readonly #prefix: string | undefined
  readonly #toStdErr: boolean

  /** With `toStdErr`, standard error instead. */
  constructor(prefix?: string, { toStdErr = false }: { readonly toStdErr?: boolean } = {}) {
    this.name = toStdErr ? 'Print to Std. Err' : 'Print to Std. Out'
    if (prefix !== undefined && typeof prefix !== 'string') {
      throw new MillraceError('OPTION_INVALID', {
        expected: 'text as the prefix of what is printed',
        came: show(prefix),
        todo: "Write for example print('words').",
      })
    }
    this.#prefix = prefix
    this.#toStdErr = toStdErr
  }

  describe(): JsonValue {
    return { sink: this.#toStdErr ? 'print-to-err' : 'print', prefix: this.#prefix ?? null }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    const { platform, subtaskIndex, parallelism } = context
    const parts = [this.#prefix, parallelism > 1 ? String(subtaskIndex + 1) : undefined]
    const prefix = parts.filter((part) => part !== undefined).join(':')
    const start = prefix === '' ? '' : `${prefix}> `
    const print = this.#toStdErr ? platform.printError : platform.print
    return new ImmediateWriter((value) => print(start + printed(value)))
  }
}

/** A record on one line: text as it is, anything else as JSON. */
function printed(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && !(value instanceof Decimal))
    return JSON.stringify(value, plain)
  return String(value)
}

/** What JSON has no words for, as something it has. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return isTypedArray(value) ? Array.from(value) : value
}

/** A typed array of any kind, bytes too. */
function isTypedArray(value: unknown): value is Iterable<unknown> & ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}
