// `npm run bench -- state`: how a thread with large state fares, each kind in a process of its own.

import { parseArgs } from 'node:util'
import { countOption, UsageError } from '../command-line.ts'
import { runProgram } from '../measuring/run-program.ts'
import type { StateFigures } from './main.ts'

/** How many keys each case has. */
const KEYS: Readonly<Record<string, number>> = {
  numbers: 5_000_000,
  objects: 1_000_000,
  large: 1_000_000,
}

export const STATE_USAGE = `npm run bench -- state [options]
  --cases <names>     for example numbers (numbers,objects; also: large, 1 GB of state)
  --keys <n>          other than those of the case
  --seconds <n>       how long each is watched (10)
  --json              one JSON line a case`

/** Measures the cases that the command line names, and prints what came out. */
export async function runState(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: 'numbers,objects' },
      keys: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  })
  const names = values.cases.split(',')
  const seconds = countOption('seconds', values.seconds)
  for (const name of names) {
    const usual = KEYS[name]
    if (usual === undefined) {
      throw new UsageError(`--cases expects ${Object.keys(KEYS).join(', ')}, but got '${name}'`)
    }
    const keys = values.keys === undefined ? usual : countOption('keys', values.keys)
    const program = new URL('./main.ts', import.meta.url)
    const options = ['--case', name, '--keys', String(keys), '--seconds', String(seconds)]
    const printed = await runProgram(program, options)
    console.log(values.json ? printed.trim() : paragraph(JSON.parse(printed) as StateFigures))
  }
}

function paragraph(figures: StateFigures): string {
  const { name, keys, stall, checkpoints, checkpointMs, checkpointMaxMs } = figures
  const judgement = stall.cpuMs <= STALL_MS_MAX ? 'reached' : 'NOT reached'
  const bar = HAS_BAR.has(name) ? `   bar ${STALL_MS_MAX}: ${judgement}` : ''
  return [
    `${name.padEnd(10)}${keys} keys: longest stall ${stall.cpuMs} ms own, ${stall.wallMs} ms by the clock${bar}`,
    `  ${figures.recordsPerSecond} records/s; ${checkpoints} checkpoints of ${megabytes(figures.checkpointBytes)}, ${checkpointMs} ms, at most ${checkpointMaxMs} ms`,
    `  ${figures.bytesPerKey} bytes/key, at most ${megabytes(figures.peakBytes)} in the process; restore ${figures.restoreMs} ms`,
  ].join('\n')
}

/** No checkpoint may keep the thread longer, in the cases that have a bar. */
const STALL_MS_MAX = 50
const HAS_BAR: ReadonlySet<string> = new Set(['numbers', 'objects'])

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
