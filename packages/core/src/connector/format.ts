// Formats turn bytes into records and back. They know nothing of files, sockets or brokers.

import type { JsonValue } from '../types/json.ts'
import type { TypeInfo } from '../types/type-info.ts'

/** What happens to a line that cannot be read: the job fails, or the line is skipped and counted. */
export type MalformedPolicy = 'fail' | 'skip'

/** Reads records from a stream of bytes that can be entered at any record boundary. */
export interface RecordFormat<T> {
  /** For example `json-lines`. */
  readonly name: string
  readonly type: TypeInfo<T> | undefined
  /**
   * Whether a record ends with each line feed and nowhere else, and needs nothing of what stands before: then a file can be
   * read in ranges. Default: `false`.
   */
  readonly isSplittable?: boolean
  /** What makes this format differ from another, as data. */
  describe(): JsonValue
  createDecoder(): RecordDecoder<T>
}

/**
 * Decodes one stream from front to back.
 *
 * ```
 * restore(state)?  feed(bytes)  next() next() … 'need-input'  feed(bytes) … finish()  next() … 'end'
 * ```
 */
export interface RecordDecoder<T> {
  /** Enters the stream at an earlier `snapshot`; the bytes fed next must start at that `offset`. */
  restore(state: DecoderState): void
  feed(bytes: Uint8Array): void
  /** No more bytes will come. */
  finish(): void
  /**
   * Decodes the next record into `record`. `'malformed'` has passed over one record and says why in `malformed`;
   * the caller fails or goes on as its policy says.
   */
  next(): 'record' | 'malformed' | 'need-input' | 'end'
  readonly record: T
  readonly malformed: MalformedRecord | undefined
  /** The boundary after the last record that `next` gave. */
  snapshot(): DecoderState
}

/** A record boundary. */
export interface DecoderState {
  /** Bytes from the start of the stream. */
  readonly offset: number
  /** Lines before it, for error messages. */
  readonly line: number
  /** What else the decoder must remember, for example a CSV header. */
  readonly context?: JsonValue
}

/** Why a record could not be read. */
export interface MalformedRecord {
  /** From 1. */
  readonly line: number
  /** The text of the record, cut to 200 characters. */
  readonly text: string
  /** For example `Unexpected end of JSON input` or `field "delay": expected int, got "late"`. */
  readonly reason: string
}

/** Writes records as bytes. */
export interface RecordEncoder<T> {
  /** For example `json-lines`. */
  readonly name: string
  /** The text that every file begins with, its line end included; left out if there is none. */
  readonly header?: string
  /** The text of one record, its line end included. */
  encode(value: T): string
}
