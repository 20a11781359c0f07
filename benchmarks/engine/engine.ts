// `npm run bench -- engine`: single properties of the engine, each in a process of its own, each against its bar.

import { parseArgs } from 'node:util'
import { countOption } from '../command-line.ts'
import { runProgram } from '../measuring/run-program.ts'
import { caseNamed, CASES } from './cases.ts'
import { type Finding, isReached } from './finding.ts'

const CHECKPOINT_CASES = 'checkpoint,checkpoint-often'

export const ENGINE_USAGE = `npm run bench -- engine [options]
  --cases <names>     for example shuffle,startup (${Object.keys(CASES).join(',')})
  --rounds <n>        rounds of each case; their median counts (5)
  --json              one JSON line a case`

export const CHECKPOINT_USAGE = `npm run bench -- checkpoint [options]
  the cases ${CHECKPOINT_CASES} of engine, with its other options`

/** Measures what checkpoints cost. */
export function runCheckpoint(args: readonly string[]): Promise<void> {
  return runEngine(['--cases', CHECKPOINT_CASES, ...args])
}

/** Measures the cases that the command line names, and prints what came out. */
export async function runEngine(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: Object.keys(CASES).join(',') },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = countOption('rounds', values.rounds)
  const names = values.cases.split(',')
  for (const name of names) caseNamed(name)
  for (const name of names) {
    const program = new URL('./main.ts', import.meta.url)
    const printed = await runProgram(program, ['--case', name, '--rounds', String(rounds)])
    const finding = JSON.parse(printed) as Finding
    console.log(values.json ? JSON.stringify(finding) : paragraph(finding))
  }
}

function paragraph(finding: Finding): string {
  const { name, what, value, unit, bar, rounds, details } = finding
  const wanted = 'atLeast' in bar ? `at least ${bar.atLeast}` : `at most ${bar.atMost}`
  const judgement = isReached(finding) ? 'reached' : 'NOT reached'
  const others = Object.entries(details).map(([detail, number]) => `${detail} ${number}`)
  return [
    `${name.padEnd(17)}${value} ${unit}   bar ${wanted}: ${judgement}`,
    `  ${what}`,
    `  rounds ${rounds.join(' ')}; ${others.join(', ')}`,
  ].join('\n')
}
