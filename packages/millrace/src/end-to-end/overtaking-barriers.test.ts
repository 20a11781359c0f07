// Checkpoints while receivers are behind: barriers that wait behind full queues, that overtake them, and that are only counted.

import { fileURLToPath } from 'node:url'
import { type CheckpointingOptions, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import fallsBehind, { COUNT } from './jobs/falls-behind.ts'

const MODULE = fileURLToPath(new URL('./jobs/falls-behind.ts', import.meta.url))

const SUM = (COUNT * (COUNT - 1)) / 2

function environment(
  threads: number,
  parameters: Record<string, number>,
  checkpointing: CheckpointingOptions & { readonly interval: string },
): StreamExecutionEnvironment {
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    threads,
    parallelism: 2,
    module: MODULE,
    checkpointing,
    restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
    // Full frames fill the queues most.
    bufferTimeout: -1,
  }).setGlobalJobParameters(parameters)
  fallsBehind(env)
  return env
}

/** How many bytes were in flight when the queues were full, in the first checkpoint. */
async function inFlightBytes(
  threads: number,
  checkpointing: CheckpointingOptions,
): Promise<number | undefined> {
  const env = environment(threads, { busyMs: 0.1 }, { interval: '300 ms', ...checkpointing })
  const client = await env.executeAsync()
  const result = client.result().catch(() => {})
  while (client.metrics().lastCheckpoint === null) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const first = client.checkpoints().history.find(({ status }) => status === 'completed')
  await client.cancel()
  await result
  return first?.inFlightBytes
}

describe.each([0, 2])('a job on %i threads whose receivers are behind', (threads) => {
  it('when barriers overtake, then a checkpoint holds what was queued, and otherwise state only', async () => {
    expect(await inFlightBytes(threads, { unaligned: true })).toBeGreaterThan(1000)
    expect(await inFlightBytes(threads, {})).toBe(0)
  }, 60_000)

  it.each([
    ['overtake', { unaligned: true }],
    ['overtake after a while', { unaligned: true, alignedTimeout: '20 ms' }],
  ] as const)(
    'when barriers %s and a function fails, then each record counts once',
    async (_, options) => {
      const plan = { busyMs: 0.05, failAfter: 3000 }
      const client = await environment(threads, plan, {
        interval: '50 ms',
        ...options,
      }).executeAsync()
      const { accumulators, restarts, checkpointsCompleted } = await client.result()
      expect(accumulators['sum']).toBe(SUM)
      expect(restarts).toBe(1)
      expect(checkpointsCompleted).toBeGreaterThan(1)
    },
    60_000,
  )

  it('when barriers are only counted and a function fails, then no record is lost', async () => {
    const plan = { busyMs: 0.05, failAfter: 3000 }
    const options = { interval: '50 ms', mode: 'at-least-once' } as const
    const client = await environment(threads, plan, options).executeAsync()
    const { accumulators, restarts } = await client.result()
    expect(accumulators['sum']).toBeGreaterThanOrEqual(SUM)
    expect(restarts).toBe(1)
  }, 60_000)
})
