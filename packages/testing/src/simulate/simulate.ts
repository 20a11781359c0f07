// One program under many seeds. Under each seed it runs twice: undisturbed, to see how long it takes, and then with
// what goes wrong falling into that time. Both results are checked.

import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  show,
} from '@millrace/core'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { RunLimits } from '../simulator/simulation.ts'
import { type CheckedProgram, SeedRun, type SeedRunInit, type SimulatedRun } from './seed-run.ts'
import { checkSimulateFaults, drawFaults, type SimulateFaults } from './simulate-faults.ts'
import { TraceFile } from './trace-file.ts'

/** How {@link simulate} runs a program. */
export interface SimulateOptions<Result> {
  /** Throws, as an assertion does, if the result is wrong. Called for each run. */
  readonly check: (result: Result, run: SimulatedRun) => void | Promise<void>
  /** How many seeds, from 0 on, or which. Default: 10. */
  readonly seeds?: number | readonly number[]
  /** What goes wrong. Default: a mix of everything, another one under each seed. */
  readonly faults?: SimulateFaults
  /** The path of a file for all that happens, a line each. Only with a single seed. Default: none. */
  readonly trace?: string
  /** Executors, each a process of its own. Default: 2. */
  readonly threads?: number
  /** Of the operators that are not given one of their own. Default: 2. */
  readonly parallelism?: number
  /** Between checkpoints. Default: `'20 ms'`. */
  readonly checkpointInterval?: Duration
  /** When a run counts as hanging. Default: an hour of simulated time, ten million events. */
  readonly limits?: RunLimits
}

/** What {@link simulate} did. */
export interface SimulateReport {
  /** Runs, with and without faults. */
  readonly runs: number
  /** Crashes of executors that hit a running job, of all runs. If there are none, the job was over too early to prove anything. */
  readonly crashes: number
  /** Crashes of the process of the program, of all runs. */
  readonly programCrashes: number
}

/**
 * Runs a program in a simulated world under each of the seeds, twice: undisturbed, and with executors and the program that crash,
 * disks that are slow, full and lose what was not synced, late messages and clocks that jump. Checks its result each time. All
 * runs in the calling thread: a breakpoint in a function of the job stops the whole world.
 *
 * The program must build the same job each time, without asking where it runs, and get all it does from its job: it also
 * runs in each executor, up to `execute`, and once more after each crash of its process. What the job reads and writes outside
 * can be topics and tables of the world. A job whose records the program collects is spared crashes of the program, with which
 * they would be lost.
 *
 * @throws MillraceError `SIMULATION_FAILED`, which names the seed, with what went wrong as its cause. `OPTION_UNKNOWN` or
 * `OPTION_INVALID` if the options are wrong.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { Types, WatermarkStrategy } from 'millrace'
 * import { simulate } from 'millrace/testing'
 *
 * const records = Array.from({ length: 100 }, (_, index) => ({ digit: index % 10, count: 1 }))
 *
 * const report = await simulate(
 *   async (env, world) => {
 *     env
 *       .fromSource(
 *         world.topic('digits', { records }).source(),
 *         WatermarkStrategy.noWatermarks(),
 *         'digits',
 *       )
 *       .keyBy(({ digit }) => digit, { type: Types.int })
 *       .sum('count')
 *       .sinkTo(world.table<{ digit: number; count: number }>('counts').appendSink())
 *     await env.execute()
 *   },
 *   {
 *     seeds: 3,
 *     check: (_, { world }) => {
 *       const rows = world.table<{ digit: number; count: number }>('counts').rows
 *       assert.equal(rows.length, 100)
 *       assert.equal(rows.filter(({ count }) => count === 10).length, 10)
 *     },
 *   },
 * )
 * console.log(report.runs, report.crashes > 0) // 6 true
 * ```
 */
export async function simulate<Result>(
  program: CheckedProgram<Result>,
  options: SimulateOptions<Result>,
): Promise<SimulateReport> {
  const checked = checkedOptions(program, options)
  const traceFile = options.trace === undefined ? undefined : new TraceFile(options.trace)
  const report = { runs: 0, crashes: 0, programCrashes: 0 }
  try {
    for (const seed of checked.seeds) {
      const calm = await runSeed({ ...checked.run, seed, faults: undefined }, traceFile)
      const { simulatedMs: undisturbedMs, collects } = calm
      const random = new SeededRandom(seed).fork('faults of simulate')
      const faults = drawFaults(options.faults ?? {}, { random, undisturbedMs, collects })
      const disturbed = await runSeed({ ...checked.run, seed, faults }, traceFile)
      report.runs += 2
      report.crashes += disturbed.crashes
      report.programCrashes += disturbed.programCrashes
    }
  } finally {
    traceFile?.write()
  }
  return report
}

async function runSeed<Result>(
  init: SeedRunInit<Result>,
  traceFile: TraceFile | undefined,
): Promise<SeedRun<Result>> {
  const run = new SeedRun(init)
  try {
    await run.run()
  } catch (error) {
    throw await failed(init, run, error)
  } finally {
    const { seed, faults } = init
    const heading = `seed ${seed}, ${faults === undefined ? 'undisturbed' : 'with faults'}`
    traceFile?.add(heading, faults ?? {}, run.traceLines)
  }
  return run
}

/** The error of a run, once it is known whether another run of the seed does the same. */
async function failed<Result>(
  init: SeedRunInit<Result>,
  { crashes, programCrashes, traceHash }: SeedRun<Result>,
  cause: unknown,
): Promise<MillraceError> {
  const { seed } = init
  const again = new SeedRun(init)
  await again.run().catch(() => {})
  const message = cause instanceof Error ? cause.message : show(cause)
  const what = [
    count(crashes, 'crash'),
    ...(programCrashes > 0 ? [`${count(programCrashes, 'crash')} of the program`] : []),
  ].join(' and ')
  return new MillraceError('SIMULATION_FAILED', {
    expected: `the program to run, and its check to hold, under seed ${seed}`,
    came: `${message.replace(/\.$/, '')}, after ${what}`,
    todo:
      again.traceHash === traceHash
        ? `Run this seed alone, with { seeds: [${seed}], trace: 'seed-${seed}.trace' }: it does the same each time.`
        : 'A second run of the seed went another way: find what asks the real clock, real chance, real files or the network.',
    ids: { seed },
    cause,
  })
}

function count(crashes: number, what: string): string {
  return `${crashes} ${what}${crashes === 1 ? '' : 'es'}`
}

/** What all runs share. */
interface CheckedOptions<Result> {
  readonly seeds: readonly number[]
  readonly run: Omit<SeedRunInit<Result>, 'seed' | 'faults'>
}

function checkedOptions<Result>(
  program: CheckedProgram<Result>,
  options: SimulateOptions<Result>,
): CheckedOptions<Result> {
  checkOptions('simulate', options, KNOWN_OPTIONS)
  const { check, faults, trace, limits = {} } = options
  const { threads = 2, parallelism = 2, checkpointInterval = '20 ms' } = options
  if (faults !== undefined) checkSimulateFaults(faults)
  const seeds = seedsOf(options.seeds ?? SEEDS)
  if (trace !== undefined && seeds.length !== 1) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a single seed with trace',
      came: `${seeds.length} seeds`,
      todo: 'Name the seed that failed, such as { seeds: [42] }.',
    })
  }
  return {
    seeds,
    run: {
      program,
      check,
      threads: checkInteger('threads', threads, { min: 1, max: EXECUTORS_MAX }),
      parallelism,
      checkpointIntervalMs: durationMs(checkpointInterval),
      limits,
      keepsTrace: trace !== undefined,
    },
  }
}

function seedsOf(seeds: number | readonly number[]): readonly number[] {
  const anySeed = { min: 0, max: Number.MAX_SAFE_INTEGER }
  if (typeof seeds !== 'number') return seeds.map((seed) => checkInteger('a seed', seed, anySeed))
  const seedCount = checkInteger('seeds', seeds, { min: 1, max: Number.MAX_SAFE_INTEGER })
  return Array.from({ length: seedCount }, (_, seed) => seed)
}

const KNOWN_OPTIONS = [
  'check',
  'seeds',
  'faults',
  'trace',
  'threads',
  'parallelism',
  'checkpointInterval',
  'limits',
] as const satisfies readonly (keyof SimulateOptions<unknown>)[]

/** Enough to meet most interleavings of a small job, in seconds. */
const SEEDS = 10

/** Each executor is a whole process to the simulation. */
const EXECUTORS_MAX = 64
