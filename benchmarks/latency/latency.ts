// `npm run bench -- latency`: how late results come, each case in a process of its own (see main.ts here).

import { parseArgs } from 'node:util'
import { countOption } from '../command-line.ts'
import { runProgram } from '../measuring/run-program.ts'
import { LATENCY_CASES, parseLatencyRun } from './job.ts'
import type { LatencyFigures } from './main.ts'

export const LATENCY_USAGE = `npm run bench -- latency [options]
  --cases <names>     for example window (${LATENCY_CASES.join(',')})
  --rate <n>          events per second, of both threads together (100000)
  --seconds <n>       how long is measured (20)
  --keys <n>          different keys (1000)
  --json              one JSON line a case`

/** What latencies should not exceed, in milliseconds. */
const BARS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  window: { p50: 5, p99: 15, 'p99.99': 50 },
  through: { p99: 3 },
}

/** Measures the cases that the command line names, and prints what came out. */
export async function runLatency(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: LATENCY_CASES.join(',') },
      rate: { type: 'string', default: '100000' },
      seconds: { type: 'string', default: '20' },
      keys: { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
    },
  })
  const { rate, seconds, keys } = values
  const options = { rate, seconds, keys }
  for (const [name, text] of Object.entries(options)) countOption(name, text)
  const commandLines = values.cases
    .split(',')
    .map((name) =>
      Object.entries({ case: name, ...options }).flatMap(([key, text]) => [`--${key}`, text]),
    )
  for (const commandLine of commandLines) parseLatencyRun(commandLine)
  for (const commandLine of commandLines) {
    const program = new URL('./main.ts', import.meta.url)
    const figures = JSON.parse(await runProgram(program, commandLine)) as LatencyFigures
    console.log(values.json ? JSON.stringify(figures) : paragraph(figures))
  }
}

function paragraph({ name, percentiles, results, ...others }: LatencyFigures): string {
  const bars = Object.entries(BARS[name] ?? {}).map(([percentile, atMost]) => {
    const isReached = (percentiles[percentile] ?? Number.NaN) <= atMost
    return `${percentile} at most ${atMost} ms: ${isReached ? 'reached' : 'NOT reached'}`
  })
  const times = Object.entries(percentiles).map(([percentile, ms]) => `${percentile} ${ms}`)
  const details = Object.entries(others).map(([detail, number]) => `${detail} ${number}`)
  return [
    `${name.padEnd(8)}${times.join('  ')} ms of ${results}`,
    `  bars ${bars.join(', ')}`,
    `  ${details.join(', ')}`,
  ].join('\n')
}
