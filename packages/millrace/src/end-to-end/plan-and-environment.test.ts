// How records are spread over subtasks, subtasks over threads, and what functions learn of their job: the same in one
// thread and on several.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExecutionOptions, StreamExecutionEnvironment } from 'millrace'
import { afterAll, describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'
import configured from './jobs/configured.ts'
import grouped from './jobs/grouped.ts'
import { SumOf } from './jobs/sum-of.ts'
import partitioned, { NUMBERS, PARTITIONINGS } from './jobs/partitioned.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-plan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const THREADS = [0, 2, 3]

/** The sum of the numbers from 0 to `NUMBERS` - 1. */
const SUM = (NUMBERS * (NUMBERS - 1)) / 2

describe.each(THREADS)('partitioning on %d threads', (threads) => {
  it('when records are redistributed, then each subtask gets what its partitioner says, and none is lost', async () => {
    const env = environment('partitioned.ts', { threads })
    partitioned(env)

    const { accumulators } = await env.execute()

    const countsOf = (name: string): readonly number[] =>
      Object.entries(accumulators)
        .filter(([key]) => new RegExp(`^${name} \\d$`).test(key))
        .toSorted(([left], [right]) => left.localeCompare(right))
        .map(([, count]) => count)
    for (const name of [...Object.keys(PARTITIONINGS), 'forward']) {
      const copies = name === 'broadcast' ? 4 : 1
      expect([name, accumulators[`${name} sum`]]).toEqual([name, SUM * copies])
    }
    const quarter = NUMBERS / 4
    for (const name of ['rebalance', 'rescale', 'custom']) {
      expect([name, countsOf(name)]).toEqual([name, [quarter, quarter, quarter, quarter]])
    }
    expect(countsOf('broadcast')).toEqual([NUMBERS, NUMBERS, NUMBERS, NUMBERS])
    expect(countsOf('global')).toEqual([NUMBERS, 0, 0, 0])
    expect(countsOf('forward')).toEqual([NUMBERS / 2, NUMBERS / 2])
    for (const count of countsOf('shuffle')) expect(Math.abs(count - quarter)).toBeLessThan(200)
    for (const name of ['adaptive', 'hash', 'shuffle']) {
      expect(countsOf(name).reduce((sum, count) => sum + count)).toBe(NUMBERS)
    }
  })
})

describe('slot sharing groups', () => {
  /** The threads of each kind of work, by subtask. */
  async function threadsOf(threads: number): Promise<Readonly<Record<string, readonly number[]>>> {
    const env = environment('grouped.ts', { threads, parallelism: 2 })
    grouped(env)
    const { accumulators } = await env.execute()
    const found: Record<string, number[]> = { light: [], heavy: [], 'also heavy': [] }
    for (const key of Object.keys(accumulators).toSorted()) {
      const [, work = '', subtask, thread] = /^(.*) (\d+) in (\d+)$/.exec(key) ?? []
      const ofWork = found[work] as number[]
      ofWork[Number(subtask)] = Number(thread)
    }
    expect(Object.values(accumulators).reduce((sum, count) => sum + count)).toBe(300)
    return found
  }

  it('when there are enough threads, then groups are apart and the subtasks of a number and group together', async () => {
    const { light = [], heavy = [], 'also heavy': alsoHeavy } = await threadsOf(4)

    expect(new Set([...light, ...heavy]).size).toBe(4)
    expect(alsoHeavy).toEqual(heavy)
  })

  it('when there are fewer, then groups share threads and the job runs', async () => {
    const { light = [], heavy = [], 'also heavy': alsoHeavy } = await threadsOf(2)

    expect(new Set([...light, ...heavy]).size).toBe(2)
    expect(alsoHeavy).toEqual(heavy)
  })
})

describe.each([0, 2])('what functions learn of their job on %d threads', (threads) => {
  it('when parameters and a cached file are given, then every function sees them', async () => {
    const path = join(folder, 'offset.txt')
    writeFileSync(path, '1000')
    const env = environment('configured.ts', { threads, parallelism: 2 })
    env.setGlobalJobParameters({ factor: 3 }).registerCachedFile(path, 'offset')
    configured(env)

    const { accumulators } = await env.execute()

    expect(accumulators).toEqual({ sum: 55 * 3 + 10 * 1000 })
  })

  it('when the cached file is not there, then the job fails before it starts and names it', async () => {
    const env = environment('configured.ts', { threads })
    env.setGlobalJobParameters({ factor: 3 }).registerCachedFile(join(folder, 'none.txt'), 'offset')
    configured(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('FILE_MISSING')
    expect(error.message).toMatch(/cached file 'offset'.*none\.txt/)
    expect(restarts).toBe(0)
  })

  it('when a function asks for a file or a parameter that nobody gave, then the failure says what there is', async () => {
    const path = join(folder, 'other.txt')
    writeFileSync(path, '1000')
    const withFile = environment('configured.ts', { threads, restart: { strategy: 'none' } })
    withFile.setGlobalJobParameters({ factor: 3 }).registerCachedFile(path, 'other')
    configured(withFile)
    const withParameter = environment('configured.ts', { threads, restart: { strategy: 'none' } })
    withParameter.setGlobalJobParameters({ faktor: 3 })
    configured(withParameter)

    expect((await failureOf(withFile)).error).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/cached file in 'multiply': other.*"offset"/),
    })
    expect((await failureOf(withParameter)).error).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/parameter "factor".*There are: faktor/),
    })
  })

  it('when chaining is off, then each operator is a task of its own, and the results are the same', async () => {
    const env = environment('partitioned.ts', { threads }).disableOperatorChaining()
    partitioned(env)
    expect(env.explain()).not.toContain('->')

    const { accumulators } = await env.execute()

    expect(accumulators['custom sum']).toBe(SUM)
  })

  it('when a custom partitioner names a subtask that is not there, then the job fails at once', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    env
      .fromSequence(1, 10)
      .partitionCustom(
        (n: number) => n,
        (n) => n,
      )
      .map((n) => n)
      .name('square')
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.message).toMatch(
      /FUNCTION_FAILED.*from 0 to 1 from the partitioner before 'square'/,
    )
    expect(restarts).toBe(0)
  })
})

describe('a uid hash', () => {
  /** Runs a job whose stateful operator has this uid, from the last checkpoint in a folder; answers its sum. */
  async function sumUnder(uid: string, directory: string, uidHash?: string): Promise<unknown> {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      checkpointing: { interval: '1 h', directory, restoreFrom: 'latest' },
    })
    const sums = env
      .fromSequence(1, 100)
      .uid('numbers')
      .keyBy((n) => n % 10)
      .process(() => new SumOf('sum'))
      .uid(uid)
    if (uidHash !== undefined) sums.setUidHash(uidHash)
    sums.discard().uid('out')
    return (await env.execute()).accumulators['sum']
  }

  it('when an operator has another uid than in the checkpoint, then its state is found under the uid hash', async () => {
    const directory = join(folder, 'checkpoints')
    expect(await sumUnder('sum', directory)).toBe(5050)

    await expect(sumUnder('total', directory)).rejects.toMatchObject({ code: 'STATE_UNCLAIMED' })
    expect(await sumUnder('total', directory, 'sum')).toBe(5050)
    expect(await sumUnder('total', directory, 'no longer needed')).toBe(5050)
  })
})

describe('a buffer timeout', () => {
  /** How many records had been made when the second of two tasks saw the first one. */
  async function madeBeforeFirst(timeout: number): Promise<number> {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    let made = 0
    let madeAtFirst = 0
    env
      .generate({ count: COUNT, recordsPerSecond: 50, generator: () => ++made })
      .setBufferTimeout(timeout)
      .map(() => (madeAtFirst ||= made))
      .disableChaining()
      .discard()
    await env.execute()
    return madeAtFirst
  }
  const COUNT = 20

  it('when it is -1, then records wait for a full frame or the end; else they come in time', async () => {
    expect(await madeBeforeFirst(-1)).toBe(COUNT)
    expect(await madeBeforeFirst(0)).toBeLessThan(COUNT)
    expect(await madeBeforeFirst(10)).toBeLessThan(COUNT)
  })
})

function environment(module: string, options: ExecutionOptions = {}): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism: 2,
    module: new URL(`./jobs/${module}`, import.meta.url).href,
    ...options,
  })
}
