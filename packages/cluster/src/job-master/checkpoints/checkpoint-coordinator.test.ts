import type { CheckpointMetadata } from '@millrace/checkpoint'
import { MillraceError } from '@millrace/core'
import type { CheckpointSettings } from '@millrace/job-graph'
import { CheckpointStorage } from '@millrace/runtime'
import { type FaultPlan, type SimulatedProcess, Simulation } from '@millrace/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { CheckpointCoordinator, type CheckpointRequest } from './checkpoint-coordinator.ts'
import { CheckpointHistory } from './checkpoint-history.ts'

const TASKS = ['source/0', 'sink/0']

const SETTINGS: CheckpointSettings = {
  intervalMs: 1000,
  intervalDuringBacklogMs: 0,
  directory: '/checkpoints',
  timeoutMs: 600,
  minPauseMs: 0,
  retained: 1,
  tolerableFailures: 0,
  mode: 'exactly-once',
  isUnaligned: false,
  alignedTimeoutMs: 0,
  maxConcurrent: 1,
  onCancel: 'retain',
  restoreFrom: null,
}

/** Why the job stops. */
const REASON = new MillraceError('WORKER_LOST', { expected: 'a', came: 'b', todo: 'c' })

let simulation: Simulation
let process: SimulatedProcess
let coordinator: CheckpointCoordinator
/** What the coordinator did, each with the time: `1000 trigger checkpoint 1`. */
let calls: string[]
let failure: MillraceError | undefined
let subsumed: number[]
let enumeratorFailure: MillraceError | undefined
let completed: CheckpointMetadata | undefined
let history: CheckpointHistory

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
  history = new CheckpointHistory(process.clock)
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
    history,
    calls: {
      snapshotEnumerators: (checkpointId) => {
        if (enumeratorFailure !== undefined) throw enumeratorFailure
        return new Map([['source', `at ${checkpointId}`]])
      },
      trigger: ({ kind, checkpointId }) => note(`trigger ${kind} ${checkpointId}`),
      completed: ({ metadata }, { checkpointId }) => {
        completed = metadata
        note(`completed ${checkpointId}`)
      },
      aborted: (checkpointId, reason) => note(`aborted ${checkpointId}: ${reason}`),
      overtaken: (checkpointId) => note(`overtaken ${checkpointId}`),
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
    coordinator.acknowledge(checkpointId, task, {
      snapshots: [{ uid, subtaskIndex: 0, isFinished: false, slots }],
      figures: { alignmentMs: 1, syncMs: 2, asyncMs: 3, stateBytes: 3, inFlightBytes: 0 },
    })
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
    await coordinator.stop(REASON).ended
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
    void coordinator.stop(REASON).ended.then(() => (hasStopped = true))
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
    expect(coordinator.retained.map(({ checkpointId }) => checkpointId)).toEqual([2, 3])
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
    expect(coordinator.retained.map(({ checkpointId }) => checkpointId)).toEqual([3])
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

/** What became of a request: `completed 3`, `failed CHECKPOINT_FAILED`. */
let answers: string[]

function request(facts: Partial<CheckpointRequest>): CheckpointRequest {
  answers = []
  return {
    kind: 'savepoint',
    directory: '/savepoints/one',
    completed: (checkpointId) => answers.push(`completed ${checkpointId}`),
    failed: ({ code }) => answers.push(`failed ${code}`),
    ...facts,
  }
}

function paths(): readonly string[] {
  return simulation.disk('master').paths()
}

describe('several checkpoints at a time', () => {
  test('when there is room, then the interval goes on, and each is complete in its turn', async () => {
    start({ settings: { maxConcurrent: 2, timeoutMs: 10_000 } })
    await simulation.runFor(3001)
    expect(done()).toEqual(['trigger checkpoint 1', 'trigger checkpoint 2'])
    acknowledge(1)
    acknowledge(2)
    await simulation.runFor(10)
    expect(done().slice(2)).toEqual(['completed 1', 'trigger checkpoint 3', 'completed 2'])
  })

  test('when a newer one is complete first, then the older is given up, which is no failure', async () => {
    start({ settings: { maxConcurrent: 2, timeoutMs: 10_000, tolerableFailures: 0 } })
    await simulation.runFor(2001)
    acknowledge(1, ['source/0'])
    acknowledge(2)
    await simulation.runFor(10)
    expect(done().slice(2)).toEqual(['completed 2', 'overtaken 1'])
    acknowledge(1)
    await simulation.runFor(10)
    expect(done()).not.toContain('completed 1')
    expect(history.statistics().counts).toMatchObject({ completed: 1, subsumed: 1, failed: 0 })
    expect(failure).toBeUndefined()
  })

  test('when the older one is being stored already, then it is complete before the newer', async () => {
    start({
      settings: { maxConcurrent: 2, timeoutMs: 10_000 },
      faults: { disk: { latencyMs: { min: 5, max: 5 } } },
    })
    await simulation.runFor(2001)
    acknowledge(1)
    acknowledge(2)
    await simulation.runFor(500)
    expect(done().filter((call) => call.startsWith('completed'))).toEqual([
      'completed 1',
      'completed 2',
    ])
  })

  test('when a newer one fails, then the older does too, and that is one failure', async () => {
    start({ settings: { maxConcurrent: 2, timeoutMs: 10_000, tolerableFailures: 1 } })
    await simulation.runFor(2001)
    acknowledge(1, ['source/0'])
    decline(2)
    expect(done().slice(2)).toEqual([expect.stringMatching(/^aborted 2/), 'overtaken 1'])
    acknowledge(1)
    await simulation.runFor(10)
    expect(done()).not.toContain('completed 1')
    expect(failure).toBeUndefined()
  })

  test('when there is a savepoint, then there is nothing beside it', async () => {
    start({ settings: { maxConcurrent: 3, timeoutMs: 10_000 } })
    await simulation.runFor(1001)
    coordinator.take(request({}))
    await simulation.runFor(1001)
    expect(done()).toEqual(['trigger checkpoint 1'])
    acknowledge(1)
    await simulation.runFor(3000)
    expect(done().slice(1)).toEqual(['completed 1', 'trigger savepoint 2'])
    acknowledge(2)
    await simulation.runFor(10)
    expect(answers).toEqual(['completed 2'])
    expect(done().at(-1)).toBe('trigger checkpoint 3')
  })
})

describe('a savepoint', () => {
  test('when it is complete, then it lies where it was wanted, and is no restore point', async () => {
    start({ settings: null })
    coordinator.take(request({}))
    expect(done()).toEqual(['trigger savepoint 1'])
    acknowledge(1)
    await simulation.runFor(10)
    expect(answers).toEqual(['completed 1'])
    expect(paths()).toEqual(['/savepoints/one/_metadata'])
    expect(done()).toEqual(['trigger savepoint 1'])
    expect(history.statistics()).toMatchObject({
      counts: { completed: 1 },
      lastDurableAgeMs: null,
      history: [{ kind: 'savepoint', path: '/savepoints/one' }],
    })
  })

  test('when a checkpoint is under way, then it waits, and goes before the next', async () => {
    start({ settings: { timeoutMs: 10_000 } })
    await simulation.runFor(1001)
    coordinator.take(request({}))
    await simulation.runFor(2000)
    acknowledge(1)
    await simulation.runFor(10)
    expect(done()).toEqual(['trigger checkpoint 1', 'completed 1', 'trigger savepoint 2'])
  })

  test('when it is declined or too late, then who asked learns it, and the job goes on', async () => {
    start({ settings: { tolerableFailures: 0, timeoutMs: 50 } })
    coordinator.take(request({}))
    decline(1, false)
    expect(answers).toEqual(['failed CHECKPOINT_FAILED'])
    coordinator.take(request({}))
    await simulation.runFor(60)
    expect(answers).toEqual(['failed CHECKPOINT_FAILED'])
    expect(failure).toBeUndefined()
    await simulation.runFor(950)
    expect(done()).toContain('trigger checkpoint 3')
  })

  test('when it cannot be stored, then the job goes on without it', async () => {
    start()
    await simulation.resultOf(process.files.makeDirectory('/savepoints/one/_metadata'))
    coordinator.take(request({}))
    acknowledge(1)
    await simulation.runFor(10)
    expect(answers).toEqual(['failed CHECKPOINT_FAILED'])
    expect(failure).toBeUndefined()
  })

  test('when the job fails meanwhile, then it has failed, and what waits is handed back', async () => {
    start({ settings: { timeoutMs: 10_000 } })
    const underWay = request({})
    coordinator.take(underWay)
    const waits = { ...underWay, directory: '/savepoints/two' }
    coordinator.take(waits)
    expect(coordinator.stop(REASON).untriggered).toEqual([waits])
    expect(answers).toEqual(['failed WORKER_LOST'])
  })
})

describe('a savepoint that stops the job', () => {
  test('when it is complete, then it is the latest restore point, and nothing follows', async () => {
    start()
    await simulation.runFor(1001)
    acknowledge(1)
    await simulation.runFor(10)
    coordinator.take(request({ isStopping: true }))
    acknowledge(2)
    await simulation.runFor(5000)
    coordinator.takeFinal()
    expect(done().slice(2)).toEqual(['trigger savepoint 2', 'completed 2'])
    const storage = new CheckpointStorage(process.files, '/checkpoints')
    expect(await simulation.resultOf(storage.latest())).toMatchObject({
      metadata: { checkpointId: 2, kind: 'savepoint' },
      directory: '/savepoints/one',
    })
  })

  test('when it is declined, then checkpoints go on', async () => {
    start()
    coordinator.take(request({ isStopping: true }))
    decline(1)
    await simulation.runFor(1001)
    expect(done()).toEqual([
      'trigger savepoint 1',
      expect.stringMatching(/^aborted 1/),
      'trigger checkpoint 2',
    ])
    expect(failure).toBeUndefined()
  })

  test('when the job fails while it is being stored, then it is not there for anybody', async () => {
    start({ faults: { disk: { latencyMs: { min: 5, max: 5 } } } })
    coordinator.take(request({ isStopping: true }))
    acknowledge(1)
    await simulation.runFor(1)
    await simulation.resultOf(coordinator.stop(REASON).ended)
    expect(answers).toEqual(['failed WORKER_LOST'])
    expect(paths()).toEqual([])
  })

  test('when all input ends with it instead, then it is the final checkpoint, and fails as one', async () => {
    start()
    coordinator.takeFinal(request({}))
    expect(done()).toEqual(['trigger savepoint 1'])
    decline(1)
    expect(failure).toMatchObject({ code: 'CHECKPOINT_FAILED' })
  })
})

describe('what checkpoints took', () => {
  test('when they are complete, under way and failed, then all are counted', async () => {
    start({ settings: { tolerableFailures: 9 } })
    await simulation.runFor(1001)
    await simulation.runFor(100)
    acknowledge(1)
    await simulation.runFor(900)
    decline(2)
    await simulation.runFor(1000)
    acknowledge(3, ['source/0'])
    const { counts, summary, history: entries, lastDurableAgeMs } = history.statistics()
    expect(counts).toEqual({ inProgress: 1, completed: 1, failed: 1, subsumed: 0, restored: 0 })
    expect(entries.map(({ checkpointId, status }) => `${checkpointId} ${status}`)).toEqual([
      '3 in-progress',
      '2 failed',
      '1 completed',
    ])
    expect(entries[1]?.failure).toContain('source/0')
    expect(entries[0]?.tasks).toEqual([
      {
        task: 'source/0',
        alignmentMs: 1,
        syncMs: 2,
        asyncMs: 3,
        stateBytes: 3,
        inFlightBytes: 0,
      },
    ])
    expect(summary?.durationMs.min).toBeGreaterThan(99)
    expect(summary?.stateBytes).toEqual({ min: 6, max: 6, avg: 6 })
    expect(lastDurableAgeMs).toBeGreaterThan(1800)
  })

  test('when there were many, then the newest ten are remembered', async () => {
    start()
    for (let id = 1; id <= 12; id++) {
      await simulation.runFor(1001)
      acknowledge(id)
      await simulation.runFor(10)
    }
    const { history: entries, counts } = history.statistics()
    expect(entries.map(({ checkpointId }) => checkpointId)).toEqual([
      12, 11, 10, 9, 8, 7, 6, 5, 4, 3,
    ])
    expect(counts.completed).toBe(12)
  })
})
