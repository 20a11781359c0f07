// Compares what the sinks hold with what they must hold: the same rows, each as often, in any order.

import type { Expected } from './expected.ts'
import { SINKS } from './job.ts'
import type { Row } from './row.ts'

const SINK_NAMES = Object.keys(SINKS) as (keyof typeof SINKS)[]

/** What differs; empty if nothing does. */
export function compareRows(
  expected: Expected,
  rowsIn: (sink: keyof typeof SINKS) => readonly Row[],
): readonly string[] {
  return SINK_NAMES.flatMap((sink) => compareSink(sink, expected[sink], rowsIn(sink)))
}

function compareSink(
  sink: string,
  expected: readonly Row[],
  found: readonly Row[],
): readonly string[] {
  const surplus = new Map<string, number>()
  for (const row of found) count(surplus, row, 1)
  for (const row of expected) count(surplus, row, -1)
  const tooMany = [...surplus].filter(([, times]) => times > 0)
  const missing = [...surplus].filter(([, times]) => times < 0)
  if (tooMany.length === 0 && missing.length === 0) return []
  return [
    `${sink}: ${found.length} rows, and ${expected.length} are right;` +
      ` missing: ${show(missing)}; too many: ${show(tooMany)}`,
  ]
}

/** Each row once, for sinks that write it at least once. */
export function distinctRows(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [canonical(row), row])).values()]
}

function count(surplus: Map<string, number>, row: Row, by: number): void {
  const text = canonical(row)
  surplus.set(text, (surplus.get(text) ?? 0) + by)
}

/** The same text for the same row, whatever the order of its fields. */
function canonical(row: Row): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  )
}

const SHOWN_MAX = 4

function show(rows: readonly (readonly [string, number])[]): string {
  if (rows.length === 0) return 'none'
  const shown = rows.slice(0, SHOWN_MAX).map(([text, times]) => `${Math.abs(times)} × ${text}`)
  if (rows.length > SHOWN_MAX) shown.push(`and ${rows.length - SHOWN_MAX} other`)
  return shown.join(', ')
}
