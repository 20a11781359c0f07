// Time across sources in a whole job: readers without splits, and sources that wait for each other.

import { fileURLToPath } from 'node:url'
import { type ExecutionOptions, type JobClient, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import fewSplits from './jobs/few-splits.ts'
import uneven, { FAST_RECORDS, SLOW_RECORDS } from './jobs/uneven.ts'

function environment(name: string, options: ExecutionOptions): StreamExecutionEnvironment {
  const module = fileURLToPath(new URL(`jobs/${name}.ts`, import.meta.url))
  return StreamExecutionEnvironment.getExecutionEnvironment({
    ...options,
    ...(options.threads !== undefined && { module }),
  })
}

const MODES: readonly [string, ExecutionOptions][] = [
  ['in one thread', {}],
  ['on two threads', { threads: 2 }],
]

describe.each(MODES)('a job %s', (_name, mode) => {
  it('when there are more readers than splits, then windows fire all the same', async () => {
    const env = environment('few-splits', { ...mode, parallelism: 4, autoWatermarkInterval: 5 })
    fewSplits(env)

    const job = await env.executeAsync()
    // Three keys, nine whole windows, the largest time of each: 7 + 8 + 9, 17 + 18 + 19, …
    await until(job, 'fired', 9 * 3 * 8 + 3 * 10 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8))
    await job.cancel()
    await job.result().catch(() => {})
  })

  it('when sources are aligned, then the fast one is not far ahead of the slow one', async () => {
    const env = environment('uneven', mode)
    uneven(env)

    const { accumulators } = await env.execute()

    expect(accumulators['records']).toBe(FAST_RECORDS + SLOW_RECORDS)
    expect(accumulators['lead']).toBeLessThan(30_000)
  })
})

it('when sources are not aligned, then the fast one is at its end before the slow one has well begun', async () => {
  const env = environment('uneven', {})
  uneven(env, { isAligned: false })

  const { accumulators } = await env.execute()

  expect(accumulators['lead']).toBeGreaterThan(30_000)
})

async function until(job: JobClient, accumulator: string, value: number): Promise<void> {
  const endMs = Date.now() + 20_000
  while (job.metrics().accumulators[accumulator] !== value) {
    if (Date.now() > endMs) {
      expect(job.metrics().accumulators[accumulator], job.status()).toBe(value)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
