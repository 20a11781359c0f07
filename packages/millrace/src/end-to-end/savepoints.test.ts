// Jobs that are stopped with a savepoint and go on from it, in this thread and on worker threads: with another parallelism, from
// another place, with another checkpoint directory. Whatever the way, each record counts once.

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  disposeSavepoint,
  type CheckpointingOptions,
  type ExecutionOptions,
  type JobClient,
  StreamExecutionEnvironment,
} from 'millrace'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { activeResources, nothingLeft } from './failure-of.ts'
import countsKeys, { KEYS, NUMBERS } from './jobs/counts-keys.ts'

const root = mkdtempSync(join(tmpdir(), 'millrace-savepoints-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folder: string
let folders = 0
beforeEach(() => {
  folder = join(root, String(folders++))
})

describe.each([0, 2])('a job on %d threads', (threads) => {
  it('when it is stopped again and again, with 1, 3 and 2 subtasks, then each record counts once', async () => {
    const before = activeResources()
    const first = await start({ threads, parallelism: 1 })
    const one = await stopAfter(first, 500)
    const second = await start({ threads, parallelism: 3, restoreFrom: one })
    const two = await stopAfter(second, 500)
    expect(linesIn('sums').length, 'windows stay open').toBeLessThanOrEqual(2)
    const third = await start({ threads, parallelism: 2, restoreFrom: two, rate: 1e6 })
    await third.result()

    expectEachOnce()
    expect(existsSync(join(one, '_metadata')), 'the first is still there').toBe(true)
    await nothingLeft(before)
  })

  it('when it is drained, then all windows fire, and a job from that savepoint ends at once', async () => {
    const job = await start({ threads })
    const savepoint = await stopAfter(job, 1500, { drain: true })
    expect(job.status()).toBe('finished')
    const counted = linesIn('counts').length
    expect(counted).toBeLessThan(NUMBERS)
    const sum = linesIn('sums').reduce((total, line) => total + Number(line), 0)
    expect(sum).toBe((counted * (counted - 1)) / 2)

    const again = await start({ threads, restoreFrom: savepoint })
    await again.result()
    expect(linesIn('counts')).toHaveLength(counted)
  })

  it('when savepoints are taken while it runs, then it goes on, and each is a place to begin', async () => {
    const job = await start({ threads, rate: 4000 })
    await emitted(job, 200)
    const savepoint = await job.triggerSavepoint({ directory: join(folder, 'savepoints') })
    const checkpoint = await job.triggerCheckpoint()
    await job.result()
    expectEachOnce()
    expect(checkpoint).toMatchObject({ kind: 'checkpoint', status: 'completed' })

    const fork = await start({ threads, restoreFrom: savepoint, rate: 1e6 })
    await fork.result()
    // What came after the savepoint was written twice: by either job.
    const lines = linesIn('counts')
    expect(new Set(lines).size).toBe(NUMBERS)
    const times = (count: number): number => lines.filter((line) => line === `0 ${count}`).length
    expect([times(1), times(NUMBERS / KEYS)]).toEqual([1, 2])
  })
})

describe('a savepoint', () => {
  it('when it is moved and copied, then it is the same', async () => {
    const savepoint = await stopAfter(await start(), 500)
    const moved = join(folder, 'elsewhere', 'kept')
    cpSync(savepoint, moved, { recursive: true })
    renameSync(savepoint, `${savepoint}-gone`)
    const job = await start({ restoreFrom: moved, rate: 1e6 })
    await job.result()
    expectEachOnce()
  })

  it('when the job claims it, then it is gone once the job has checkpoints of its own', async () => {
    const savepoint = await stopAfter(await start(), 500)
    const job = await start({ restoreFrom: { path: savepoint, claimMode: 'claim' }, rate: 1e6 })
    await job.result()
    expectEachOnce()
    expect(existsSync(savepoint)).toBe(false)
  })

  it('when latest is asked for after it, then it is the latest', async () => {
    const directory = join(folder, 'checkpoints')
    await stopAfter(await start({ directory }), 500)
    const job = await start({ directory, restoreFrom: 'latest', rate: 1e6 })
    await job.result()
    expectEachOnce()
    expect(job.checkpoints().counts.restored).toBe(1)
  })

  it('when latest is asked for and it was moved, then the error says where to look', async () => {
    const directory = join(folder, 'checkpoints')
    const savepoint = await stopAfter(await start({ directory }), 500)
    renameSync(savepoint, `${savepoint}-gone`)
    await expect(start({ directory, restoreFrom: 'latest' })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISSING',
      message: expect.stringContaining(savepoint),
    })
  })

  it('when it is disposed of, then nothing is left, and a second time is an error', async () => {
    const savepoint = await stopAfter(await start(), 100)
    await disposeSavepoint(savepoint)
    expect(existsSync(savepoint)).toBe(false)
    await expect(disposeSavepoint(savepoint)).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' })
  })

  it('when a directory holds two, then the error names them', async () => {
    const job = await start()
    const directory = join(folder, 'savepoints')
    await job.triggerSavepoint({ directory })
    await stopAfter(job, 100)
    await expect(start({ restoreFrom: directory })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      came: expect.stringMatching(/^2: .*savepoint-/),
    })
  })
})

describe('state that nobody claims', () => {
  it('when it is allowed, then it is left behind; otherwise it is an error that names it and the option', async () => {
    const savepoint = await stopAfter(await start(), 500)
    const changed = (restoreFrom: CheckpointingOptions['restoreFrom'] & {}): Promise<JobClient> => {
      const env = environment({ restoreFrom })
      env
        .generate({ count: NUMBERS, recordsPerSecond: 1e6, generator: (index) => index })
        .setParallelism(1)
        .uid('numbers')
        .discard()
      return env.executeAsync()
    }
    const refused = changed(savepoint).then((job) => job.result())
    await expect(refused).rejects.toMatchObject({
      code: 'STATE_UNCLAIMED',
      came: expect.stringContaining("'counts'"),
      todo: expect.stringContaining('allowNonRestoredState'),
    })
    const job = await changed({ path: savepoint, allowNonRestoredState: true })
    await expect(job.result()).resolves.toMatchObject({ restarts: 0 })
  })
})

describe('what cannot be done', () => {
  it('when a job is stopped twice, or is over, then the error says so', async () => {
    const job = await start()
    await emitted(job, 10)
    const directory = join(folder, 'savepoints')
    const stopping = job.stopWithSavepoint({ directory })
    await expect(job.stopWithSavepoint({ directory })).rejects.toMatchObject({
      code: 'JOB_NOT_RUNNING',
      came: expect.stringContaining('another'),
    })
    await stopping
    expect(readdirSync(directory)).toHaveLength(1)
    const over = { code: 'JOB_NOT_RUNNING' }
    await expect(job.stopWithSavepoint({ directory })).rejects.toMatchObject(over)
    await expect(job.triggerSavepoint({ directory })).rejects.toMatchObject(over)
    await expect(job.triggerCheckpoint()).rejects.toMatchObject(over)
  })

  it('when the directory cannot be written, then the job goes on', async () => {
    const job = await start({ rate: 3000 })
    const directory = fileURLToPath(import.meta.url)
    for (const drain of [false, true]) {
      await expect(job.stopWithSavepoint({ directory, drain })).rejects.toMatchObject({
        code: 'SAVEPOINT_FAILED',
      })
    }
    await job.result()
    expectEachOnce()
  })

  it('when the job is canceled meanwhile, then who waits learns it', async () => {
    const job = await start()
    const asked = [
      job.triggerSavepoint({ directory: join(folder, 'savepoints') }),
      job.stopWithSavepoint({ directory: join(folder, 'savepoints') }),
    ]
    const settled = Promise.allSettled(asked)
    await job.cancel()
    for (const { status } of await settled) expect(status).toBe('rejected')
  })

  it('when a job takes no checkpoints, then a checkpoint is refused, and a savepoint is not', async () => {
    const job = await execute(StreamExecutionEnvironment.getExecutionEnvironment())
    await expect(job.triggerCheckpoint()).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      todo: expect.stringContaining('triggerSavepoint'),
    })
    const savepoint = await stopAfter(job, 100)
    await (await start({ restoreFrom: savepoint, rate: 1e6 })).result()
    expectEachOnce()
  })

  it.each([{ directory: '' }, { directory: 'x', drain: 'yes' }, { folder: 'x' }])(
    'when options are %j, then they are refused',
    async (options) => {
      const job = await start()
      await expect(job.stopWithSavepoint(options as never)).rejects.toMatchObject({
        code: expect.stringMatching(/^OPTION_/),
      })
      await job.cancel()
    },
  )
})

it('when checkpoints are taken, then the job tells what they took', async () => {
  const job = await start({ threads: 2, parallelism: 2, directory: join(folder, 'checkpoints') })
  await emitted(job, 300)
  const taken = await job.triggerCheckpoint()
  expect(taken.path).toBe(join(folder, 'checkpoints', `chk-${taken.checkpointId}`))
  expect(taken.tasks.map(({ task }) => task)).toContain('counts/1')
  expect(taken.stateBytes).toBeGreaterThan(0)
  const { counts, summary, history, lastDurableAgeMs } = job.checkpoints()
  expect(counts.completed).toBeGreaterThan(0)
  expect(summary?.durationMs.max).toBeGreaterThan(0)
  expect(history[0]?.checkpointId).toBeGreaterThanOrEqual(taken.checkpointId)
  expect(lastDurableAgeMs).toBeLessThan(10_000)
  await job.cancel()
})

interface Run {
  readonly threads?: number
  readonly parallelism?: number
  readonly directory?: string
  readonly restoreFrom?: CheckpointingOptions['restoreFrom'] & {}
  readonly rate?: number
}

function environment({ threads = 0, directory, restoreFrom }: Run): StreamExecutionEnvironment {
  const checkpointing: NonNullable<ExecutionOptions['checkpointing']> = {
    interval: '20 ms',
    ...(directory !== undefined && { directory }),
    ...(restoreFrom !== undefined && { restoreFrom }),
  }
  return StreamExecutionEnvironment.getExecutionEnvironment({
    threads,
    module: fileURLToPath(new URL('jobs/counts-keys.ts', import.meta.url)),
    checkpointing,
    restart: { strategy: 'none' },
  })
}

function start(run: Run = {}): Promise<JobClient> {
  return execute(environment(run), run)
}

function execute(env: StreamExecutionEnvironment, run: Run = {}): Promise<JobClient> {
  const { parallelism = 1, rate = 1500 } = run
  process.env['MILLRACE_TEST_FOLDER'] = folder
  process.env['MILLRACE_TEST_PARALLELISM'] = String(parallelism)
  process.env['MILLRACE_TEST_RATE'] = String(rate)
  countsKeys(env)
  return env.executeAsync()
}

async function emitted(job: JobClient, count: number): Promise<void> {
  const deadline = Date.now() + 20_000
  while ((job.metrics().sourceRecords['numbers'] ?? 0) < count) {
    if (Date.now() > deadline) throw new Error(`no ${count} records: ${job.status()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function stopAfter(job: JobClient, count: number, { drain = false } = {}): Promise<string> {
  await emitted(job, count)
  const savepoint = await job.stopWithSavepoint({ directory: join(folder, 'savepoints'), drain })
  expect(job.status()).toBe('finished')
  return savepoint
}

function linesIn(name: string): readonly string[] {
  const path = join(folder, name)
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((file) => !file.startsWith('.'))
    .flatMap((file) => readFileSync(join(path, file), 'utf8').trimEnd().split('\n'))
}

function expectEachOnce(): void {
  const expected = Array.from({ length: KEYS }, (_, key) =>
    Array.from({ length: NUMBERS / KEYS }, (_, count) => `${key} ${count + 1}`),
  ).flat()
  expect(linesIn('counts').toSorted()).toEqual(expected.toSorted())
  const sums = [0, 1, 2].map((window) => window * 1_000_000 + 499_500)
  expect(
    linesIn('sums')
      .map(Number)
      .toSorted((left, right) => left - right),
  ).toEqual(sums)
}
