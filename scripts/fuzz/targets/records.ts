// The record formats of files. The bytes are read three times: at once, in small chunks, and with a stop in the middle that goes
// on from the state of the decoder. All three must answer the same records and the same complaints.

import { isDeepStrictEqual } from 'node:util'
import { textLines } from '@millrace/connector-files'
import {
  type DecoderState,
  type MalformedRecord,
  type RecordDecoder,
  type RecordFormat,
  Types,
} from '@millrace/core'
import { csv } from '@millrace/format-csv'
import { jsonArray, jsonLines } from '@millrace/format-json'
import type { FuzzTarget } from '../fuzz-target.ts'

const Flight = Types.record({
  origin: Types.string,
  delay: Types.nullable(Types.int),
  at: Types.optional(Types.date),
  price: Types.nullable(Types.decimal(8, 2)),
})

const JSON_RECORDS = [
  '{"origin":"SFO","delay":12,"at":"2024-01-02T03:04:05Z","price":"12.50"}',
  '{"origin":"a \\" é \\ud83d\\ude00","delay":null,"price":null}',
]

const CSV_TEXT = 'origin,delay,at,price\r\nSFO,12,2024-01-02,12.50\n\n"a ""b"", é\n",,,\nx,y,z\n'

/** Text, JSON and CSV, each with and without a type. */
export const recordTargets: readonly FuzzTarget[] = [
  target('text-lines', textLines(), ['one\r\ntwo\n\nlast', '\u{feff}é\n']),
  target('json-lines', jsonLines(), [`${JSON_RECORDS.join('\n')}\n`, '1\n"a"\n[{}]']),
  target('json-lines-typed', jsonLines({ type: Flight }), [JSON_RECORDS.join('\r\n')]),
  target('json-array', jsonArray(), [`[${JSON_RECORDS.join(',\n')}]`, ' [ ] ', '[1,[2,"]"],{}]']),
  target('json-array-typed', jsonArray({ type: Flight }), [`[${JSON_RECORDS.join(',')}]`]),
  target('csv', csv(), [CSV_TEXT, 'a;b\n1;2\n']),
  target('csv-typed', csv({ type: Flight }), [CSV_TEXT]),
  target('csv-rows', csv({ header: false, delimiter: ';', quote: "'" }), ["a;'b;c'\n;;\n"]),
]

function target(name: string, format: RecordFormat<unknown>, texts: readonly string[]): FuzzTarget {
  return {
    name,
    seeds: () => texts.map((text) => new Uint8Array(Buffer.from(text))),
    read: (bytes) => readRecords(format, bytes),
    describe: (steps) => kindsOf(steps as readonly Step[]),
    // What a record may have wrong is not thrown: a decoder says `malformed`, and its caller decides.
    codes: [],
    // A complaint repeats up to 200 characters of its record, and names the header.
    weightPerByte: 256,
  }
}

/** Bytes of a chunk: few enough that each end of a record lies in the middle of one and between two. */
const CHUNK_BYTES = 3

function readRecords(format: RecordFormat<unknown>, bytes: Uint8Array): readonly Step[] {
  const whole = read(format, bytes, { chunkBytes: Math.max(1, bytes.length) })
  const chunked = read(format, bytes, { chunkBytes: CHUNK_BYTES })
  mustEqual('in chunks', whole, chunked)
  const stopAfter = Math.floor(whole.length / 2)
  const front = read(format, bytes, { chunkBytes: CHUNK_BYTES, stopAfter })
  mustEqual('up to the middle', whole.slice(0, stopAfter), front)
  const state = front.at(-1)?.state
  if (state === undefined) return whole
  const rest = bytes.subarray(state.offset)
  const back = read(format, rest, { chunkBytes: CHUNK_BYTES, state })
  mustEqual('from the middle', whole.slice(stopAfter), back)
  return whole
}

function mustEqual(what: string, expected: readonly Step[], came: readonly Step[]): void {
  if (isDeepStrictEqual(expected.map(withoutText), came.map(withoutText))) return
  throw new Error(
    `read ${what}, the records differ:\n${JSON.stringify(expected)}\n${JSON.stringify(came)}`,
  )
}

/** How much of a malformed record is shown depends on what had come of it. */
function withoutText({ malformed, ...step }: Step): unknown {
  return { ...step, line: malformed?.line, reason: malformed?.reason }
}

const KINDS_MAX = 3

/** What kinds of steps there were. */
function kindsOf(steps: readonly Step[]): string {
  const kinds = new Set(
    steps.map(({ malformed }) => malformed?.reason.split(/["']/)[0] ?? 'record'),
  )
  return [...kinds].slice(0, KINDS_MAX).join()
}

/** A record, or why it is none, and where the decoder stood behind it. */
interface Step {
  readonly record?: unknown
  readonly malformed?: MalformedRecord | undefined
  readonly state: DecoderState
}

interface Reading {
  readonly chunkBytes: number
  readonly state?: DecoderState
  readonly stopAfter?: number
}

function read(
  format: RecordFormat<unknown>,
  bytes: Uint8Array,
  { chunkBytes, state, stopAfter = Number.POSITIVE_INFINITY }: Reading,
): readonly Step[] {
  const decoder = format.createDecoder()
  if (state !== undefined) decoder.restore(throughJson(state))
  const steps: Step[] = []
  // A decoder makes progress with each step: it can take no more of them than there are bytes and chunks.
  let stepsLeft = 4 * bytes.length + 16
  for (let fed = 0; steps.length < stopAfter;) {
    const step = decoder.next()
    if (stepsLeft-- === 0) throw new Error('the decoder takes steps without end')
    if (step === 'end') return steps
    if (step !== 'need-input') steps.push(taken(decoder, step))
    else if (fed >= bytes.length) decoder.finish()
    else {
      decoder.feed(bytes.slice(fed, fed + chunkBytes))
      fed += chunkBytes
    }
  }
  return steps
}

function taken(decoder: RecordDecoder<unknown>, step: 'record' | 'malformed'): Step {
  const state = decoder.snapshot()
  if (step === 'malformed') return { malformed: decoder.malformed, state }
  return { record: decoder.record, state }
}

/** A state lies in a checkpoint in between. */
function throughJson(state: DecoderState): DecoderState {
  return JSON.parse(JSON.stringify(state)) as DecoderState
}
