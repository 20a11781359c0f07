// Records a second and core, of flights in JSON:
//   node --conditions=source packages/formats/json/src/json.bench.ts

import { type RecordFormat, Types } from '@millrace/core'
import { jsonArray, jsonLines } from './index.ts'

const RECORDS = 200_000
const CHUNK_BYTES = 256 * 1024
const ROUNDS = 5

const Flight = Types.record({
  date: Types.string,
  delay: Types.int,
  distance: Types.int,
  origin: Types.string,
  destination: Types.string,
})

const flights = Array.from({ length: RECORDS }, (_, index) =>
  JSON.stringify({
    date: `2001/01/0${(index % 9) + 1} 06:5${index % 10}`,
    delay: (index % 90) - 20,
    distance: 100 + (index % 2000),
    origin: ['LAX', 'SJC', 'IAH', 'HNL'][index % 4],
    destination: ['BNA', 'PIT', 'LIH'][index % 3],
  }),
)
const lines = Buffer.from(flights.join('\n'))
const array = Buffer.from(`[${flights.join(',')}]`)

measure('JSON.parse alone', lines, () => {
  for (const text of flights) JSON.parse(text)
  return flights.length
})
measure('jsonLines', lines, () => decode(jsonLines(), lines))
measure('jsonLines, typed', lines, () => decode(jsonLines({ type: Flight }), lines))
measure('jsonArray', array, () => decode(jsonArray(), array))
measure('jsonArray, typed', array, () => decode(jsonArray({ type: Flight }), array))

function decode(format: RecordFormat<unknown>, bytes: Uint8Array): number {
  const decoder = format.createDecoder()
  let records = 0
  let position = 0
  for (;;) {
    const step = decoder.next()
    if (step === 'record') records += 1
    else if (step === 'end') return records
    else if (step === 'malformed') throw new Error(decoder.malformed?.reason)
    else if (position === bytes.byteLength) decoder.finish()
    else {
      decoder.feed(bytes.subarray(position, position + CHUNK_BYTES))
      position = Math.min(position + CHUNK_BYTES, bytes.byteLength)
    }
  }
}

function measure(name: string, bytes: Uint8Array, run: () => number): void {
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now()
    if (run() !== RECORDS) throw new Error(`${name} lost records`)
    return performance.now() - startMs
  }).sort((left, right) => left - right)
  const medianMs = times[ROUNDS >> 1] as number
  const perSecond = (RECORDS / medianMs / 1000).toFixed(2)
  const megabytes = (bytes.byteLength / medianMs / 1000).toFixed(0)
  process.stdout.write(`${name.padEnd(18)} ${perSecond} M records/s, ${megabytes} MB/s\n`)
}
