// A bounded source and the one that goes on where it ended, through failures: each record counts once.

import { fileURLToPath } from 'node:url'
import { DataGeneratorSource, HybridSource, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import hybrid, { LIVE_RECORDS, SPLIT_RECORDS, STORED_SPLITS } from './jobs/hybrid.ts'

const COUNT = STORED_SPLITS * SPLIT_RECORDS + LIVE_RECORDS

describe('a hybrid source', () => {
  it.each([0, 2])(
    'when the job fails in each part, on %i threads, then nothing is lost or doubled',
    async (threads) => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        parallelism: 3,
        checkpointing: { interval: '5 ms' },
        restart: { strategy: 'fixed-delay', attempts: 4, delay: 1 },
        ...(threads > 0 && {
          threads,
          module: fileURLToPath(new URL('jobs/hybrid.ts', import.meta.url)),
        }),
      })
      hybrid(env)

      const { accumulators, restarts } = await env.execute()

      expect(restarts).toBe(4)
      expect(accumulators).toEqual({ sum: (COUNT * (COUNT - 1)) / 2 })
    },
  )

  it('when one that never ends has another behind it, then that is refused', () => {
    const endless = new DataGeneratorSource({ generator: (index) => index })
    expect(() => HybridSource.builder<number>(endless).addSource(endless).build()).toThrow(
      /OPTION_INVALID.*unbounded source in place 1/,
    )
  })
})
