// Idleness in whole jobs: it goes through every operator, and not past what is still in flight.

import { fileURLToPath } from 'node:url'
import { StreamExecutionEnvironment } from 'millrace'
import { expect, it } from 'vitest'
import idleSides, { IN_FLIGHT, NUMBERS } from './jobs/idle-sides.ts'

const sumBelow = (end: number): number => (end * (end - 1)) / 2

it.each([0, 2])(
  'when a stream is silent, on %i threads, then nobody waits for it, and what it sent before is not late',
  async (threads) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      autoWatermarkInterval: 5,
      ...(threads > 0 && {
        threads,
        module: fileURLToPath(new URL('jobs/idle-sides.ts', import.meta.url)),
      }),
    })
    idleSides(env)
    // The watermark is just before the largest number: all windows but the last have fired.
    const fired = sumBelow(NUMBERS - 100)
    const expected = {
      async: fired,
      loop: fired,
      window: fired,
      join: fired,
      'interval join': fired,
      ordered: sumBelow(IN_FLIGHT),
      unordered: sumBelow(IN_FLIGHT),
    }

    const job = await env.executeAsync()
    const accumulators = (): object => job.metrics().accumulators
    await expect.poll(accumulators, { timeout: 15_000, interval: 20 }).toEqual(expected)
    await job.cancel()
    await job.result().catch(() => {})
  },
)
