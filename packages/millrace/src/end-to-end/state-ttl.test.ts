// State with a time to live on the real clock.

import { fileURLToPath } from 'node:url'
import { type ExecutionOptions, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import forgetful, { VISITS } from './jobs/forgetful.ts'

describe('state with a time to live', () => {
  it.each<[string, ExecutionOptions]>([
    ['in this thread', {}],
    ['on two threads', { parallelism: 2, threads: 2 }],
  ])('when a job runs %s, then it remembers as long as it is told to', async (_name, options) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      module: fileURLToPath(new URL('jobs/forgetful.ts', import.meta.url)),
      ...options,
    })
    forgetful(env)

    const { accumulators } = await env.execute()

    expect(accumulators['for a day']).toBe(VISITS - 3)
    // Visits of one key are 15 ms apart; on a machine that stood still, some come at once.
    expect(accumulators['for a moment']).toBeLessThan(VISITS - 3)
  })
})
