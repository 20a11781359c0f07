// Runs one seed: the program under supervision until its job has ended, then the checks.

import {
  type ExecutorPool,
} from '@millrace/cluster'
import type { JobExecutionResult } from 'millrace'
import { MillraceError } from '@millrace/core'
import {
  SimulatedExecutor,
  type SimulatedProcess,
  Simulation,
  type Supervisor,
} from '@millrace/testing'
import { DiskWatch } from './disk-watch.ts'
import { compareRows } from './compare-rows.ts'
import { expectedOf } from './expected.ts'
import { eventsOf, fileRange } from './input.ts'
import { inputFolder, type JobParts, programOf, SINKS } from './job.ts'
import { drawScenario, type Scenario, TROUBLE_MS } from './scenario.ts'

/** How one seed went. */
export interface SeedReport {
  readonly seed: number
  readonly scenario: Scenario
  /** What is not as it must be; empty if all is well. */
  readonly violations: readonly string[]
  readonly traceHash: string
  readonly traceLines: readonly string[]
  readonly figures: Figures
}

/** What happened in one run or several. */
export interface Figures {
  readonly crashes: number
  readonly workerLosses: number
  readonly restarts: number
  readonly checkpoints: number
  readonly events: number
  readonly rows: number
}

/** Options of {@link runSeed}. */
export interface SeedOptions {
  /** Default: `false`. */
  readonly trace?: boolean
  /** Breaks a part, to see that the checks notice. */
  readonly sabotage?: Sabotage
  /** Instead of the one that is drawn. */
  readonly scenario?: Scenario
}

/** What a test puts in place of parts that work. */
export interface Sabotage {
  readonly sink?: JobParts['sink']
  readonly aroundPool?: (pool: ExecutorPool) => ExecutorPool
}

/** Runs a seed and checks what came out. Does not throw for what is wrong with the engine. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  const run = new SeedRun(options.scenario ?? drawScenario(seed), options)
  return run.report()
}

/** The job must end so long after the last fault. */
const PATIENCE_MS = 60_000

/** When the job has ended, its processes have nothing left to do after this. */
const REST_MS = 2000

const PROGRAM = 'program'

class SeedRun {
  readonly #scenario: Scenario
  readonly #options: SeedOptions
  readonly #simulation: Simulation
  readonly #watch: DiskWatch
  readonly #violations: string[] = []
  #executor: SimulatedExecutor | undefined
  #supervisor: Supervisor | undefined
  #result: JobExecutionResult | undefined
  #startCount = 0
  #workerLosses = 0
  #restarts = 0
  #checkpoints = 0

  constructor(scenario: Scenario, options: SeedOptions) {
    this.#scenario = scenario
    this.#options = options
    this.#simulation = new Simulation({
      seed: scenario.seed,
      faults: scenario.trouble.faults,
      trace: options.trace ?? false,
    })
    this.#watch = new DiskWatch({
      disk: this.#simulation.disk(PROGRAM),
      isDurable: scenario.run.isDurable,
      canFailToWrite: this.#canFail,
      violation: (message) => this.#violation(message),
    })
  }

  async report(): Promise<SeedReport> {
    const expected = expectedOf(this.#scenario)
    try {
      await this.#runToEnd()
      this.#checkResult(expected.accumulators)
      this.#checkSinks(expected)
      this.#violations.push(...this.#watch.leftovers(this.#result?.jobId ?? ''))
      // What the sinks hold must be durable by now.
      this.#supervisor?.current?.crash()
      this.#checkSinks(expected)
    } catch (error) {
      this.#violation(error instanceof MillraceError ? describe(error) : String(error))
    }
    return {
      seed: this.#scenario.seed,
      scenario: this.#scenario,
      violations: this.#violations,
      traceHash: this.#simulation.traceHash,
      traceLines: this.#simulation.traceLines,
      figures: {
        crashes: Math.max(0, this.#startCount - 1),
        workerLosses: this.#workerLosses,
        restarts: this.#restarts,
        checkpoints: this.#checkpoints,
        events: expected.accumulators['events'] ?? 0,
        rows: expected.results.length,
      },
    }
  }

  async #runToEnd(): Promise<void> {
    const simulation = this.#simulation
    this.#placeInput()
    const supervisor = simulation.supervise(PROGRAM, (process) => this.#start(process))
    this.#supervisor = supervisor
    for (const atMs of this.#scenario.trouble.executorCrashesAtMs) {
      simulation.after(atMs, () => this.#crashOneExecutor())
    }
    const limits = { simulatedMsMax: TROUBLE_MS + PATIENCE_MS }
    await simulation.run(() => this.#result !== undefined, limits)
    supervisor.stop()
    const endMs = Math.max(simulation.nowMs, TROUBLE_MS)
    await simulation.runToRest({ simulatedMsMax: endMs - simulation.nowMs + REST_MS })
  }

  async #start(process: SimulatedProcess): Promise<void> {
    const startCount = this.#startCount++
    this.#watch.programStarts()
    const program = programOf(this.#scenario, startCount, {
      observer: { violation: (message) => this.#violation(message) },
      ...this.#options.sabotage,
    })
    const { aroundPool } = this.#options.sabotage ?? {}
    const executor = new SimulatedExecutor({
      simulation: this.#simulation,
      process,
      program,
      ...(aroundPool !== undefined && { aroundPool }),
    })
    this.#executor = executor
    process.lifetime.atEnd(() => this.#count(executor))
    try {
      const result = await program(executor)
      if (!process.isAlive) return
      this.#result = result
      this.#count(executor)
    } catch (error) {
      // While files cannot be written a job may fail for good; whoever runs it starts it again.
      if (!process.isAlive) return
      if (this.#simulation.nowMs < TROUBLE_MS && this.#canFail && isOfDisk(error)) process.crash()
      else throw error
    }
  }

  get #canFail(): boolean {
    const { disk } = this.#scenario.trouble.faults
    return disk?.writeErrorChance !== undefined || disk?.full !== undefined
  }

  #count(executor: SimulatedExecutor): void {
    if (executor !== this.#executor) return
    const metrics = executor.client?.metrics()
    this.#workerLosses += executor.pool?.lostCount ?? 0
    this.#restarts += metrics?.restarts ?? 0
    this.#checkpoints += metrics?.checkpointsCompleted ?? 0
    if (this.#result === undefined) this.#executor = undefined
  }

  #crashOneExecutor(): void {
    const { threads } = this.#scenario.run
    const index = this.#simulation.random.integer({ min: 0, max: Math.max(0, threads - 1) })
    this.#executor?.pool?.crash(index)
  }

  #placeInput(): void {
    const { input } = this.#scenario
    if (input.source.kind !== 'files') return
    const { fileCount } = input.source
    for (let stream = 0; stream < input.streamCount; stream++) {
      const events = eventsOf(this.#scenario, stream)
      for (let file = 0; file < fileCount; file++) {
        const { from, to } = fileRange(events.length, fileCount, file)
        const lines = events.slice(from, to).map((event) => `${JSON.stringify(event)}\n`)
        this.#simulation.disk(PROGRAM).place(`${inputFolder(stream)}/${file}.jsonl`, lines.join(''))
      }
    }
  }

  #checkResult(expected: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(expected)) {
      const counted = this.#result?.accumulators[name] ?? 0
      if (counted !== count) {
        this.#violation(`the accumulator ${name} is ${counted} and must be ${count}`)
      }
    }
  }

  #checkSinks(expected: Parameters<typeof compareRows>[0]): void {
    this.#violations.push(...compareRows(expected, (name) => this.#watch.rowsIn(SINKS[name])))
  }

  #violation(message: string): void {
    // The first few say it all.
    if (this.#violations.length < VIOLATIONS_MAX) {
      this.#violations.push(`${this.#simulation.nowMs.toFixed(3)} ms: ${message}`)
    }
  }
}

const VIOLATIONS_MAX = 20

function isOfDisk(error: unknown): boolean {
  return error instanceof MillraceError
}

function describe(error: MillraceError): string {
  const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
  return `${error.message}${cause}`
}
