// The input of the chaos run and what must come out of it. Both follow from the seed alone; no part of the engine computes them.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Infer, Types } from 'millrace'
import { SeededRandom } from '@millrace/testing'

/** What flows in. */
export const Reading = Types.record({
  id: Types.int,
  sensor: Types.string,
  /** Event time. */
  time: Types.long,
  value: Types.int,
})
export type Reading = Infer<typeof Reading>

/** What comes out for each sensor and window. */
export const WindowRow = Types.record({
  sensor: Types.string,
  start: Types.long,
  end: Types.long,
  count: Types.int,
  sum: Types.int,
  /** The highest id: two readings of the same value are told apart. */
  lastId: Types.int,
})
export type WindowRow = Infer<typeof WindowRow>

/** Windows of five seconds of event time, one every second. */
export const WINDOW = { sizeMs: 5000, slideMs: 1000 } as const

/** How far a reading may lie behind the youngest before it. */
export const DISORDER_MS = 500

/** A thousand readings for each second of event time. */
const STEP_MS = 1
/** So many that the state of a subtask does not fit into the metadata: checkpoints have files. */
const SENSORS = 500
const START_MS = Date.UTC(2024, 0, 1)
const READINGS_PER_FILE = 2000

/** The readings, in the order in which the files hold them. */
export function readingsOf(seed: number, count: number): readonly Reading[] {
  const random = new SeededRandom(seed).fork('readings')
  return Array.from({ length: count }, (_, id) => ({
    id,
    sensor: `sensor ${random.integer({ min: 1, max: SENSORS })}`,
    time: START_MS + id * STEP_MS + random.integer({ min: 0, max: DISORDER_MS }),
    value: random.integer({ min: -100, max: 1000 }),
  }))
}

/** Writes the readings as JSON lines, in files of consecutive time. */
export function writeReadings(folder: string, readings: readonly Reading[]): void {
  mkdirSync(folder, { recursive: true })
  for (let from = 0; from < readings.length; from += READINGS_PER_FILE) {
    const lines = readings
      .slice(from, from + READINGS_PER_FILE)
      .map((reading) => JSON.stringify(reading))
    const number = String(from / READINGS_PER_FILE).padStart(6, '0')
    writeFileSync(join(folder, `${number}.jsonl`), `${lines.join('\n')}\n`)
  }
}

/** The lines that the sink must hold in the end, sorted. */
export function expectedLines(readings: readonly Reading[]): readonly string[] {
  const rows = new Map<string, { -readonly [Field in keyof WindowRow]: WindowRow[Field] }>()
  for (const { id, sensor, time, value } of readings) {
    const latestStart = time - (time % WINDOW.slideMs)
    for (let start = latestStart; start > time - WINDOW.sizeMs; start -= WINDOW.slideMs) {
      const name = `${start} ${sensor}`
      let row = rows.get(name)
      if (row === undefined) {
        row = { sensor, start, end: start + WINDOW.sizeMs, count: 0, sum: 0, lastId: -1 }
        rows.set(name, row)
      }
      row.count++
      row.sum += value
      row.lastId = Math.max(row.lastId, id)
    }
  }
  return [...rows.values()].map((row) => JSON.stringify(row)).sort()
}
