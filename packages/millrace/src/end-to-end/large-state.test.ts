import { fileURLToPath } from 'node:url'
import { StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import { activeResources, nothingLeft } from './failure-of.ts'
import largeState, { NUMBERS } from './jobs/large-state.ts'

describe('state that is too large to be written at a barrier', () => {
  it.for([0, 2])(
    'when a function fails on %i worker threads, then its state is that of the last checkpoint, whatever came meanwhile',
    async (threads) => {
      const before = activeResources()
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        threads,
        ...(threads > 0 && {
          module: fileURLToPath(new URL('./jobs/large-state.ts', import.meta.url)),
        }),
        parallelism: 2,
        checkpointing: { interval: '20 ms' },
        restart: { strategy: 'fixed-delay', attempts: 2, delay: 0 },
      })
      largeState(env)

      const { accumulators, restarts } = await env.execute()

      expect(accumulators).toMatchObject({ right: NUMBERS, wrong: 0 })
      expect(restarts).toBe(1)
      await nothingLeft(before)
    },
  )
})
