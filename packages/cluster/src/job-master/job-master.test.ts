import {
  type Accumulator,
  type AccumulatorReport,
  type JsonValue,
  type MessageChannelPort,
  MillraceError,
  type Platform,
  type SplitEnumeratorContext,
  staticSplitEnumerator,
} from '@millrace/core'
import {
  type CheckpointSettings,
  FunctionTable,
  type JobSettings,
  type JobSubmission,
  type RestartSettings,
} from '@millrace/job-graph'
import { type SimulatedProcess, Simulation } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutorHandle, ExecutorPool } from '../gateways/executor-pool.ts'
import type { ExecutorCommand, ExecutorReport } from '../gateways/messages.ts'
import { toWireError, type WireError } from '../gateways/wire-error.ts'
import { JobMaster } from './job-master.ts'

let simulation: Simulation
let process: SimulatedProcess
let pool: ScriptedPool
let master: JobMaster

beforeEach(() => {
  simulation = new Simulation({ seed: 1 })
  process = simulation.process('master')
})

/** No test may leave a job that would go on by itself. */
afterEach(() => process.crash())

describe('a job whose executors fail', () => {
  test('when one is lost while an attempt is about to begin, then only the next attempt is deployed', async () => {
    await startJob({ executors: 2 })
    pool.lose(0)
    pool.executor(1).report({ kind: 'canceled', attempt: 0 })
    expect(master.status()).toBe('restarting')
    // Now it looks for the latest checkpoint, which takes longer than this.
    await simulation.runFor(0.01)
    pool.lose(1)
    await simulation.runFor(1000)
    for (const executor of pool.all()) {
      const attempts = executor.commands.flatMap((sent) =>
        sent.kind === 'deploy' ? sent.attempt : [],
      )
      expect(attempts).toEqual(executor.isLost ? [0] : [2])
    }
  })

  test('when one is lost before the other has finished, then the job restarts instead of ending', async () => {
    await startJob({ executors: 2 })
    startTasks()
    await finishInput()
    pool.executor(0).report({ kind: 'finished', attempt: 0 })
    pool.lose(0)
    pool.executor(1).report({ kind: 'finished', attempt: 0 })
    expect(master.status()).toBe('failing')
    pool.executor(1).report({ kind: 'canceled', attempt: 0 })
    expect(master.status()).toBe('restarting')
  })
})

describe('a job whose tasks fail', () => {
  test('when one fails while others still open, then all are canceled, and the next attempt is deployed', async () => {
    await startJob({ executors: 2 })
    pool.executor(0).report({ kind: 'opened', attempt: 0 })
    pool.executor(1).report(failed(0))
    pool.executor(1).report({ kind: 'opened', attempt: 0 })
    expect(pool.all().map((executor) => executor.sent('cancel')?.attempt)).toEqual([0, 0])
    expect(pool.executor(0).sent('start')).toBeUndefined()

    answerCancel(0)
    await simulation.runFor(1000)

    expect(pool.all().map((executor) => executor.sent('deploy')?.attempt)).toEqual([1, 1])
  })

  test('when a report of an earlier attempt comes late, then it is not heard', async () => {
    await startJob({ executors: 1 })
    pool.executor(0).report(failed(0))
    answerCancel(0)
    await simulation.runFor(1000)
    for (const kind of ['opened', 'canceled', 'finished'] as const) {
      pool.executor(0).report({ kind, attempt: 0 })
    }
    pool.executor(0).report(failed(0))

    expect(master.status()).toBe('restarting')
    expect(pool.executor(0).sent('deploy')?.attempt).toBe(1)
  })

  test('when what failed will fail again, then the job ends with it at once', async () => {
    await startJob({ executors: 2 })
    startTasks()
    pool.executor(1).report(failed(0, { isRetryable: false }))
    expect(master.status()).toBe('failing')
    answerCancel(0)
    await endOf(master)

    expect(master.status()).toBe('failed')
    expect(await failureOf(master)).toMatchObject({ code: 'FILE_UNREADABLE' })
    expect(pool.closings).toBe(1)
    expect(master.metrics().restarts).toBe(0)
  })

  test('when restarts are used up, then the job ends with the last failure', async () => {
    await startJob({ executors: 1, restart: { kind: 'fixed-delay', attempts: 2, delayMs: 50 } })
    for (let attempt = 0; attempt < 3; attempt++) {
      await simulation.run(() => pool.executor(0).sent('deploy')?.attempt === attempt)
      pool.executor(0).report(failed(attempt, { came: `failure ${attempt}` }))
      answerCancel(attempt)
    }
    await endOf(master)

    expect(master.status()).toBe('failed')
    expect(await failureOf(master)).toMatchObject({ came: 'failure 2' })
    expect(master.metrics().restarts).toBe(2)
  })

  test('when an attempt cannot be deployed, then the job ends instead of waiting', async () => {
    await startJob({ executors: 1 })
    startTasks()
    await simulation.run(() => pool.executor(0).sent('trigger-checkpoint') !== undefined)
    pool.executor(0).report(acknowledged(1))
    await simulation.run(() => pool.executor(0).sent('checkpoint-complete') !== undefined)
    simulation.disk('master').place('/checkpoints/chk-1/_metadata', 'damaged')
    pool.executor(0).report(failed(0))
    answerCancel(0)
    await simulation.run(() => master.status() === 'failing')
    answerCancel(1)
    await endOf(master)

    expect(await failureOf(master)).toMatchObject({ code: 'CHECKPOINT_CORRUPT' })
  })
})

describe('a job that is canceled', () => {
  test('when its tasks still open, then they are not started, and the job ends when all have answered', async () => {
    await startJob({ executors: 2 })
    const canceled = master.cancel()
    for (const executor of pool.all()) executor.report({ kind: 'opened', attempt: 0 })
    pool.executor(0).report({ kind: 'canceled', attempt: 0 })
    expect(master.status()).toBe('canceling')
    pool.executor(1).report({ kind: 'canceled', attempt: 0 })
    await simulation.resultOf(canceled)

    expect(master.status()).toBe('canceled')
    expect(await failureOf(master)).toMatchObject({ code: 'JOB_CANCELED' })
    expect(pool.all().map((executor) => executor.sent('start'))).toEqual([undefined, undefined])
    expect(pool.closings).toBe(1)
  })

  test('when it runs, then no further checkpoint is triggered', async () => {
    await startJob({ executors: 1 })
    startTasks()
    const canceled = master.cancel()
    await simulation.runFor(1000)
    expect(pool.executor(0).sent('trigger-checkpoint')).toBeUndefined()
    answerCancel(0)
    await simulation.resultOf(canceled)

    expect(master.status()).toBe('canceled')
  })

  test('when it is failing, then tasks are not canceled a second time, and there is no restart', async () => {
    await startJob({ executors: 1 })
    startTasks()
    pool.executor(0).report(failed(0))
    const canceled = master.cancel()
    expect(pool.executor(0).commands.filter(({ kind }) => kind === 'cancel')).toHaveLength(1)
    answerCancel(0)
    await simulation.resultOf(canceled)
    await simulation.runFor(1000)

    expect(await failureOf(master)).toMatchObject({ code: 'JOB_CANCELED' })
    expect(pool.executor(0).sent('deploy')?.attempt).toBe(0)
  })

  test('when it waits for its restart, then it does not restart', async () => {
    await startJob({ executors: 1, restart: { kind: 'fixed-delay', attempts: 9, delayMs: 500 } })
    pool.executor(0).report(failed(0))
    answerCancel(0)
    await simulation.runFor(100)
    expect(master.status()).toBe('restarting')
    const canceled = master.cancel()
    answerCancel(1)
    await simulation.resultOf(canceled, { simulatedMsMax: 10 })
    await simulation.runFor(1000)

    expect(master.status()).toBe('canceled')
    expect(pool.executor(0).sent('deploy')?.attempt).toBe(0)
  })

  test('when nothing is deployed yet, then nothing will be', async () => {
    createJob({ executors: 1 })
    const running = master.run()
    await simulation.resultOf(master.cancel())
    await simulation.resultOf(running)
    await simulation.runFor(1000)

    expect(master.status()).toBe('canceled')
    expect(pool.all()).toEqual([])
  })

  test('when an executor is just being started, then it is ended too', async () => {
    createJob({ executors: 1 })
    pool.startingMs = 100
    const running = master.run()
    await simulation.run(() => pool.startings === 1)
    await simulation.resultOf(master.cancel())
    expect(pool.closings).toBe(1)
    await simulation.resultOf(running)

    expect(pool.closings).toBe(2)
  })

  test('when it has ended, then canceling changes nothing', async () => {
    await startJob({ executors: 1 })
    startTasks()
    await finishInput()
    pool.executor(0).report({ kind: 'finished', attempt: 0 })
    await simulation.resultOf(master.result())
    await simulation.resultOf(master.cancel())

    expect(master.status()).toBe('finished')
  })
})

describe('what tasks and the submitter are told', () => {
  test('when checkpoints fail and are replaced, then all executors learn of it', async () => {
    await startJob({ executors: 2, tolerableFailures: 1 })
    startTasks()
    const { error } = failed(0) as { error: WireError }
    await triggered(1)
    pool.executor(1).report({
      kind: 'declined',
      attempt: 0,
      task: 'source/1',
      checkpointId: 1,
      error: { ...error, isRetryable: true },
    })
    for (const checkpointId of [2, 3]) {
      await triggered(checkpointId)
      for (const subtask of [0, 1])
        pool.executor(subtask).report(acknowledged(checkpointId, subtask))
      await simulation.run(
        () => pool.executor(0).sent('checkpoint-complete')?.checkpointId === checkpointId,
      )
    }
    for (const executor of pool.all()) {
      expect(executor.sent('checkpoint-aborted')?.checkpointId).toBe(1)
      expect(executor.sent('checkpoint-subsumed')?.checkpointId).toBe(2)
    }
  })

  test('when executors report accumulators, then they are merged, one of a class of the user by who has it', async () => {
    await startJob({ executors: 2 })
    startTasks()
    for (const [index, value] of [3, 4].entries()) {
      pool.executor(index).report(
        figures([
          { name: 'sum', kind: 'int-counter', snapshots: [value] },
          { name: 'seen', kind: 'histogram', snapshots: [[[value, 1]]] },
          { name: 'own', kind: 'product', snapshots: [value] },
        ]),
      )
    }
    const metrics = master.metrics()
    expect(metrics.accumulators).toEqual({ sum: 7 })
    expect(metrics.getAccumulatorResult('seen')).toEqual(
      new Map([
        [3, 1],
        [4, 1],
      ]),
    )
    expect(metrics.getAccumulatorResult('own', () => new Product())).toBe(12)
    expect(() => metrics.getAccumulatorResult('own')).toThrow(/OPTION_INVALID.*'product'.*none/)
    expect(metrics.getAccumulatorResult('unknown')).toBeUndefined()
  })

  test('when two kinds come under one name, then the job ends at once and names them', async () => {
    await startJob({ executors: 2 })
    startTasks()
    pool.executor(0).report(figures([{ name: 'seen', kind: 'int-counter', snapshots: [1] }]))
    pool.executor(1).report(figures([{ name: 'seen', kind: 'histogram', snapshots: [[]] }]))
    answerCancel(0)
    await endOf(master)

    expect(master.metrics().restarts).toBe(0)
    expect(await failureOf(master)).toMatchObject({
      code: 'OPTION_INVALID',
      came: "'int-counter' and 'histogram'",
    })
  })
})

/** An accumulator as a user writes it. */
class Product implements Accumulator {
  readonly kind = 'product'
  #product = 1

  add(value: number): void {
    this.#product *= value
  }

  getLocalValue(): number {
    return this.#product
  }

  resetLocal(): void {
    this.#product = 1
  }

  snapshot(): number {
    return this.#product
  }

  merge(snapshot: JsonValue): void {
    this.add(Number(snapshot))
  }
}

function figures(accumulators: AccumulatorReport): ExecutorReport {
  return { kind: 'figures', attempt: 0, accumulators, sourceRecords: {} }
}

async function triggered(checkpointId: number): Promise<void> {
  await simulation.run(
    () => pool.executor(0).sent('trigger-checkpoint')?.barrier.checkpointId === checkpointId,
  )
}

describe('restarts and checkpoints', () => {
  test('when a checkpoint is being stored at a failure, then the restart waits for it and begins there', async () => {
    await startJob({ executors: 1 })
    startTasks()
    await simulation.run(() => pool.executor(0).sent('trigger-checkpoint') !== undefined)
    pool.executor(0).report(acknowledged(1))
    pool.lose(0)
    await simulation.run(() => pool.executor(0).sent('deploy')?.attempt === 1)
    expect(pool.executor(0).sent('deploy')?.checkpointId).toBe(1)
    expect(paths()).toContain('/checkpoints/chk-1/_metadata')
  })

  test('when storing a checkpoint failed, then nothing of it is left after the restart', async () => {
    simulation.disk('master').place('/checkpoints/chk-1/_metadata.unfinished', 'cut off')
    await startJob({ executors: 1 })
    await simulation.run(() => pool.executor(0).sent('deploy')?.attempt === 0)
    pool.lose(0)
    await simulation.run(() => pool.executor(0).sent('deploy')?.attempt === 1)
    expect(paths()).toEqual([])
  })
})

interface JobOptions {
  readonly executors: number
  readonly restart?: RestartSettings
  readonly tolerableFailures?: number
}

function createJob({
  executors,
  restart = SETTINGS.restart,
  tolerableFailures = 0,
}: JobOptions): void {
  pool = new ScriptedPool(executors, process)
  const { settings, ...job } = submission(executors)
  master = new JobMaster({
    platform: process,
    submission: {
      ...job,
      settings: { ...settings, restart, checkpointing: { ...CHECKPOINTING, tolerableFailures } },
    },
    pool,
  })
}

async function startJob(options: JobOptions): Promise<void> {
  createJob(options)
  await simulation.resultOf(master.run())
}

function failed(attempt: number, facts: Partial<WireError> = {}): ExecutorReport {
  const error = { expected: 'records', came: 'none', todo: 'Wait.' }
  return {
    kind: 'failed',
    attempt,
    error: { ...toWireError(new MillraceError('FILE_UNREADABLE', error)), ...facts },
  }
}

/** All executors have canceled their tasks. */
function answerCancel(attempt: number): void {
  for (const executor of pool.all()) executor.report({ kind: 'canceled', attempt })
}

/** Runs until the job's result is there. */
async function endOf(job: JobMaster): Promise<void> {
  await simulation.resultOf(job.result().catch(() => {}))
}

function failureOf(job: JobMaster): Promise<unknown> {
  return job.result().then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** All executors open their tasks, and so the job runs. */
function startTasks(): void {
  for (const executor of pool.all()) executor.report({ kind: 'opened', attempt: 0 })
  expect(master.status()).toBe('running')
}

/** The input ends, and the final checkpoint completes and is committed. */
async function finishInput(): Promise<void> {
  const count = pool.size
  for (let subtask = 0; subtask < count; subtask++) {
    pool.executor(subtask).report({ kind: 'drained', attempt: 0, task: `source/${subtask}` })
  }
  for (let subtask = 0; subtask < count; subtask++) {
    pool.executor(subtask).report(acknowledged(1, subtask))
  }
  await simulation.run(() => pool.executor(0).sent('checkpoint-complete') !== undefined)
  for (const executor of pool.all()) {
    executor.report({ kind: 'committed', attempt: 0, checkpointId: 1, needsCheckpoint: false })
  }
  expect(pool.executor(0).sent('finish')).toBeDefined()
}

function acknowledged(checkpointId: number, subtaskIndex = 0): ExecutorReport {
  return {
    kind: 'acknowledged',
    attempt: 0,
    task: `source/${subtaskIndex}`,
    checkpointId,
    snapshots: [{ uid: 'source', subtaskIndex, isFinished: false, slots: {} }],
    figures: { alignmentMs: 0, syncMs: 0, asyncMs: 0, stateBytes: 0, inFlightBytes: 0 },
  }
}

function paths(): readonly string[] {
  return simulation.disk('master').paths()
}

const CHECKPOINTING: CheckpointSettings = {
  intervalMs: 100,
  intervalDuringBacklogMs: 100,
  directory: '/checkpoints',
  timeoutMs: 10_000,
  minPauseMs: 0,
  retained: 1,
  tolerableFailures: 0,
  restoreFrom: null,
}

const SETTINGS: JobSettings = {
  checkpointing: CHECKPOINTING,
  restart: { kind: 'fixed-delay', attempts: 10, delayMs: 0 },
  autoWatermarkIntervalMs: 200,
  bufferTimeoutMs: 10,
  threads: 0,
  module: null,
  defaults: { parallelism: 1, maxParallelism: null },
}

/** A source that has nothing to read. */
class NoSplits {
  createEnumerator(context: SplitEnumeratorContext, restored: JsonValue | undefined) {
    return staticSplitEnumerator({ context, restored, findSplits: () => [] })
  }
}

/** A job of one source, as many subtasks as executors. */
function submission(parallelism: number): JobSubmission {
  const functions = new FunctionTable()
  const source = functions.register('source', 'source', new NoSplits())
  return {
    graph: {
      formatVersion: 1,
      jobName: 'a source',
      hash: 'a hash',
      edges: [],
      vertices: [
        {
          id: 'source',
          name: 'source',
          parallelism,
          maxParallelism: 128,
          operators: [
            {
              uid: 'source',
              name: 'source',
              kind: 'source',
              config: { watermarks: { generator: 'none' } },
              functions: { source },
              outputType: { kind: 'any' },
              keyType: null,
              chainedTo: null,
            },
          ],
        },
      ],
    },
    functions,
    settings: SETTINGS,
  }
}

/** Executors that do nothing, and say what a test lets them say. */
class ScriptedPool implements ExecutorPool {
  readonly size: number
  /** How long it takes to start an executor. */
  startingMs = 0
  startings = 0
  closings = 0
  readonly #platform: Platform
  readonly #executors: ScriptedExecutor[] = []

  constructor(size: number, platform: Platform) {
    this.size = size
    this.#platform = platform
  }

  async start(index: number): Promise<ExecutorHandle> {
    this.startings++
    const { startingMs } = this
    if (startingMs > 0) {
      await new Promise<void>((resolve) => this.#platform.timers.after(startingMs, resolve))
    }
    const executor = new ScriptedExecutor(index)
    this.#executors.push(executor)
    return executor
  }

  connect(): void {
    throw new Error('the job has no edges')
  }

  async close(): Promise<void> {
    this.closings++
  }

  /** The latest executor of an index. */
  executor(index: number): ScriptedExecutor {
    const executor = this.#executors.findLast((each) => each.index === index)
    if (executor === undefined) throw new Error(`no executor ${index} was started`)
    return executor
  }

  all(): readonly ScriptedExecutor[] {
    return this.#executors
  }

  lose(index: number): void {
    this.executor(index).lose()
  }
}

class ScriptedExecutor implements ExecutorHandle {
  readonly index: number
  readonly commands: ExecutorCommand[] = []
  readonly control: MessageChannelPort
  isLost = false
  #onReport: (report: unknown) => void = () => {}
  #onLost: (error: unknown) => void = () => {}

  constructor(index: number) {
    this.index = index
    this.control = {
      post: (command) => {
        this.commands.push(command as ExecutorCommand)
      },
      onMessage: (handler) => {
        this.#onReport = handler
      },
      close: () => {},
    }
  }

  onLost(handler: (error: unknown) => void): void {
    this.#onLost = handler
  }

  report(report: ExecutorReport): void {
    this.#onReport(report)
  }

  lose(): void {
    this.isLost = true
    this.#onLost(new Error('lost'))
  }

  /** The latest command of a kind. */
  sent<Kind extends ExecutorCommand['kind']>(
    kind: Kind,
  ): (ExecutorCommand & { readonly kind: Kind }) | undefined {
    const command = this.commands.findLast((each) => each.kind === kind)
    return command as (ExecutorCommand & { readonly kind: Kind }) | undefined
  }
}
