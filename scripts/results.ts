// What the runners counted. Every runner leaves one file in out/results, and whoever sums up reads them all, so
// that the numbers printed last are the numbers that were measured.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './run-command.ts'

/** Counts of one runner. */
export interface Results {
  readonly passed: number
  readonly failed: number
  readonly skips: readonly Skip[]
}

/** One test that did not run, and why. */
export interface Skip {
  readonly name: string
  readonly reason: string
}

const FOLDER = join(ROOT, 'out', 'results')

/** A test skips with a reason that starts like this when a server it needs is not there. CI counts it as failed. */
const SERVER_MISSING = 'server missing'

/** Keeps the results of one runner for whoever sums up. */
export function writeResults(runner: string, results: Results): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, `${runner}.json`), `${JSON.stringify(results, null, 2)}\n`)
}

/** The results of one runner, or `undefined` if it left none: it crashed, or never ran. */
export function readResults(runner: string): Results | undefined {
  const path = join(FOLDER, `${runner}.json`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : undefined
}

/** Forgets the results of one runner, so that a crash cannot show those of an earlier run. */
export function clearRunner(runner: string): void {
  rmSync(join(FOLDER, `${runner}.json`), { force: true })
}

/** The results of every runner that left some. */
export function readAllResults(): readonly Results[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .toSorted()
    .flatMap((file) => readResults(file.replace(/\.json$/, '')) ?? [])
}

/** One result of many. */
export function sumResults(all: readonly Results[]): Results {
  return {
    passed: all.reduce((sum, results) => sum + results.passed, 0),
    failed: all.reduce((sum, results) => sum + results.failed, 0),
    skips: all.flatMap((results) => results.skips),
  }
}

/** In CI a server that is missing is a failure: there, it was promised. */
export function asInCi(results: Results): Results {
  const skips = results.skips.filter((skip) => !skip.reason.startsWith(SERVER_MISSING))
  return { ...results, failed: results.failed + results.skips.length - skips.length, skips }
}

/** The one line everybody greps for. */
export function showCounts({ passed, failed, skips }: Results): string {
  return `${passed} passed, ${failed} failed, ${skips.length} skipped`
}
