// npm run sim: runs jobs in the simulator, one a seed, and checks that each gave exactly what it must.
//
//   npm run sim -- --seeds 100          the seeds 1 to 100
//   npm run sim -- --seeds 100 --from 5000
//   npm run sim -- --seed 42 --trace    one seed, with all that happened in out/sim-42.trace
//   npm run sim -- --mutations          bugs are put into the engine: which seed catches each, and how

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeResults } from './results.ts'
import { ROOT } from './run-command.ts'
import { runMutations } from './sim/mutations/run-mutations.ts'
import { type Figures, runSeed, type SeedReport } from './sim/run-seed.ts'

interface Options {
  readonly seeds: readonly number[]
  readonly hasTrace: boolean
  /** Whether bugs are to be put in, and found. */
  readonly mutates: boolean
}

/** Every so many seeds, one is run twice: both runs must be the same. */
const REPEAT_EVERY = 10

const options = parseOptions(process.argv.slice(2))
process.exitCode = options.mutates ? await mutate(options) : await main(options)

async function main({ seeds, hasTrace }: Options): Promise<number> {
  const startMs = performance.now()
  let current = seeds[0] ?? 0
  process.on('unhandledRejection', (error) => {
    console.log(`seed ${current}: a promise was rejected and nobody looked\n${String(error)}`)
    console.log(replay(current))
    process.exit(1)
  })
  const reports: SeedReport[] = []
  let failed = 0
  for (const seed of seeds) {
    current = seed
    const report = await runSeed(seed, { trace: hasTrace })
    const violations = report.violations.map(({ checker, message }) => `[${checker}] ${message}`)
    if (seed % REPEAT_EVERY === 0) {
      const again = await runSeed(seed, { trace: hasTrace })
      if (again.traceHash !== report.traceHash) {
        violations.push(`two runs differ: ${report.traceHash} and ${again.traceHash}`)
      }
    }
    reports.push(report)
    if (hasTrace) writeTrace(report)
    if (violations.length === 0) continue
    failed++
    console.log(`seed ${seed} failed:\n  ${violations.join('\n  ')}\n${replay(seed)}`)
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  writeResults('sim', { passed: seeds.length - failed, failed, skips: [] })
  console.log(`${summary(reports)}, ${failed} failed, ${seconds} s`)
  return failed === 0 ? 0 : 1
}

/** Each bug must be caught, and by a seed that finds nothing in the engine as it is. */
async function mutate({ seeds }: Options): Promise<number> {
  console.log('mutation | seeds tried | caught by seed | by which checker')
  const { outcomes, failingWithout } = await runMutations(
    seeds.length,
    ({ mutation, failure: { tried, seed, checker } }) =>
      console.log(`${mutation.name} | ${tried} | ${seed ?? 'none'} | ${checker}`),
  )
  const missed = outcomes.filter(({ failure }) => failure.seed === null).length
  console.log(
    `${outcomes.length} mutations, ${missed} not caught, ${failingWithout.length} of the seeds fail without a mutation`,
  )
  return missed + failingWithout.length === 0 ? 0 : 1
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      mutations: { type: 'boolean', default: false },
    },
  })
  const { trace: hasTrace, mutations: mutates } = values
  if (values.seed !== undefined) {
    return { seeds: [wholeNumber('--seed', values.seed)], hasTrace, mutates }
  }
  const from = wholeNumber('--from', values.from)
  const count = wholeNumber('--seeds', values.seeds ?? (mutates ? '400' : '100'))
  return {
    seeds: Array.from({ length: count }, (_, index) => from + index),
    hasTrace,
    mutates,
  }
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`${option} takes a whole number, not ${JSON.stringify(text)}`)
}

function replay(seed: number): string {
  return `  again: npm run sim -- --seed ${seed} --trace`
}

function writeTrace({ seed, scenario, traceLines }: SeedReport): void {
  const folder = join(ROOT, 'out')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `sim-${seed}.trace`)
  writeFileSync(path, `${JSON.stringify(scenario, null, 2)}\n${traceLines.join('\n')}\n`)
  console.log(`trace: ${path}`)
}

function summary(reports: readonly SeedReport[]): string {
  const sum = (name: keyof Figures): number =>
    reports.reduce((total, { figures }) => total + figures[name], 0)
  return [
    `${reports.length} seeds`,
    `${sum('crashes')} crashes of the program`,
    `${sum('lostExecutors')} lost executors`,
    `${sum('restarts')} restarts`,
    `${sum('checkpoints')} checkpoints`,
    `${sum('records')} records`,
    `${sum('rows')} rows`,
  ].join(', ')
}
