// A source that fetches in the background, through failures: each record counts once.

import { fileURLToPath } from 'node:url'
import { StreamExecutionEnvironment } from 'millrace'
import { expect, it } from 'vitest'
import fetches, { PARTITION_RECORDS, PARTITIONS } from './jobs/fetches.ts'

const COUNT = PARTITIONS * PARTITION_RECORDS
const SUM = (COUNT * (COUNT - 1)) / 2

it.each([0, 2])(
  'when a job that fetches fails twice, on %i threads, then nothing is lost or doubled',
  async (threads) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      parallelism: 2,
      checkpointing: { interval: '5 ms' },
      restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
      ...(threads > 0 && {
        threads,
        module: fileURLToPath(new URL('jobs/fetches.ts', import.meta.url)),
      }),
    })
    fetches(env)

    const { accumulators, restarts } = await env.execute()

    expect(restarts).toBe(2)
    expect(accumulators).toEqual({
      'one: sum': SUM,
      'one: records': COUNT,
      'one-per-split: sum': SUM,
      'one-per-split: records': COUNT,
    })
  },
)
