// `npm run bench -- skew`: what hot keys and slow readers cost, each case in a process of its own (see main.ts here). The cases
// take turns, so that a machine that slows down for a while slows all of them.

import { parseArgs } from 'node:util'
import { countOption, nameOption } from '../command-line.ts'
import { median } from '../measuring/rounds.ts'
import { runProgram } from '../measuring/run-program.ts'
import { SKEW_CASES } from './job.ts'
import type { SkewFigures } from './main.ts'

export const SKEW_USAGE = `npm run bench -- skew [options]
  --cases <names>     for example uniform,hot (${SKEW_CASES.join(',')})
  --events <n>        events of each run (8000000)
  --rounds <n>        rounds of all cases; their median counts (3)
  --json              one JSON line a run`

/** Measures the cases that the command line names, and prints what came out. */
export async function runSkew(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: SKEW_CASES.join(',') },
      events: { type: 'string', default: '8000000' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  })
  const names = values.cases.split(',').map((name) => nameOption('case', name, SKEW_CASES))
  const events = String(countOption('events', values.events))
  const runs: SkewFigures[] = []
  for (let round = countOption('rounds', values.rounds); round > 0; round--) {
    for (const name of names) {
      const program = new URL('./main.ts', import.meta.url)
      const printed = await runProgram(program, ['--case', name, '--events', events])
      runs.push(JSON.parse(printed) as SkewFigures)
      if (values.json) process.stdout.write(printed)
    }
  }
  if (values.json) return
  console.log(
    'case               events/s  events/s/core  most loaded\n                        (M)            (M)            %',
  )
  for (const name of names) console.log(row(runs.filter((run) => run.name === name)))
}

function row(runs: readonly SkewFigures[]): string {
  const middle = (figure: (run: SkewFigures) => number): number => median(runs.map(figure))
  return [
    (runs[0]?.name ?? '').padEnd(18),
    (middle(({ eventsPerSecond }) => eventsPerSecond) / 1e6).toFixed(2).padStart(8),
    (middle(({ eventsPerCoreSecond }) => eventsPerCoreSecond) / 1e6).toFixed(2).padStart(14),
    middle(({ mostLoadedPercent }) => mostLoadedPercent)
      .toFixed(1)
      .padStart(12),
  ].join(' ')
}
