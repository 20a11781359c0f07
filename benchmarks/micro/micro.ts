// `npm run bench -- micro`: what each kind of operator, codec and state costs, each in a process of its own.

import { parseArgs } from 'node:util'
import { countOption } from '../command-line.ts'
import { runProgram } from '../measuring/run-program.ts'
import type { MicroFigures } from './main.ts'
import { casesWith } from './micro-cases.ts'

export const MICRO_USAGE = `npm run bench -- micro [options]
  --cases <words>     those with these words in their names, such as 'operator window' (all)
  --rounds <n>        rounds of each case; their median counts (7)
  --json              one JSON line a case`

/** Measures the cases that the command line names, and prints what came out. */
export async function runMicro(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: '' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = countOption('rounds', values.rounds)
  const cases = casesWith(values.cases)
  if (!values.json) console.log(`${'case'.padEnd(NAME_WIDTH)}     ns   least    most`)
  for (const { name } of cases) {
    const program = new URL('./main.ts', import.meta.url)
    const printed = await runProgram(program, ['--case', name, '--rounds', String(rounds)])
    const figures = JSON.parse(printed) as MicroFigures
    console.log(values.json ? JSON.stringify(figures) : row(figures))
  }
}

const NAME_WIDTH = 42

function row({ name, ns, leastNs, mostNs }: MicroFigures): string {
  const numbers = [ns, leastNs, mostNs].map((value) => value.toFixed(1).padStart(7))
  return `${name.padEnd(NAME_WIDTH)}${numbers.join(' ')}`
}
