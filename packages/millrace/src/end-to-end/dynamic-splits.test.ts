// Splits that are found while a job runs and assigned on request: after failures each record counts once.

import { fileURLToPath } from 'node:url'
import { type ExecutionOptions, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import discovers, { SPLIT_RECORDS, SPLITS } from './jobs/discovers.ts'

const COUNT = SPLITS * SPLIT_RECORDS
const SUM = (COUNT * (COUNT - 1)) / 2

const EXECUTION: ExecutionOptions = {
  parallelism: 3,
  checkpointing: { interval: '7 ms' },
  restart: { strategy: 'fixed-delay', attempts: 3, delay: 1 },
}

describe('a source that finds its splits on the way', () => {
  it.each([false, true])(
    'when the job fails, then no split is lost or read twice (given back to the enumerator: %s)',
    async (reassigns) => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment(EXECUTION)
      discovers(env, { reassigns })

      const { accumulators, restarts } = await env.execute()

      expect(restarts).toBe(3)
      expect(accumulators).toEqual({ sum: SUM })
    },
  )

  it('when its readers are in other threads, then the same', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      ...EXECUTION,
      threads: 2,
      module: fileURLToPath(new URL('jobs/discovers.ts', import.meta.url)),
    })
    discovers(env)

    const { accumulators, restarts } = await env.execute()

    expect(restarts).toBe(3)
    expect(accumulators).toEqual({ sum: SUM })
  })
})
