// The table that the program prints at the end.

import type { WindowRow } from './flight.ts'

const NAME_CHARS_MAX = 34

/** The airports with most flights, over all daily windows. */
export function busiestAirports(daily: readonly WindowRow[], count: number): string {
  const rows = [...totalsByAirport(daily)]
    .sort(([a, x], [b, y]) => y.flights - x.flights || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([origin, { name, flights, minutes, delayed, worst }]) => [
      origin,
      shortened(name),
      String(flights),
      (minutes / flights).toFixed(1),
      String(worst),
      `${((delayed / flights) * 100).toFixed(0)} %`,
    ])
  return table(['', 'airport', 'flights', 'avg min', 'worst', '> 15 min'], rows)
}

interface AirportTotal {
  readonly name: string
  flights: number
  /** Of delay, all together. */
  minutes: number
  /** Flights more than 15 minutes late. */
  delayed: number
  /** The longest delay, minutes. */
  worst: number
}

function totalsByAirport(daily: readonly WindowRow[]): ReadonlyMap<string, AirportTotal> {
  const totals = new Map<string, AirportTotal>()
  for (const { origin, airport, flights, averageDelay, shareLate, worstDelay } of daily) {
    const total = totals.get(origin) ?? {
      name: airport,
      flights: 0,
      minutes: 0,
      delayed: 0,
      worst: worstDelay,
    }
    total.flights += flights
    total.minutes += averageDelay * flights
    total.delayed += shareLate * flights
    total.worst = Math.max(total.worst, worstDelay)
    totals.set(origin, total)
  }
  return totals
}

function shortened(name: string): string {
  return name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX - 1)}…` : name
}

/** The first two columns are text, the others numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join(
    '\n',
  )
}
