// A bounded source and the one that goes on where it ended, through failures: each record counts once.

import { fileURLToPath } from 'node:url'
import {
  DataGeneratorSource,
  type ExecutionOptions,
  HybridSource,
  StreamExecutionEnvironment,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import hybrid, { LIVE_RECORDS, SPLIT_RECORDS, STORED_SPLITS } from './jobs/hybrid.ts'

const COUNT = STORED_SPLITS * SPLIT_RECORDS + LIVE_RECORDS
const SUM = (COUNT * (COUNT - 1)) / 2

describe('a hybrid source', () => {
  it.each([
    { isStored: false, isLive: false },
    { isStored: true, isLive: true },
    { isStored: true, isLive: false },
    { isStored: false, isLive: true },
  ])(
    'when the job fails in each part, then nothing is lost or doubled (splits are given back: %o)',
    async (reassigning) => {
      const env = environment()
      hybrid(env, reassigning)

      const { accumulators, restarts } = await env.execute()

      expect(restarts).toBe(4)
      expect(accumulators).toEqual({ sum: SUM })
    },
  )

  it('when its readers are in other threads, then the same', async () => {
    const env = environment({
      threads: 2,
      module: fileURLToPath(new URL('jobs/hybrid.ts', import.meta.url)),
    })
    hybrid(env)

    const { accumulators, restarts } = await env.execute()

    expect(restarts).toBe(4)
    expect(accumulators).toEqual({ sum: SUM })
  })

  it('when one that never ends has another behind it, then that is refused', () => {
    const endless = new DataGeneratorSource({ generator: (index) => index })
    expect(() => HybridSource.builder<number>(endless).addSource(endless).build()).toThrow(
      /OPTION_INVALID.*unbounded source in place 1/,
    )
  })
})

function environment(where: ExecutionOptions = {}): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism: 3,
    checkpointing: { interval: '5 ms' },
    restart: { strategy: 'fixed-delay', attempts: 4, delay: 1 },
    ...where,
  })
}
