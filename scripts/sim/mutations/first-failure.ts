// Runs seeds until one fails, and prints which, as JSON: a program that is run with a mutation.
//
//   node … scripts/sim/mutations/first-failure.ts <seeds>

import { runSeed } from '../run-seed.ts'

/** What was found. */
export interface FirstFailure {
  /** How many seeds were run, the failing one included. */
  readonly tried: number
  /** `null` if none failed. */
  readonly seed: number | null
  /** Who found it, first of all. */
  readonly checker: string
  readonly message: string
}

const seedCount = Number(process.argv[2])
let current = 0

// What nobody waits for ends the program like a bug that stops the engine.
process.on('unhandledRejection', (error) => {
  report({ tried: current, seed: current, checker: 'liveness', message: String(error) })
  process.exit(0)
})

report(await firstFailure())

async function firstFailure(): Promise<FirstFailure> {
  for (current = 1; current <= seedCount; current++) {
    const [first] = (await runSeed(current)).violations
    if (first !== undefined) return { tried: current, seed: current, ...first }
  }
  return { tried: seedCount, seed: null, checker: '', message: '' }
}

function report(failure: FirstFailure): void {
  console.log(JSON.stringify(failure))
}
