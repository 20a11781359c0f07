// Runs one seed: the program under supervision until its job has ended, then the checks.
//
//   start ─> job runs, while executors and the program crash and disks fail ─> ended ─> at rest ─> power cut
//     ▲                      │                                                           │            │
//     └──── crashed, failed ─┘                                              results, leftovers     results

import { METADATA_FILE_NAME } from '@millrace/checkpoint'
import type { ExecutorPool } from '@millrace/cluster'
import { MillraceError } from '@millrace/core'
import {
  SimulatedExecutor,
  type SimulatedProcess,
  SimulatedServices,
  SimulatedTable,
  Simulation,
  type Supervisor,
} from '@millrace/testing'
import type { JobExecutionResult } from 'millrace'
import type { Checker, Observer, Violation } from './checkers.ts'
import { newestCompleteId } from './checkpoint-files.ts'
import { compareRows, distinctRows } from './compare-rows.ts'
import { DiskWatch } from './disk-watch.ts'
import { type Expected, expectedOf } from './expected.ts'
import { inputFilesOf } from './input.ts'
import { CHECKPOINT_DIRECTORY, type JobParts, programOf, SINKS, type StartingPoint } from './job.ts'
import type { Row } from './row.ts'
import { drawScenario, type Scenario, type SinkPlan, TROUBLE_MS } from './scenario.ts'
import type { Outside } from './sinks.ts'

/** How one seed went. */
export interface SeedReport {
  readonly seed: number
  readonly scenario: Scenario
  /** What is not as it must be; empty if all is well. */
  readonly violations: readonly Violation[]
  readonly traceHash: string
  readonly traceLines: readonly string[]
  readonly figures: Figures
}

/** What happened in one run or several. */
export interface Figures {
  readonly crashes: number
  readonly lostExecutors: number
  readonly restarts: number
  readonly checkpoints: number
  readonly records: number
  readonly rows: number
}

/** Options of {@link runSeed}. */
export interface SeedOptions {
  /** Whether to keep a line of all that happens. Default: `false`. */
  readonly trace?: boolean
  /** Breaks a part, to see that the checks notice. Default: nothing. */
  readonly sabotage?: Sabotage
  /** Default: the one that is drawn from the seed. */
  readonly scenario?: Scenario
}

/** What a test puts in place of parts that work. */
export interface Sabotage {
  readonly sink?: NonNullable<JobParts['sink']>
  readonly aroundPool?: (pool: ExecutorPool) => ExecutorPool
}

/** Runs a seed and checks what came out. What is wrong is in the report; nothing is thrown. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  return new SeedRun(options.scenario ?? drawScenario(seed), options).report()
}

/** The job must end so long after the last fault. */
const PATIENCE_MS = 60_000

/** When the job has ended and nothing goes wrong any more, its processes have nothing left to do after this. */
const REST_MS = 2000

/** The first few say it all. */
const VIOLATIONS_MAX = 20

const PROGRAM = 'program'

const STOP_DIRECTORY = '/stopped'

class SeedRun {
  readonly #scenario: Scenario
  readonly #options: SeedOptions
  readonly #simulation: Simulation
  readonly #watch: DiskWatch
  readonly #outside: Outside
  readonly #violations: Violation[] = []
  readonly #observer: Observer = {
    violation: (checker, message) => this.#violation(checker, message),
    once: (checker, what) => {
      const happened = `start ${this.#startCount}: ${what}`
      if (this.#happened.has(happened)) this.#violation(checker, `${what}, and again`)
      this.#happened.add(happened)
    },
  }
  readonly #happened = new Set<string>()
  #supervisor: Supervisor | undefined
  #executor: SimulatedExecutor | undefined
  #result: JobExecutionResult | undefined
  #startCount = 0
  #stopping: Promise<void> = Promise.resolve()
  /** What the job was stopped with. */
  #savepoint: string | undefined
  #lostExecutors = 0
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
    const services = new SimulatedServices({
      random: this.#simulation.random.fork('services'),
      faults: scenario.trouble.services,
      nowMs: () => this.#simulation.nowMs,
      faultsUntilMs: TROUBLE_MS,
    })
    this.#outside = { services, table: new SimulatedTable<Row>('copies', services), sent: [] }
    this.#watch = new DiskWatch({
      disk: this.#simulation.disk(PROGRAM),
      isDurable: scenario.run.isDurable,
      canFailToWrite: canFailToWrite(scenario),
      joinedFolder: scenario.job.secondSink.compactCheckpoints === null ? null : SINKS.copies,
      observer: this.#observer,
      retained: scenario.run.retained,
    })
  }

  async report(): Promise<SeedReport> {
    const expected = expectedOf(this.#scenario)
    try {
      await this.#runToEnd()
      this.#check(expected)
    } catch (error) {
      this.#violation('liveness', describe(error))
    }
    return {
      seed: this.#scenario.seed,
      scenario: this.#scenario,
      violations: this.#violations,
      traceHash: this.#simulation.traceHash,
      traceLines: this.#simulation.traceLines,
      figures: {
        crashes: Math.max(0, this.#startCount - 1),
        lostExecutors: this.#lostExecutors,
        restarts: this.#restarts,
        checkpoints: this.#checkpoints,
        records: expected.accumulators['events'] ?? 0,
        rows: expected.results.length,
      },
    }
  }

  async #runToEnd(): Promise<void> {
    const { trouble } = this.#scenario
    const simulation = this.#simulation
    this.#placeInput()
    this.#supervisor = simulation.supervise(PROGRAM, (process) => this.#start(process))
    for (const atMs of trouble.executorCrashesAtMs) {
      simulation.after(atMs, () => this.#crashOneExecutor())
    }
    if (trouble.stop !== null) simulation.after(trouble.stop.atMs, () => this.#stop())
    if (trouble.savepointAtMs !== null) {
      simulation.after(trouble.savepointAtMs, () => this.#takeSavepoint())
    }
    if (trouble.cancelAtMs !== null) simulation.after(trouble.cancelAtMs, () => this.#cancel())
    const limits = { simulatedMsMax: TROUBLE_MS + PATIENCE_MS }
    await simulation.run(() => this.#result !== undefined, limits)
    this.#supervisor.stop()
    const endMs = Math.max(simulation.nowMs, TROUBLE_MS)
    await simulation.runToRest({ simulatedMsMax: endMs - simulation.nowMs + REST_MS })
  }

  /** What the program does, each time its process starts. */
  async #start(process: SimulatedProcess): Promise<void> {
    const { aroundPool, sink } = this.#options.sabotage ?? {}
    const startingPoint = this.#startingPoint()
    this.#stopping = Promise.resolve()
    const program = programOf(this.#scenario, this.#startCount++, {
      startingPoint,
      observer: this.#observer,
      outside: this.#outside,
      ...(sink !== undefined && { sink }),
    })
    const simulation = this.#simulation
    const executor = new SimulatedExecutor({
      simulation,
      process,
      program,
      ...(aroundPool !== undefined && { aroundPool }),
    })
    this.#executor = executor
    this.#watch.programStarts(startingPoint)
    process.lifetime.atEnd(() => this.#count(executor))
    try {
      const result = await program(executor)
      if (!process.isAlive) return
      await this.#stopping
      const beganBeforeStop = startingPoint.checkpointDirectory === CHECKPOINT_DIRECTORY
      if (beganBeforeStop && this.#savepoint !== undefined) process.crash()
      else this.#result = result
    } catch (error) {
      if (!process.isAlive) return
      if (!this.#mayFail(error)) throw error
      process.crash()
    }
  }

  /** After a stop, the savepoint, with a checkpoint directory of its own; otherwise the newest checkpoint. */
  #startingPoint(): StartingPoint {
    if (this.#savepoint === undefined) {
      return { checkpointDirectory: CHECKPOINT_DIRECTORY, restoreFrom: 'latest' }
    }
    const checkpointDirectory = `${CHECKPOINT_DIRECTORY}-after-stop`
    const path = this.#savepoint
    const { stop } = this.#scenario.trouble
    const isFirst = newestCompleteId(this.#simulation.disk(PROGRAM), checkpointDirectory) < 0
    if (!isFirst || path === undefined || stop === null) {
      return { checkpointDirectory, restoreFrom: 'latest' }
    }
    return { checkpointDirectory, restoreFrom: { path, claimMode: stop.claimMode } }
  }

  #stop(): void {
    const client = this.#executor?.client
    if (client === undefined || this.#savepoint !== undefined) return
    // After a stop that fails the job goes on by itself, and after a crash of its program from its newest checkpoint.
    this.#stopping = client.stopWithSavepoint({ directory: STOP_DIRECTORY }).then(
      (path) => {
        this.#savepoint = path
      },
      () => {},
    )
  }

  #takeSavepoint(): void {
    this.#executor?.client?.triggerSavepoint({ directory: '/savepoints' }).catch(() => {})
  }

  /** Whether a person, or whoever runs the program, would start it again. */
  #mayFail(error: unknown): boolean {
    const { code } = error as Partial<MillraceError>
    if (code === 'JOB_CANCELED') return this.#scenario.trouble.cancelAtMs !== null
    const isTrouble = this.#simulation.nowMs < TROUBLE_MS + REST_MS
    return isTrouble && canFailToWrite(this.#scenario) && error instanceof MillraceError
  }

  #count({ client, pool }: SimulatedExecutor): void {
    const metrics = client?.metrics()
    this.#lostExecutors += pool?.lostCount ?? 0
    this.#restarts += metrics?.restarts ?? 0
    this.#checkpoints += metrics?.checkpointsCompleted ?? 0
  }

  #crashOneExecutor(): void {
    const pool = this.#executor?.pool
    if (pool !== undefined)
      pool.crash(this.#simulation.random.integer({ min: 0, max: pool.size - 1 }))
  }

  #cancel(): void {
    void this.#executor?.client?.cancel()
  }

  #placeInput(): void {
    for (const { path, text } of inputFilesOf(this.#scenario)) {
      this.#simulation.disk(PROGRAM).place(path, text)
    }
  }

  #check(expected: Expected): void {
    for (const [name, count] of Object.entries(expected.accumulators)) {
      const counted = this.#result?.accumulators[name] ?? 0
      if (counted !== count) {
        this.#violation(
          'accumulators',
          `the accumulator ${name} is ${counted} and must be ${count}`,
        )
      }
    }
    this.#checkSavepoint()
    this.#watch.checkLeftovers(this.#result?.jobId ?? '')
    this.#checkRows(expected, 'at the end')
    // What the sinks hold is durable by now.
    this.#supervisor?.current?.crash()
    this.#checkRows(expected, 'after a power cut at the end')
  }

  /** A savepoint that was not given to the job is still there. */
  #checkSavepoint(): void {
    const { stop } = this.#scenario.trouble
    if (this.#savepoint === undefined || stop?.claimMode !== 'no-claim') return
    const path = `${this.#savepoint}/${METADATA_FILE_NAME}`
    if (this.#simulation.disk(PROGRAM).contentOf(path) === undefined) {
      this.#violation('checkpoint files', `${path} is gone, and was not the job's`)
    }
  }

  #checkRows(expected: Expected, when: string): void {
    const isAtLeastOnce = this.#secondSinkKind === 'async'
    const wanted = isAtLeastOnce ? { ...expected, copies: distinctRows(expected.copies) } : expected
    const differences = compareRows(wanted, (sink) => this.#rowsIn(sink))
    for (const difference of differences) this.#violation('rows', `${when}, ${difference}`)
  }

  #rowsIn(sink: keyof typeof SINKS): readonly Row[] {
    if (sink !== 'copies' || this.#secondSinkKind === 'files') {
      return this.#watch.rowsIn(SINKS[sink])
    }
    const { table, sent } = this.#outside
    return this.#secondSinkKind === 'table' ? table.rows : distinctRows(sent)
  }

  get #secondSinkKind(): SinkPlan['kind'] {
    return this.#scenario.job.secondSink.kind
  }

  #violation(checker: Checker, message: string): void {
    if (this.#violations.length === VIOLATIONS_MAX) return
    this.#violations.push({
      checker,
      message: `${this.#simulation.nowMs.toFixed(3)} ms: ${message}`,
    })
  }
}

function canFailToWrite({ trouble }: Scenario): boolean {
  const { disk } = trouble.faults
  return disk?.writeErrorChance !== undefined || disk?.full !== undefined
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\n${error.cause.stack}` : error.message
}
