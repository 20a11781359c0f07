// How the records of one part file become bytes.
//
//   write(record)* ─> take() ─> write(record)* ─> take() ─> … ─> finish()        all bytes in a row are the file

import { gzipSync } from 'node:zlib'
import { checkMethods, checkInteger, checkOptions, type RecordEncoder } from '@millrace/core'

/**
 * A format whose files have a beginning and an end, such as a compressed or a columnar one. Its parts are closed at every
 * checkpoint, because a file without its end cannot be continued.
 */
export interface BulkFormat<T> {
  /** Part of the plan, for example `gzip of json-lines`. */
  readonly name: string
  /** Whether two files behind each other are a file of this format: what compaction needs. Default: `false`. */
  readonly isJoinable?: boolean
  /** Called for each part file. */
  createWriter(): BulkWriter<T>
}

/** Encodes the records of one part file. It only makes bytes; the sink writes them. */
export interface BulkWriter<T> {
  write(value: T): void
  /** About how many bytes wait to be taken. The sink takes them when they are many, and asks after each record. */
  readonly pendingBytes: number
  /** The bytes that wait; they belong to the sink now. */
  take(): Uint8Array
  /** The last bytes of the file. Nothing is called afterwards. */
  finish(): Uint8Array
}

/** How {@link gzip} compresses. */
export interface GzipOptions {
  /** 1 is fast, 9 is small. Default: 6. */
  readonly level?: number
}

/**
 * Text files, compressed. A file is a row of gzip members of about 256 KiB of text each, which every program that reads gzip
 * takes for one text, and which can be joined. Compressing happens on the task's thread.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example
 * ```ts
 * import { FileSink, gzip } from '@millrace/connector-files'
 *
 * const lines = { name: 'lines', encode: (line: string) => `${line}\n` }
 * const sink = FileSink.of({ path: 'out', bulkFormat: gzip(lines), partSuffix: '.txt.gz' })
 * console.log(sink.name) // FileSink(out)
 * ```
 */
export function gzip<T>(encoder: RecordEncoder<T>, options: GzipOptions = {}): BulkFormat<T> {
  checkOptions('gzip', options, ['level'])
  checkMethods('gzip', encoder, ['encode'])
  const level = checkInteger('level', options.level ?? 6, { min: 1, max: 9 })
  return {
    name: `gzip of ${encoder.name}`,
    // The header would stand in the middle.
    isJoinable: encoder.header === undefined,
    createWriter: () => new GzipWriter(encoder, level),
  }
}

class GzipWriter<T> implements BulkWriter<T> {
  readonly #encoder: RecordEncoder<T>
  readonly #level: number
  #text: string

  constructor(encoder: RecordEncoder<T>, level: number) {
    this.#encoder = encoder
    this.#level = level
    this.#text = encoder.header ?? ''
  }

  write(value: T): void {
    this.#text += this.#encoder.encode(value)
  }

  /** A quarter: gzip makes that of text, more or less, and the sink then takes it in members of 256 KiB. */
  get pendingBytes(): number {
    return this.#text.length / 4
  }

  take(): Uint8Array {
    const text = this.#text
    this.#text = ''
    return gzipSync(text, { level: this.#level })
  }

  finish(): Uint8Array {
    return this.#text === '' ? EMPTY : this.take()
  }
}

/** Plain text: one record after the other. */
export class RowWriter<T> implements BulkWriter<T> {
  readonly #encoder: RecordEncoder<T>
  #text: string

  /** A part that is continued has its header already. */
  constructor(encoder: RecordEncoder<T>, { isContinued }: { readonly isContinued: boolean }) {
    this.#encoder = encoder
    this.#text = isContinued ? '' : (encoder.header ?? '')
  }

  write(value: T): void {
    this.#text += this.#encoder.encode(value)
  }

  get pendingBytes(): number {
    return this.#text.length
  }

  take(): Uint8Array {
    const text = this.#text
    this.#text = ''
    return Buffer.from(text)
  }

  finish(): Uint8Array {
    return this.take()
  }
}

const EMPTY = new Uint8Array(0)
