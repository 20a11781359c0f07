// `npm run bench -- limits`: what the machine can do at best (see main.ts here).

import { parseArgs } from 'node:util'
import { runProgram } from '../measuring/run-program.ts'
import type { Limits } from './main.ts'

export const LIMITS_USAGE = `npm run bench -- limits [options]
  --json              one JSON line`

/** Measures the machine, and prints what came out. */
export async function runLimits(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
  })
  const limits = JSON.parse(await runProgram(new URL('./main.ts', import.meta.url))) as Limits
  if (values.json) return console.log(JSON.stringify(limits))
  for (const [name, value] of Object.entries(limits)) console.log(`${name.padEnd(24)}${value}`)
}
