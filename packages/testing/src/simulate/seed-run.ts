// One run of a program in a simulated world.
//
//   start ──> job runs, while executors and the program crash and disks fail ──> its result ──> check
//     ▲                     │
//     └──── crashed ────────┘

import { type JsonObject, MillraceError } from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import type { JobExecutor, JobGraph } from '@millrace/job-graph'
import { SimulatedExecutor } from '../simulator/cluster/simulated-executor.ts'
import type { SimulatedProcess } from '../simulator/simulated-process.ts'
import { type RunLimits, Simulation } from '../simulator/simulation.ts'
import { CrashMoments } from './crash-moments.ts'
import type { DrawnFaults } from './simulate-faults.ts'
import { SimulatedServices } from './simulated-services.ts'
import { SimulatedWorld } from './simulated-world.ts'

/** A program that builds one job with the environment it is given, executes it, and answers what is to be checked. */
export type CheckedProgram<Result> = (
  env: StreamExecutionEnvironment,
  world: SimulatedWorld,
) => Promise<Result>

/** What is known of the run whose result is checked. */
export interface SimulatedRun {
  readonly seed: number
  /** How often an executor crashed. */
  readonly crashes: number
  /** How often the process of the program crashed. */
  readonly programCrashes: number
  /** The systems outside, as the job left them. */
  readonly world: SimulatedWorld
  /** A hash of all that happened, the same each time the seed is run. */
  readonly traceHash: string
}

/** What a {@link SeedRun} is made from. */
export interface SeedRunInit<Result> {
  readonly program: CheckedProgram<Result>
  readonly check: (result: Result, run: SimulatedRun) => void | Promise<void>
  readonly seed: number
  readonly threads: number
  readonly parallelism: number
  readonly checkpointIntervalMs: number
  readonly limits: RunLimits
  readonly keepsTrace: boolean
  /** `undefined` for a run in which nothing goes wrong. */
  readonly faults: DrawnFaults | undefined
}

const PROGRAM = 'program'
const CHECKPOINT_DIRECTORY = '/checkpoints'

/** A run of one seed. */
export class SeedRun<Result> {
  readonly #init: SeedRunInit<Result>
  readonly #simulation: Simulation
  readonly #world: SimulatedWorld
  readonly #crashMoments: CrashMoments
  #executor: SimulatedExecutor | undefined
  #collects = false
  #crashes = 0
  #starts = 0
  #outcome: { readonly result: Result } | { readonly error: unknown } | undefined

  constructor(init: SeedRunInit<Result>) {
    const { seed, faults, keepsTrace, threads } = init
    const plan = faults?.plan ?? {}
    this.#init = init
    this.#simulation = new Simulation({ seed, faults: plan, trace: keepsTrace })
    const simulation = this.#simulation
    this.#world = new SimulatedWorld(
      new SimulatedServices({
        random: simulation.random.fork('services'),
        faults: faults?.services ?? {},
        nowMs: () => simulation.nowMs,
        faultsUntilMs: plan.untilMs ?? 0,
      }),
    )
    this.#crashMoments = new CrashMoments({
      simulation,
      moments: faults?.executorCrashes ?? [],
      threads,
      withinMs: (plan.untilMs ?? 0) / 2,
      pool: () => this.#executor?.pool,
    })
  }

  get simulatedMs(): number {
    return this.#simulation.nowMs
  }

  /** Whether the job brought its records to the program. */
  get collects(): boolean {
    return this.#collects
  }

  get crashes(): number {
    return this.#crashes + (this.#executor?.pool?.lostCount ?? 0)
  }

  get programCrashes(): number {
    return Math.max(0, this.#starts - 1)
  }

  get traceHash(): string {
    return this.#simulation.traceHash
  }

  get traceLines(): readonly string[] {
    return this.#simulation.traceLines
  }

  /** Runs the program to its end and checks its result. Rejects with what went wrong. */
  async run(): Promise<void> {
    const { seed, check, limits } = this.#init
    const supervisor = this.#simulation.supervise(PROGRAM, (process) => this.#start(process))
    await this.#simulation.run(() => this.#outcome !== undefined, limits)
    supervisor.stop()
    const outcome = this.#outcome
    if (outcome === undefined) return
    if ('error' in outcome) throw outcome.error
    const { crashes, programCrashes, traceHash } = this
    const run = { seed, crashes, programCrashes, world: this.#world, traceHash }
    await check(outcome.result, run)
  }

  /** What the program does each time its process starts. */
  async #start(process: SimulatedProcess): Promise<void> {
    this.#starts++
    this.#crashes += this.#executor?.pool?.lostCount ?? 0
    const executor = new SimulatedExecutor({
      simulation: this.#simulation,
      process,
      program: (inExecutor) => this.#program(inExecutor),
      aroundPool: (pool) => this.#crashMoments.around(pool),
    })
    this.#executor = executor
    const watched: JobExecutor = {
      submit: (submission) => {
        this.#collects = collects(submission.graph)
        return executor.submit(submission)
      },
    }
    try {
      const result = await this.#program(watched)
      if (process.isAlive) this.#outcome = { result }
    } catch (error) {
      if (!process.isAlive) return
      if (this.#isOfTheDisk(error)) process.crash()
      else this.#outcome = { error }
    }
  }

  async #program(executor: JobExecutor): Promise<Result> {
    const { program, threads, parallelism, checkpointIntervalMs } = this.#init
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads,
      parallelism,
      checkpointing: {
        interval: checkpointIntervalMs,
        directory: CHECKPOINT_DIRECTORY,
        restoreFrom: 'latest',
      },
      restart: { strategy: 'fixed-delay', attempts: RESTARTS_MAX, delay: '5 ms' },
    })
    return program(env, this.#world)
  }

  /** A job that cannot even begin, or write down that it ended, while the disk refuses: whoever runs it would start it again. */
  #isOfTheDisk(error: unknown): boolean {
    const { plan } = this.#init.faults ?? {}
    const { disk } = plan ?? {}
    const refuses = disk?.full !== undefined || (disk?.writeErrorChance ?? 0) > 0
    const isTrouble = this.simulatedMs < (plan?.untilMs ?? 0) + GRACE_MS
    return refuses && isTrouble && !this.#collects && error instanceof MillraceError
  }
}

/** A crash while the job starts again counts too; no run has as many. */
const RESTARTS_MAX = 1_000

/** What failed while the disk refused is reported a little later. */
const GRACE_MS = 1_000

/** Whether the program gets records of the job, by `executeAndCollect` and its like. */
function collects({ vertices }: JobGraph): boolean {
  return vertices.some(({ operators }) =>
    operators.some(
      ({ config }) => (config['sink'] as JsonObject | undefined)?.['sink'] === 'collect',
    ),
  )
}
