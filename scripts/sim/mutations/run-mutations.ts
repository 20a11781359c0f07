// Puts one bug after another into the engine and runs seeds until one fails; then the same seeds without any bug.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../../run-command.ts'
import { runSeed } from '../run-seed.ts'
import type { FirstFailure } from './first-failure.ts'
import { type Mutation, MUTATIONS } from './mutations.ts'

/** What became of one bug. */
export interface MutationOutcome {
  readonly mutation: Mutation
  readonly failure: FirstFailure
}

/** What became of all. */
export interface MutationsReport {
  readonly outcomes: readonly MutationOutcome[]
  /** The seeds that caught a bug and also fail without one; they prove nothing. */
  readonly failingWithout: readonly number[]
}

/** Runs up to `seedCount` seeds with each mutation. `tell` is called after each. */
export async function runMutations(
  seedCount: number,
  tell: (outcome: MutationOutcome) => void,
): Promise<MutationsReport> {
  const outcomes: MutationOutcome[] = []
  for (const mutation of MUTATIONS) {
    const outcome = { mutation, failure: await firstFailure(mutation, seedCount) }
    outcomes.push(outcome)
    tell(outcome)
  }
  const seeds = new Set(outcomes.flatMap(({ failure }) => failure.seed ?? []))
  const failingWithout: number[] = []
  for (const seed of seeds) {
    if ((await runSeed(seed)).violations.length > 0) failingWithout.push(seed)
  }
  return { outcomes, failingWithout }
}

/** A process of its own: a module is loaded once, with one bug. */
function firstFailure(mutation: Mutation, seedCount: number): Promise<FirstFailure> {
  const folder = join(ROOT, 'scripts', 'sim', 'mutations')
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      `--import=${pathToFileURL(join(folder, 'load-mutation.ts')).href}`,
      join(folder, 'first-failure.ts'),
      String(seedCount),
    ],
    {
      cwd: ROOT,
      env: { ...process.env, MILLRACE_SIM_MUTATION: mutation.name },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A bug may also make an endless loop, which no simulated clock ends.
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    },
  )
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0 && errors === '') resolve(JSON.parse(output) as FirstFailure)
      else reject(new Error(`the mutation '${mutation.name}' could not be run: ${errors}`))
    })
  })
}

const TIMEOUT_MS = 10 * 60_000
