// A job that is canceled ends, and nothing of it is left, in this thread and on worker threads.

import {
  type ExecutionOptions,
  type JobClient,
  type Source,
  staticSplitEnumerator,
  StreamExecutionEnvironment,
  WatermarkStrategy,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import { activeResources, nothingLeft } from './failure-of.ts'
import endless from './jobs/endless.ts'
import throws from './jobs/throws.ts'

describe.each([0, 2])('a job on %d threads', (threads) => {
  it('when it is canceled while its tasks open, then it ends', async () => {
    const before = activeResources()
    const env = environment({ threads, module: jobModule('endless') })
    endless(env)
    const job = await env.executeAsync()

    expect(job.status()).toBe('created')
    await expectCanceled(job)
    await nothingLeft(before)
  })

  it('when it is canceled while it runs, then it ends', async () => {
    const before = activeResources()
    const env = environment({
      threads,
      module: jobModule('endless'),
      checkpointing: { interval: '10 ms' },
    })
    endless(env)
    const job = await env.executeAsync()
    await until(() => job.metrics().checkpointsCompleted >= 2)

    expect(job.status()).toBe('running')
    await expectCanceled(job)
    expect(Object.values(job.metrics().sourceRecords)[0]).toBeGreaterThan(0)
    await nothingLeft(before)
  })

  it('when it is canceled while it waits for a restart, then it ends without one', async () => {
    const before = activeResources()
    const env = environment({
      threads,
      module: jobModule('throws'),
      restart: { strategy: 'fixed-delay', attempts: 3, delay: '1 h' },
    })
    throws(env)
    const job = await env.executeAsync()
    await until(() => job.status() === 'restarting')

    await expectCanceled(job)
    expect(job.metrics().restarts).toBe(1)
    await nothingLeft(before)
  })
})

it('when a job is canceled while a source opens, then the source is closed once, after it has opened', async () => {
  const calls: string[] = []
  const env = environment({ parallelism: 1 })
  env.fromSource(slowSource(calls), WatermarkStrategy.noWatermarks<number>(), 'slow').discard()
  const job = await env.executeAsync()
  await until(() => calls.length > 0)

  await expectCanceled(job)

  expect(calls).toEqual(['opening', 'open', 'closed'])
})

/** A source that takes its time to open. */
function slowSource(calls: string[]): Source<number> {
  return {
    name: 'slow',
    boundedness: 'bounded',
    type: undefined,
    describe: () => null,
    createEnumerator: (context, restored) =>
      staticSplitEnumerator({ context, restored, findSplits: () => [{ splitId: 'all' }] }),
    createReader: () => ({
      async start() {
        calls.push('opening')
        await new Promise((resolve) => setTimeout(resolve, 50))
        calls.push('open')
      },
      addSplits: () => {},
      notifyNoMoreSplits: () => {},
      pollNext: () => 'end',
      snapshot: () => [],
      close: () => void calls.push('closed'),
    }),
  }
}

async function expectCanceled(job: JobClient): Promise<void> {
  await job.cancel()
  expect(job.status()).toBe('canceled')
  await expect(job.result()).rejects.toMatchObject({ code: 'JOB_CANCELED' })
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

function environment(options: ExecutionOptions): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2, ...options })
}

function jobModule(name: string): string {
  return new URL(`./jobs/${name}.ts`, import.meta.url).href
}
