// What the program prints at the end, read back from the files that the job has committed.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WindowRow } from './flight.ts'

/** The committed content of the job's output. */
export interface FlightDelayResults {
  readonly daily: readonly WindowRow[]
  readonly sixHours: readonly WindowRow[]
  /** Flights that came after their daily window. */
  readonly lateCount: number
}

/** Reads all part files. */
export async function readResults(output: string): Promise<FlightDelayResults> {
  const [daily, sixHours, late] = await Promise.all(
    ['daily', 'six-hours', 'late'].map((name) => readLines(join(output, name))),
  )
  return {
    daily: (daily ?? []).map((line) => JSON.parse(line) as WindowRow),
    sixHours: (sixHours ?? []).map((line) => JSON.parse(line) as WindowRow),
    lateCount: (late ?? []).length,
  }
}

async function readLines(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const parts = names.filter((name) => name.startsWith('part-')).sort()
  const texts = await Promise.all(parts.map((name) => readFile(join(directory, name), 'utf8')))
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''))
}

/** The airports with most flights, over all daily windows. */
export function busiestAirports(daily: readonly WindowRow[], count: number): string {
  const totals = new Map<string, { name: string; flights: number; minutes: number; late: number; worst: number }>()
  for (const row of daily) {
    const total = totals.get(row.origin) ?? {
      name: row.airport,
      flights: 0,
      minutes: 0,
      late: 0,
      worst: Number.NEGATIVE_INFINITY,
    }
    total.flights += row.flights
    total.minutes += row.averageDelay * row.flights
    total.late += row.shareLate * row.flights
    total.worst = Math.max(total.worst, row.worstDelay)
    totals.set(row.origin, total)
  }
  const rows = [...totals]
    .sort(([a, x], [b, y]) => y.flights - x.flights || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([origin, { name, flights, minutes, late, worst }]) => [
      origin,
      name.length > 34 ? `${name.slice(0, 33)}…` : name,
      String(flights),
      (minutes / flights).toFixed(1),
      String(worst),
      `${((late / flights) * 100).toFixed(0)} %`,
    ])
  return table(['', 'airport', 'flights', 'avg min', 'worst', 'late'], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}
