// Records of a running job in the program that submitted it: one after the other, held back when it is slow, canceled when
// it has enough.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type JobClient, MillraceError, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import { activeResources, nothingLeft } from './failure-of.ts'

describe('executeAndIterate', () => {
  it('when the stream is bounded, then all its records come and the loop ends', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    const numbers = env.fromSequence(1, 10_000)

    const sum = await sumOf(numbers.executeAndIterate())

    expect(sum).toEqual({ count: 10_000, sum: 50_005_000 })
  })

  it('when the loop is left, then the job is canceled and nothing of it is left', async () => {
    const before = activeResources()
    const { env, jobs } = environment()
    const read: number[] = []

    for await (const n of env
      .generate({ generator: (index) => index })
      .executeAndIterate('endless')) {
      if (read.push(n) === 300) break
    }

    expect(read).toEqual(Array.from({ length: 300 }, (_, n) => n))
    expect(jobs.map((job) => [job.jobName, job.status()])).toEqual([['endless', 'canceled']])
    await nothingLeft(before)
  })

  it('when the loop is slow, then the job waits for it', async () => {
    const { env } = environment()
    let made = 0
    let madeMax = 0
    const numbers = env.generate({ generator: () => ++made })

    for await (const n of numbers.executeAndIterate()) {
      if (n % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      madeMax = Math.max(madeMax, made - n)
      if (n === 20_000) break
    }

    // Sixteen frames that are not used, the one that is filled, and the slice that filled it.
    expect(madeMax).toBeGreaterThan(256)
    expect(madeMax).toBeLessThan(20 * 256)
  })

  it('when records are few, then they come without waiting for others', async () => {
    const { env } = environment()
    let made = 0
    const slow = env.generate({ recordsPerSecond: 20, count: 20, generator: () => ++made })

    for await (const n of slow.executeAndIterate()) {
      expect(n).toBe(1)
      expect(made).toBeLessThan(20)
      break
    }
  })

  it('when the job fails, then the loop throws the cause after the records before it', async () => {
    const { env } = environment()
    const failing = env.fromSequence(1, 1000).map((n) => {
      if (n === 600) throw new Error('no more')
      return n
    })
    let count = 0

    const loop = (async () => {
      for await (const _ of failing.executeAndIterate()) count++
    })()

    await expect(loop).rejects.toThrow(/FUNCTION_FAILED.*no more/)
    // Two full frames, and the third one if the job took so long that it did not wait any more.
    expect(count).toBeGreaterThanOrEqual(512)
    expect(count).toBeLessThan(600)
  })

  it('when the job fails and restarts from a checkpoint, then each record comes once', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      parallelism: 2,
      checkpointing: { interval: '5 ms' },
      restart: { strategy: 'fixed-delay', attempts: 3, delay: 1 },
    })
    let failures = 0
    const numbers = env
      .generate({ count: 6000, recordsPerSecond: 20_000, generator: (index) => index + 1 })
      .map((n) => {
        if (n === 3000 && failures++ === 0) throw new Error('once')
        return n
      })
    const read = new Map<number, number>()

    for await (const n of numbers.executeAndIterate()) read.set(n, (read.get(n) ?? 0) + 1)

    expect(failures).toBeGreaterThan(0)
    expect(read.size).toBe(6000)
    expect(Math.max(...read.values())).toBe(1)
  })

  it('when it is given up while nothing comes, or before its beginning, then the loop ends and no job is left', async () => {
    const before = activeResources()
    const { env, jobs } = environment()
    const silent = env.fromSequence(1, 10).filter(() => false)
    const endless = silent.union(env.generate({ generator: () => 0 }).filter(() => false))
    const records = endless.executeAndIterate()
    const next = records.next()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await records.return?.()

    expect(await next).toEqual({ done: true, value: undefined })
    expect(jobs.map((job) => job.status())).toEqual(['canceled'])
    await nothingLeft(before)

    const never = env.fromData([1]).executeAndIterate()
    await never.return?.()
    expect(await never.next()).toEqual({ done: true, value: undefined })
    expect(jobs).toHaveLength(1)
  })

  it('when the job cannot be built, then the call throws', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const numbers = env.fromData([1]).uid('same')
    const others = env.fromData([1]).uid('same')
    expect(() => numbers.union(others).executeAndIterate()).toThrow(MillraceError)
  })

  it('when a module runs it on threads, then its records come and the process ends', async () => {
    const module = fileURLToPath(new URL('./jobs/iterates.ts', import.meta.url))
    const child = spawn(process.execPath, ['--conditions=source', module], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const exitCode = await new Promise((resolve) => child.on('close', resolve))

    expect(output).toBe('1000\n')
    expect(exitCode).toBe(0)
  })
})

describe('executeAndCollect', () => {
  it('when there is a limit, then so many come, and the job is canceled', async () => {
    const { env, jobs } = environment()

    const read = await env
      .generate({ generator: (index) => index })
      .executeAndCollect({ limit: 500, jobName: 'some' })

    expect(read).toEqual(Array.from({ length: 500 }, (_, n) => n))
    expect(jobs.map((job) => [job.jobName, job.status()])).toEqual([['some', 'canceled']])
  })

  it('when the stream is shorter than the limit, then all come', async () => {
    const { env, jobs } = environment()
    expect(await env.fromData([1, 2]).executeAndCollect({ limit: 5 })).toEqual([1, 2])
    expect(jobs.map((job) => job.status())).toEqual(['finished'])
  })

  it('when more comes than a slow client may be behind, then all of it comes', async () => {
    const { env } = environment()
    expect(await env.fromSequence(1, 50_000).executeAndCollect('numbers')).toHaveLength(50_000)
  })

  it.each<[object, string]>([
    [{ limit: 0 }, 'OPTION_INVALID'],
    [{ limits: 1 }, 'OPTION_UNKNOWN'],
    [{ jobName: 5 }, 'OPTION_INVALID'],
  ])('when options are %j, then they are refused', async (options, code) => {
    const { env } = environment()
    await expect(env.fromData([1]).executeAndCollect(options)).rejects.toMatchObject({ code })
  })
})

/** An environment, and the jobs that were submitted from it. */
function environment(): { readonly env: StreamExecutionEnvironment; readonly jobs: JobClient[] } {
  const env = StreamExecutionEnvironment.getExecutionEnvironment()
  const jobs: JobClient[] = []
  env.registerJobListener({
    onJobSubmitted: (client) => {
      if (client !== undefined) jobs.push(client)
    },
  })
  return { env, jobs }
}

async function sumOf(values: AsyncIterable<number>): Promise<{ count: number; sum: number }> {
  let count = 0
  let sum = 0
  for await (const value of values) {
    count++
    sum += value
  }
  return { count, sum }
}
