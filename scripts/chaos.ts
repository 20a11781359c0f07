// Proves on real processes, real threads and real files that nothing is lost or repeated: a job is killed again and again, its
// worker threads end under it, and what it has committed in the end must be, byte for byte after sorting, what a program
// without the engine computes.
//
//   npm run chaos -- --kills 20 --seed 1
//   npm run chaos -- --kills 5 --threads 4 --parallelism 3 --keep

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ChaosReport, type KillReport, runChaos } from './chaos/chaos-run.ts'
import { drawPlan, plannedRunMs } from './chaos/plan.ts'
import { expectedLines, readingsOf, writeReadings } from './chaos/readings.ts'

/** Readings per second while kills come. */
const RATE = 10_000
/** How much longer than planned a life may be because the machine is busy. */
const SLACK_MS = 1500
const TAIL_READINGS = 20_000

const HEADER =
  'kill   at ms  aimed at    during                           newest  workers ended  rows visible  duplicates'

interface Options {
  readonly kills: number
  readonly seed: number
  readonly threads: number
  readonly parallelism: number
  readonly keep: boolean
}

process.exitCode = await main(parseOptions(process.argv.slice(2)))

async function main({ kills, seed, threads, parallelism, keep }: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'))
  try {
    const plan = drawPlan({ seed, kills, threads })
    const lifeMs = plannedRunMs(plan) + kills * SLACK_MS
    const readings = readingsOf(seed, Math.ceil((lifeMs / 1000) * RATE) + TAIL_READINGS)
    const expected = expectedLines(readings)
    mkdirSync(join(folder, 'checkpoints'))
    writeReadings(join(folder, 'in'), readings)
    console.log(`seed ${seed}: ${readings.length} readings, ${expected.length} rows to come`)
    console.log(HEADER)
    let number = 0
    const report = await runChaos({
      job: { folder, threads, parallelism, rate: RATE },
      plan,
      expected,
      onKill: (kill) => console.log(rowOf(++number, kill)),
    })
    console.log(summary(report))
    return isGood(report) ? 0 : 1
  } finally {
    if (keep) console.log(`kept: ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: '2' },
      parallelism: { type: 'string', default: '2' },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    kills: wholeNumber('--kills', values.kills, 1),
    seed: wholeNumber('--seed', values.seed, 0),
    threads: wholeNumber('--threads', values.threads, 0),
    parallelism: wholeNumber('--parallelism', values.parallelism, 1),
    keep: values.keep,
  }
}

function wholeNumber(option: string, text: string, min: number): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= min) return number
  throw new Error(`${option} takes a whole number from ${min} on, not ${JSON.stringify(text)}`)
}

function isGood(report: ChaosReport): boolean {
  const { duplicates, losses, duplicatesMeanwhile, missingFiles, leakedFiles } = report
  const wrong = duplicates + losses + duplicatesMeanwhile + missingFiles.length + leakedFiles.length
  return wrong === 0
}

function rowOf(number: number, kill: KillReport): string {
  return [
    String(number).padStart(4),
    kill.atMs.toFixed(0).padStart(6),
    kill.aim.padEnd(10),
    kill.during.padEnd(30),
    `chk-${kill.newestCheckpoint}`.padStart(7),
    String(kill.workerDeaths).padStart(13),
    String(kill.committedRows).padStart(12),
    String(kill.duplicates).padStart(10),
  ].join('  ')
}

function summary(report: ChaosReport): string {
  return [
    `kills             ${report.kills}, and ${report.workerDeaths} worker threads ended`,
    `recoveries        ${report.recoveries}`,
    `first new output  ${times(report.firstOutputMs)} after the start of the process`,
    `                  ${times(report.firstOutputAfterWorkerMs)} after the end of a worker thread`,
    `rows              ${report.rows}: ${report.duplicates} duplicates, ${report.losses} losses; ${report.duplicatesMeanwhile} duplicates seen meanwhile`,
    `files             ${listed('missing', report.missingFiles)}, ${listed('leaked', report.leakedFiles)}`,
    isGood(report) ? 'equal, byte for byte' : 'NOT equal, or files are wrong',
  ].join('\n')
}

function times(samplesMs: readonly number[]): string {
  if (samplesMs.length === 0) return 'no sample'
  const sorted = samplesMs.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number)} ms`
  return `p50 ${at(0.5)}, p99 ${at(0.99)} of ${sorted.length},`
}

function listed(what: string, files: readonly string[]): string {
  return `${files.length} ${what}${files.length === 0 ? '' : ` (${files.slice(0, 5).join(', ')})`}`
}
