import type { MessageChannelPort } from '@millrace/core'
import { FunctionTable, type JobSettings, type JobSubmission } from '@millrace/job-graph'
import { type SimulatedProcess, Simulation } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutorHandle, ExecutorPool } from '../gateways/executor-pool.ts'
import type { ExecutorCommand, ExecutorReport } from '../gateways/messages.ts'
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

async function startJob({ executors }: { readonly executors: number }): Promise<void> {
  pool = new ScriptedPool(executors)
  master = new JobMaster({ platform: process, submission: submission(executors), pool })
  master.result().catch(() => {})
  await simulation.resultOf(master.run())
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
    executor.report({ kind: 'committed', attempt: 0, checkpointId: 1 })
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
  }
}

function paths(): readonly string[] {
  return simulation.disk('master').paths()
}

const SETTINGS: JobSettings = {
  checkpointing: {
    intervalMs: 100,
    directory: '/checkpoints',
    timeoutMs: 10_000,
    minPauseMs: 0,
    retained: 1,
    tolerableFailures: 0,
    restoreFrom: null,
  },
  restart: { kind: 'fixed-delay', attempts: 10, delayMs: 0 },
  autoWatermarkIntervalMs: 200,
  bufferTimeoutMs: 10,
  threads: 0,
  module: null,
  defaults: { parallelism: 1, maxParallelism: null },
}

/** A job of one source, as many subtasks as executors. */
function submission(parallelism: number): JobSubmission {
  const functions = new FunctionTable()
  const source = functions.register('source', 'source', { enumerateSplits: async () => [] })
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
              config: {},
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
  readonly #executors: ScriptedExecutor[] = []

  constructor(size: number) {
    this.size = size
  }

  async start(index: number): Promise<ExecutorHandle> {
    const executor = new ScriptedExecutor(index)
    this.#executors.push(executor)
    return executor
  }

  connect(): void {
    throw new Error('the job has no edges')
  }

  async close(): Promise<void> {
    this.#executors.length = 0
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
