// One program under many seeds. Under each seed it runs twice: undisturbed, to see how long it takes, and then with
// executors that crash while it runs. Both results are checked.

import {
  checkInteger,
  checkOptions,
  type Duration,
  durationMs,
  MillraceError,
  show,
} from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import type { JobExecutor } from '@millrace/job-graph'
import { SimulatedExecutor } from '../simulator/cluster/simulated-executor.ts'
import type { ClockFaults, NetworkFaults } from '../simulator/faults/fault-plan.ts'
import type { Range } from '../simulator/seeded-random.ts'
import { type RunLimits, Simulation } from '../simulator/simulation.ts'

/** A program that builds one job with the environment it is given, executes it, and answers what is to be checked. */
export type CheckedProgram<Result> = (env: StreamExecutionEnvironment) => Promise<Result>

/** What is known of the run whose result is checked. */
export interface SimulatedRun {
  readonly seed: number
  /** How often an executor crashed. */
  readonly crashes: number
}

/** How {@link simulate} runs a program. */
export interface SimulateOptions<Result> {
  /** Throws, as an assertion does, if the result is wrong. Called for each run. */
  readonly check: (result: Result, run: SimulatedRun) => void | Promise<void>
  /** How many seeds, from 0 on, or which. Default: 10. */
  readonly seeds?: number | readonly number[]
  /** Executors, each a process of its own. Default: 2. */
  readonly threads?: number
  /** Of the operators that are not given one of their own. Default: 2. */
  readonly parallelism?: number
  /** Between checkpoints. Default: `'20 ms'`. */
  readonly checkpointInterval?: Duration
  /** How many crashes there are in a run. Default: 1 to 3. */
  readonly crashes?: Range
  /** What goes wrong with the messages between executors. Default: they take their time, and nothing else. */
  readonly network?: NetworkFaults
  /** What goes wrong with the clocks. Default: nothing. */
  readonly clock?: ClockFaults
  /** When a run counts as hanging. Default: an hour of simulated time, ten million events. */
  readonly limits?: RunLimits
}

/** What {@link simulate} did. */
export interface SimulateReport {
  /** Runs, with and without crashes. */
  readonly runs: number
  /** Crashes that hit a running job, of all runs. If there are none, the job was over too early to prove anything. */
  readonly crashes: number
}

/**
 * Runs a program in a simulated world under each of the seeds, with executors that crash while it runs, and checks its result each
 * time. The program must build the same job each time, without asking where it runs, and get all it does from its job: it also
 * runs in each executor, up to `execute`.
 *
 * @throws MillraceError `SIMULATION_FAILED`, which names the seed, with what went wrong as its cause.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { simulate } from 'millrace/testing'
 *
 * const report = await simulate(
 *   (env) =>
 *     env
 *       .generate({ count: 100, generator: (index) => index % 10, recordsPerSecond: 1_000 })
 *       .keyBy((digit) => digit)
 *       .reduce((left, right) => left + right)
 *       .executeAndCollect(),
 *   {
 *     seeds: 3,
 *     check: (sums) => assert.equal(Math.max(...sums), 90),
 *   },
 * )
 * console.log(report.runs, report.crashes > 0) // 6 true
 * ```
 */
export async function simulate<Result>(
  program: CheckedProgram<Result>,
  options: SimulateOptions<Result>,
): Promise<SimulateReport> {
  checkOptions('simulate', options, KNOWN_OPTIONS)
  let runs = 0
  let crashes = 0
  for (const seed of seedsOf(options.seeds ?? SEEDS)) {
    const undisturbed = await runSeed(program, options, { seed, crashWithinMs: undefined })
    const crashed = await runSeed(program, options, {
      seed,
      crashWithinMs: undisturbed.simulatedMs,
    })
    runs += 2
    crashes += crashed.crashes
  }
  return { runs, crashes }
}

interface SeedRun {
  readonly seed: number
  /** Crashes fall into so much time from the start; `undefined` for none. */
  readonly crashWithinMs: number | undefined
}

async function runSeed<Result>(
  program: CheckedProgram<Result>,
  options: SimulateOptions<Result>,
  { seed, crashWithinMs }: SeedRun,
): Promise<{ readonly simulatedMs: number; readonly crashes: number }> {
  const { network, clock, check, limits } = options
  const simulation = new Simulation({
    seed,
    faults: { ...(network !== undefined && { network }), ...(clock !== undefined && { clock }) },
  })
  const process = simulation.process('program')
  const run = (executor: JobExecutor): Promise<Result> => program(environment(executor, options))
  const executor = new SimulatedExecutor({ simulation, process, program: run })
  if (crashWithinMs !== undefined) planCrashes(simulation, executor, crashWithinMs, options)
  try {
    const result = await simulation.resultOf(run(executor), limits)
    const crashes = executor.pool?.lostCount ?? 0
    await check(result, { seed, crashes })
    return { simulatedMs: simulation.nowMs, crashes }
  } catch (error) {
    throw failed(seed, executor.pool?.lostCount ?? 0, error)
  }
}

function environment<Result>(
  executor: JobExecutor,
  { threads = 2, parallelism = 2, checkpointInterval = '20 ms' }: SimulateOptions<Result>,
): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    executor,
    threads: checkInteger('threads', threads, { min: 1, max: EXECUTORS_MAX }),
    parallelism,
    checkpointing: { interval: durationMs(checkpointInterval) },
    restart: { strategy: 'fixed-delay', attempts: RESTARTS_MAX, delay: '5 ms' },
  })
}

function planCrashes<Result>(
  simulation: Simulation,
  executor: SimulatedExecutor,
  withinMs: number,
  { crashes = { min: 1, max: 3 }, threads = 2 }: SimulateOptions<Result>,
): void {
  const count = simulation.random.integer(crashes)
  for (let index = 0; index < count; index++) {
    const atMs = simulation.random.between({ min: 0, max: withinMs })
    const victim = simulation.random.integer({ min: 0, max: threads - 1 })
    simulation.after(atMs, () => executor.pool?.crash(victim))
  }
}

function seedsOf(seeds: number | readonly number[]): readonly number[] {
  if (typeof seeds !== 'number') return seeds
  const count = checkInteger('seeds', seeds, { min: 1, max: Number.MAX_SAFE_INTEGER })
  return Array.from({ length: count }, (_, seed) => seed)
}

function failed(seed: number, crashes: number, cause: unknown): MillraceError {
  const message = cause instanceof Error ? cause.message : show(cause)
  return new MillraceError('SIMULATION_FAILED', {
    expected: `the program to run, and its check to hold, under seed ${seed}`,
    came: `${message.replace(/\.$/, '')}, after ${crashes} ${crashes === 1 ? 'crash' : 'crashes'}`,
    todo: `Run this seed alone, with { seeds: [${seed}] }: it does the same each time.`,
    ids: { seed },
    cause,
  })
}

const KNOWN_OPTIONS = [
  'check',
  'seeds',
  'threads',
  'parallelism',
  'checkpointInterval',
  'crashes',
  'network',
  'clock',
  'limits',
] as const satisfies readonly (keyof SimulateOptions<unknown>)[]

/** Enough to meet most interleavings of a small job, in seconds. */
const SEEDS = 10

/** Each executor is a whole process to the simulation. */
const EXECUTORS_MAX = 64

/** A crash while the job starts again counts too; no run has as many. */
const RESTARTS_MAX = 1_000
