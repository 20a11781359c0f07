// The committed content of the job's output, read back from its part files. What no checkpoint has committed yet is in hidden
// files, and is left out.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Flight, WindowRow } from './flight.ts'

/** What the job has written. */
export interface FlightDelayResults {
  readonly daily: readonly WindowRow[]
  readonly sixHours: readonly WindowRow[]
  /** Flights that came after their daily window. */
  readonly late: readonly Flight[]
}

/** Reads all part files of an output folder. */
export async function readResults(output: string): Promise<FlightDelayResults> {
  const [daily, sixHours, late] = await Promise.all([
    readLines(join(output, 'daily')),
    readLines(join(output, 'six-hours')),
    readLines(join(output, 'late')),
  ])
  return {
    daily: daily.map((line) => JSON.parse(line) as WindowRow),
    sixHours: sixHours.map((line) => JSON.parse(line) as WindowRow),
    late: late.map((line) => JSON.parse(line) as Flight),
  }
}

/**
 * All lines of an output folder, sorted, each behind the name of its folder: equal for two runs that wrote the same records,
 * however they were spread over files.
 */
export async function sortedLines(output: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    ['daily', 'six-hours', 'late'].map(async (folder) =>
      (await readLines(join(output, folder))).map((line) => `${folder} ${line}`),
    ),
  )
  return lists.flat().sort()
}

async function readLines(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  const parts = names.filter((name) => name.startsWith('part-')).sort()
  const texts = await Promise.all(parts.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''))
}
