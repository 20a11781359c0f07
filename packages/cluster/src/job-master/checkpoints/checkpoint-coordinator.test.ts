import type { CheckpointMetadata } from '@millrace/checkpoint'
import { MillraceError } from '@millrace/core'
import type { CheckpointSettings } from '@millrace/job-graph'
import { CheckpointStorage } from '@millrace/runtime'
import { type FaultPlan, type SimulatedProcess, Simulation } from '@millrace/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { CheckpointCoordinator } from './checkpoint-coordinator.ts'

const TASKS = ['source/0', 'sink/0']

const SETTINGS: CheckpointSettings = {
  intervalMs: 1000,
  intervalDuringBacklogMs: 0,
  directory: '/checkpoints',
  timeoutMs: 600,
  minPauseMs: 0,
  retained: 1,
  tolerableFailures: 0,
  restoreFrom: null,
}

let simulation: Simulation
let process: SimulatedProcess
let coordinator: CheckpointCoordinator
/** What the coordinator did, each with the time: `1000 trigger checkpoint 1`. */
let calls: string[]
let failure: MillraceError | undefined
let subsumed: number[]
let enumeratorFailure: MillraceError | undefined
let completed: CheckpointMetadata | undefined

interface World {
  /** `null`: the job takes no checkpoints. */
  readonly settings?: Partial<CheckpointSettings> | null
  readonly faults?: FaultPlan
  /** Without a directory. */
  readonly isInMemory?: boolean
}

function start({ settings = {}, faults = {}, isInMemory = false }: World = {}): void {
  simulation = new Simulation({ seed: 1, faults })
  process = simulation.process('master')
  calls = []
  failure = undefined
  subsumed = []
  enumeratorFailure = undefined
  const note = (what: string): void => void calls.push(`${Math.round(simulation.nowMs)} ${what}`)
  coordinator = new CheckpointCoordinator({
    platform: process,
    settings: settings === null ? null : { ...SETTINGS, ...settings },
    storage:
      settings === null || isInMemory
        ? undefined
        : new CheckpointStorage(process.files, '/checkpoints'),
    firstCheckpointId: 1,
    retained: [],
    tasks: TASKS,
    job: {
      jobName: 'job',
      graphHash: 'hash',
      oldestOwnId: 1,
      operators: [
        { uid: 'source', name: 'source', kind: 'source', parallelism: 1, maxParallelism: 128 },
        { uid: 'sink', name: 'sink', kind: 'sink', parallelism: 1, maxParallelism: 128 },
      ],
    },
    calls: {
      snapshotEnumerators: (checkpointId) => {
        if (enumeratorFailure !== undefined) throw enumeratorFailure
        return new Map([['source', `at ${checkpointId}`]])
      },
      trigger: ({ kind, checkpointId }) => note(`trigger ${kind} ${checkpointId}`),
      completed: (metadata, { checkpointId }) => {
        completed = metadata
        note(`completed ${checkpointId}`)
      },
      aborted: (checkpointId, reason) => note(`aborted ${checkpointId}: ${reason}`),
      subsumed: (checkpointId) => subsumed.push(checkpointId),
      fail: (error) => {
        failure = error
        note(`fail ${error.code}`)
      },
    },
  })
  coordinator.start()
}

afterEach(() => process.crash())

function acknowledge(checkpointId: number, tasks: readonly string[] = TASKS): void {
  for (const task of tasks) {
    const uid = task.replace('/0', '')
    const slots = { state: { kind: 'inline', bytes: Uint8Array.of(1, 2, 3) } } as const
    coordinator.acknowledge(checkpointId, task, [
      { uid, subtaskIndex: 0, isFinished: false, slots },
    ])
  }
}

function decline(checkpointId: number, isRetryable = true): void {
  const error = new MillraceError('FILE_UNWRITABLE', {
    expected: 'room',
    came: 'none',
    todo: 'Make some.',
    isRetryable,
  })
  coordinator.decline(checkpointId, 'source/0', error)
}

/** Calls, each without its time. */
function done(): readonly string[] {
  return calls.map((call) => call.replace(/^\d+ /, ''))
}

describe('when checkpoints are taken', () => {
  test('when nothing goes wrong, then one is triggered each interval, from the trigger of the one before', async () => {
    start()
    await simulation.runFor(1001)
    acknowledge(1)
    await simulation.runFor(1001)
    acknowledge(2)
    await simulation.runFor(10)

    expect(done()).toEqual([
      'trigger checkpoint 1',
      'completed 1',
      'trigger checkpoint 2',
      'completed 2',
    ])
    expect(calls[0]).toMatch(/^1000 /)
    expect(calls[2]).toMatch(/^2000 /)
  })

  test('when one completes, then it holds the enumerators as they were at its trigger', async () => {
    start()
    await simulation.runFor(1001)
    acknowledge(1)
    await simulation.runFor(10)

    expect(completed?.operators.map(({ enumerator }) => enumerator)).toEqual(['at 1', undefined])
  })

  test('when one is asked for, then it is triggered at once, and the interval counts from it', async () => {
    start()
    await simulation.runFor(300)
    coordinator.takeNow()
    expect(done()).toEqual(['trigger checkpoint 1'])
    acknowledge(1)
    await simulation.runFor(990)
    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1'])
    await simulation.runFor(20)
    expect(calls[2]).toMatch(/^1300 trigger checkpoint 2$/)
  })

  test('when one is asked for while another is under way, then it follows right after', async () => {
    start({ settings: null })
    coordinator.takeNow()
    coordinator.takeNow()
    coordinator.takeNow()
    acknowledge(1)
    await simulation.runFor(10)
    acknowledge(2)
    await simulation.runFor(10)
    expect(done()).toEqual([
      'trigger checkpoint 1',
      'completed 1',
      'trigger checkpoint 2',
      'completed 2',
    ])
  })

  test('when all input has ended, then the final one is the one that was asked for', async () => {
    start()
    coordinator.takeFinal()
    coordinator.takeNow()
    acknowledge(1)
    await simulation.runFor(10)
    expect(done()).toEqual(['trigger final 1', 'completed 1'])
  })

  test('when sources work off a backlog, then the other interval counts, from the last trigger', async () => {
    start({ settings: { intervalMs: 1000, intervalDuringBacklogMs: 5000 } })
    coordinator.setProcessingBacklog(true)
    await simulation.runFor(5001)
    expect(done()).toEqual(['trigger checkpoint 1'])
    acknowledge(1)
    await simulation.runFor(500)
    coordinator.setProcessingBacklog(false)
    await simulation.runFor(502)
    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1', 'trigger checkpoint 2'])
    expect(calls[2]).toMatch(/^6000 /)
  })

  test('when there are none during a backlog, then the first comes after it, and the last at the end', async () => {
    start({ settings: { intervalDuringBacklogMs: 0 } })
    coordinator.setProcessingBacklog(true)
    await simulation.runFor(10_000)
    expect(done()).toEqual([])
    coordinator.setProcessingBacklog(false)
    await simulation.runFor(10)
    expect(done()).toEqual(['trigger checkpoint 1'])
    coordinator.setProcessingBacklog(true)
    acknowledge(1)
    await simulation.runFor(10_000)
    coordinator.takeFinal()
    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1', 'trigger final 2'])
  })

  test('when an enumerator cannot be snapshotted, then no barrier is sent, and the job fails', async () => {
    start()
    enumeratorFailure = new MillraceError('FUNCTION_FAILED', {
      expected: 'a state',
      came: 'none',
      todo: 'Look.',
    })
    await simulation.runFor(1001)

    expect(done()).toEqual(['fail FUNCTION_FAILED'])
    expect(failure).toBe(enumeratorFailure)
  })

  test('when one takes longer than the interval, then the next one follows at once, and never beside it', async () => {
    start({ settings: { intervalMs: 100 } })
    await simulation.runFor(450)
    expect(done()).toEqual(['trigger checkpoint 1'])
    acknowledge(1)
    await simulation.runFor(10)

    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1', 'trigger checkpoint 2'])
  })

  test('when there is a least pause, then the next one waits for it after the end of the one before', async () => {
    start({ settings: { intervalMs: 100, minPauseMs: 200 } })
    await simulation.runFor(450)
    acknowledge(1)
    await simulation.runFor(199)
    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1'])
    await simulation.runFor(10)

    expect(done().at(-1)).toBe('trigger checkpoint 2')
  })

  test('when a task has not acknowledged, then a checkpoint is not complete; twice by one task is not both', async () => {
    start()
    await simulation.runFor(1001)
    acknowledge(1, ['source/0', 'source/0'])
    await simulation.runFor(10)
    expect(done()).toEqual(['trigger checkpoint 1'])
    acknowledge(1, ['sink/0'])
    await simulation.runFor(10)

    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1'])
  })

  test('when it has stopped, then nothing is triggered and no answer counts', async () => {
    start()
    await simulation.runFor(1001)
    await coordinator.stop()
    acknowledge(1)
    decline(1)
    await simulation.runFor(5000)

    expect(done()).toEqual(['trigger checkpoint 1'])
    expect(coordinator.nextCheckpointId).toBe(2)
  })
})

describe('a checkpoint that fails', () => {
  test('when it is declined, then the job fails with the cause', async () => {
    start()
    await simulation.runFor(1001)
    decline(1)

    expect(done()).toEqual([
      'trigger checkpoint 1',
      expect.stringMatching(/^aborted 1: source\/0: FILE_UNWRITABLE/),
      'fail CHECKPOINT_FAILED',
    ])
    expect(failure?.cause).toMatchObject({ code: 'FILE_UNWRITABLE' })
    expect(failure?.isRetryable).toBe(true)
  })

  test('when it is not complete in time, then it is given up, and late acknowledgements do not count', async () => {
    start({ settings: { tolerableFailures: 1 } })
    await simulation.runFor(1601)
    acknowledge(1)
    await simulation.runFor(10)

    expect(done()).toEqual(['trigger checkpoint 1', 'aborted 1: not complete after 600 ms'])
    expect(calls[1]).toMatch(/^1600 /)
  })

  test('when some failures in a row are tolerated, then one more fails the job', async () => {
    start({ settings: { tolerableFailures: 2 } })
    for (let id = 1; id <= 3; id++) {
      await simulation.runFor(1001)
      decline(id)
      if (id < 3) expect(failure).toBeUndefined()
    }

    expect(failure?.code).toBe('CHECKPOINT_FAILED')
  })

  test('when one succeeds in between, then failures are counted anew', async () => {
    start({ settings: { tolerableFailures: 1 } })
    for (const id of [1, 2, 3]) {
      await simulation.runFor(1001)
      if (id === 2) acknowledge(id)
      else decline(id)
      await simulation.runFor(10)
    }

    expect(failure).toBeUndefined()
  })

  test('when its cause is for the user to mend, then the job fails with it, whatever is tolerated', async () => {
    start({ settings: { tolerableFailures: 5 } })
    await simulation.runFor(1001)
    decline(1, false)

    expect(failure).toMatchObject({ code: 'FILE_UNWRITABLE', isRetryable: false })
  })

  test('when a task declines one that is over, then nothing happens', async () => {
    start()
    await simulation.runFor(1001)
    acknowledge(1)
    await simulation.runFor(10)
    decline(1)

    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1'])
  })

  test('when its metadata cannot be stored, then the job fails', async () => {
    start()
    await simulation.runFor(1001)
    await simulation.resultOf(process.files.makeDirectory('/checkpoints/chk-1/_metadata'))
    acknowledge(1)
    await simulation.runFor(100)

    expect(failure).toMatchObject({
      code: 'CHECKPOINT_FAILED',
      expected: 'storing checkpoint 1 to succeed',
    })
    expect(done()).not.toContain('completed 1')
  })

  test('when it becomes durable while the job stops, then stopping waits for it', async () => {
    start({ faults: { disk: { latencyMs: { min: 20, max: 20 } } } })
    await simulation.runFor(1001)
    acknowledge(1)
    let hasStopped = false
    void coordinator.stop().then(() => (hasStopped = true))
    await simulation.runFor(30)
    expect(hasStopped).toBe(false)
    await simulation.run(() => hasStopped)

    expect(simulation.disk('master').paths()).toContain('/checkpoints/chk-1/_metadata')
    expect(done()).toEqual(['trigger checkpoint 1'])
  })
})

describe('the final checkpoint', () => {
  test('when all input has ended, then it is taken at once, and none after it', async () => {
    start()
    await simulation.runFor(10)
    coordinator.takeFinal()
    acknowledge(1)
    await simulation.runFor(5000)

    expect(done()).toEqual(['trigger final 1', 'completed 1'])
  })

  test('when another one is under way, then it follows that one', async () => {
    start()
    await simulation.runFor(1001)
    coordinator.takeFinal()
    expect(done()).toEqual(['trigger checkpoint 1'])
    acknowledge(1)
    await simulation.runFor(10)

    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1', 'trigger final 2'])
  })

  test('when the one before is given up, then it follows all the same', async () => {
    start({ settings: { tolerableFailures: 1 } })
    await simulation.runFor(1001)
    coordinator.takeFinal()
    decline(1)

    expect(done().at(-1)).toBe('trigger final 2')
  })

  test('when it fails, then the job fails: no later one would commit the last results', async () => {
    start({ settings: { tolerableFailures: 5 } })
    await simulation.runFor(10)
    coordinator.takeFinal()
    decline(1)

    expect(failure?.code).toBe('CHECKPOINT_FAILED')
  })

  test('when the job takes no checkpoints, then it takes this one, in memory and without a timeout', async () => {
    start({ settings: null })
    await simulation.runFor(1001)
    coordinator.takeFinal()
    await simulation.runFor(10_000_000)
    acknowledge(1)
    await simulation.runFor(10)

    expect(done()).toEqual(['trigger final 1', 'completed 1'])
    expect(simulation.disk('master').paths()).toEqual([])
  })
})

describe('what is kept', () => {
  test('when more checkpoints complete than are retained, then the oldest go', async () => {
    start({ settings: { retained: 2 } })
    for (const id of [1, 2, 3]) {
      await simulation.runFor(1001)
      acknowledge(id)
      await simulation.runFor(100)
    }

    expect(simulation.disk('master').paths()).toEqual([
      '/checkpoints/chk-2/_metadata',
      '/checkpoints/chk-3/_metadata',
    ])
    expect(coordinator.retained).toEqual([2, 3])
    expect(subsumed).toEqual([1])
  })

  test('when checkpoints are kept in memory, then each takes the place of the one before', async () => {
    start({ settings: { retained: 2 }, isInMemory: true })
    for (const id of [1, 2, 3]) {
      await simulation.runFor(1001)
      acknowledge(id)
      await simulation.runFor(100)
    }

    expect(subsumed).toEqual([1, 2])
    expect(coordinator.retained).toEqual([3])
  })

  test('when one failed, then what its tasks had stored goes with the next that completes', async () => {
    start({ settings: { tolerableFailures: 1 } })
    await simulation.runFor(1001)
    const storage = new CheckpointStorage(process.files, '/checkpoints', { inlineBytesBelow: 0 })
    await simulation.resultOf(storage.writeState(1, 'state', new Uint8Array(9)))
    decline(1)
    await simulation.runFor(1001)
    acknowledge(2)
    await simulation.runFor(100)

    expect(simulation.disk('master').paths()).toEqual(['/checkpoints/chk-2/_metadata'])
  })
})
