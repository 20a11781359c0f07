// Savepoints, and stopping with one, while the program and its threads crash at any moment and disks fail: whoever goes on, from the
// savepoint or from the latest checkpoint, finds each record once. What was answered as a savepoint is whole.

import { FileSink, type JobClient, StreamExecutionEnvironment } from 'millrace'
import {
  SeededRandom,
  SimulatedExecutor,
  type SimulatedProcess,
  type SimulatedProgram,
  Simulation,
} from '@millrace/testing'
import { expect, test } from 'vitest'

const SEEDS = 60
const COUNT = 150
const ALL = Array.from({ length: COUNT }, (_, index) => index)
const TROUBLE_MS = 900

/** How one seed is stopped. */
interface Plan {
  readonly threads: number
  readonly parallelisms: readonly number[]
  readonly maxConcurrent: number
  /** After so long in each start of the program. */
  readonly stopAfterMs: number
  readonly drain: boolean
  /** Go on from the savepoint's path, rather than from what is latest. */
  readonly goesOnByPath: boolean
  /** How often a savepoint or a checkpoint is asked for besides. */
  readonly extraMs: number
}

interface Outcome {
  readonly numbers: readonly number[]
  /** It may have ended before all was read. */
  readonly isDrained: boolean
  /** Savepoints that were answered, but are not whole. */
  readonly broken: readonly string[]
  readonly stops: number
  readonly refusals: number
}

function drawPlan(seed: number): Plan {
  const random = new SeededRandom(seed).fork('plan')
  const any = (max: number): number => random.integer({ min: 1, max })
  return {
    threads: random.integer({ min: 0, max: 2 }),
    parallelisms: [any(3), any(3), any(3)],
    maxConcurrent: any(3),
    stopAfterMs: any(300),
    drain: random.chance(0.2),
    goesOnByPath: random.chance(0.5),
    extraMs: 20 + any(100),
  }
}

class Run {
  readonly #plan: Plan
  readonly #simulation: Simulation
  readonly #savepoints: string[] = []
  #starts = 0
  #stops = 0
  #refusals = 0
  #restoreFrom = 'latest'
  #isOver = false

  constructor(seed: number) {
    this.#plan = drawPlan(seed)
    const random = new SeededRandom(seed).fork('trouble')
    this.#simulation = new Simulation({
      seed,
      faults: {
        crashes: {
          count: { min: 0, max: 4 },
          withinMs: { min: 0, max: 700 },
          downMs: { min: 1, max: 50 },
        },
        disk: {
          ...(random.chance(0.5) && { latencyMs: { min: 0.02, max: 10 } }),
          ...(random.chance(0.3) && { writeErrorChance: 0.01 }),
        },
        untilMs: TROUBLE_MS,
      },
    })
  }

  async outcome(): Promise<Outcome> {
    const simulation = this.#simulation
    simulation.supervise('program', (process) => this.#start(process))
    await simulation.run(() => this.#isOver, { simulatedMsMax: 60_000 })
    const disk = simulation.disk('program')
    const paths = disk.paths()
    const text = (path: string): string => new TextDecoder().decode(disk.contentOf(path))
    return {
      numbers: paths
        .filter((path) => path.startsWith('/out/') && !path.includes('/.'))
        .flatMap((path) => text(path).trimEnd().split('\n').map(Number))
        .toSorted((left, right) => left - right),
      isDrained: this.#plan.drain,
      broken: this.#savepoints.filter((path) => !paths.includes(`${path}/_metadata`)),
      stops: this.#stops,
      refusals: this.#refusals,
    }
  }

  /** Runs the job until it has come to its end, in a new process after each stop: what was not durable is lost then. */
  async #start(process: SimulatedProcess): Promise<void> {
    try {
      const wasStopped = await this.#runJob(process)
      if (!process.isAlive) return
      if (wasStopped) process.crash()
      else this.#isOver = true
    } catch (error) {
      // Who watches over the program starts it again; once nothing goes wrong any more, it has to work.
      if (!process.isAlive) return
      if (this.#simulation.nowMs > TROUBLE_MS) throw error
      process.crash()
    }
  }

  /** Whether the job was stopped, and is to be started again. */
  async #runJob(process: SimulatedProcess): Promise<boolean> {
    const { stopAfterMs, extraMs, drain } = this.#plan
    const program = this.#program(this.#plan.parallelisms[this.#starts++ % 3] as number)
    const executor = new SimulatedExecutor({ simulation: this.#simulation, process, program })
    // The path is right once; after a crash there may be newer checkpoints.
    this.#restoreFrom = 'latest'
    let wasStopped = false
    let job: JobClient | undefined
    const stop = async (): Promise<void> => {
      try {
        const path = await (job as JobClient).stopWithSavepoint({ directory: '/savepoints', drain })
        if (!process.isAlive) return
        this.#stops++
        this.#savepoints.push(path)
        wasStopped = !drain
        if (this.#plan.goesOnByPath) this.#restoreFrom = path
      } catch {
        this.#refusals++
      }
    }
    const extra = async (): Promise<void> => {
      if (!process.isAlive || job?.status() === 'finished') return
      process.timers.after(extraMs, () => void extra())
      try {
        const path = await job?.triggerSavepoint({ directory: '/savepoints' })
        if (path !== undefined && process.isAlive) this.#savepoints.push(path)
        await job?.triggerCheckpoint()
      } catch {
        this.#refusals++
      }
    }
    process.timers.after(1, () => (job = executor.client))
    // After so many stops the job is left to come to its end.
    if (this.#stops < 3) process.timers.after(stopAfterMs, () => void stop())
    process.timers.after(extraMs, () => void extra())
    await program(executor)
    // Whoever waits for the savepoint is answered right before the job's end.
    await Promise.resolve()
    return wasStopped
  }

  #program(parallelism: number): SimulatedProgram<unknown> {
    const { threads, maxConcurrent } = this.#plan
    const restoreFrom = this.#restoreFrom
    return (executor) => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        executor,
        threads,
        parallelism,
        checkpointing: {
          interval: '30 ms',
          directory: '/checkpoints',
          restoreFrom,
          maxConcurrent,
          tolerableFailures: 3,
        },
        restart: { strategy: 'exponential-delay', initialDelay: 5, maxDelay: 20 },
      })
      env
        .generate({ count: COUNT, recordsPerSecond: 300, generator: (index) => index })
        .keyBy((n) => n % 7)
        .reduce((_, n) => n)
        .sinkTo(
          FileSink.of({
            path: '/out',
            encoder: { name: 'lines', encode: (n: number) => `${n}\n` },
          }),
        )
      return env.execute()
    }
  }
}

test('when jobs are stopped, restarted and killed at any moment, then each record is there once', async () => {
  let stops = 0
  let refusals = 0
  let drains = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await new Run(seed).outcome()
    const { numbers, isDrained, broken } = outcome
    expect(broken, `seed ${seed}`).toEqual([])
    expect(new Set(numbers).size, `seed ${seed}: none twice`).toBe(numbers.length)
    if (!isDrained) expect(numbers, `seed ${seed}`).toEqual(ALL)
    stops += outcome.stops
    refusals += outcome.refusals
    if (numbers.length < COUNT) drains++
  }
  // Otherwise nothing was tried.
  expect(stops).toBeGreaterThan(SEEDS)
  expect(refusals).toBeGreaterThan(10)
  expect(drains).toBeGreaterThan(5)
}, 240_000)
