// Measures one micro case, in a process of its own: `node --conditions=source benchmarks/micro/main.ts --case 'operator map'`.
// Prints one JSON line.

import { parseArgs } from 'node:util'
import { countOption, UsageError } from '../command-line.ts'
import { median } from '../measuring/rounds.ts'
import { MICRO_CASES } from './micro-cases.ts'

/** Nanoseconds of processor time for each record, value or entry. */
export interface MicroFigures {
  readonly name: string
  /** The median of the rounds. */
  readonly ns: number
  readonly leastNs: number
  readonly mostNs: number
}

const { values } = parseArgs({
  options: { case: { type: 'string', default: '' }, rounds: { type: 'string', default: '7' } },
})
console.log(JSON.stringify(await measure(values.case, countOption('rounds', values.rounds))))

async function measure(name: string, rounds: number): Promise<MicroFigures> {
  const found = MICRO_CASES.find((each) => each.name === name)
  if (found === undefined)
    throw new UsageError(`--case expects the name of a case, but got '${name}'`)
  const { count, run } = await found.prepare()
  // Twice uncounted, so that the code is compiled.
  await run()
  await run()
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(start)
    took.push(((user + system) * 1000) / count)
  }
  return {
    name,
    ns: round1(median(took)),
    leastNs: round1(Math.min(...took)),
    mostNs: round1(Math.max(...took)),
  }
}

function round1(ns: number): number {
  return Math.round(ns * 10) / 10
}
