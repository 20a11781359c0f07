// Watermarks of the user's own kinds: in order with the records, combined, and told once, over a failure and between threads.

import { fileURLToPath } from 'node:url'
import { longWatermark, type ProcessFunction, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'
import ownWatermarks, { NUMBERS } from './jobs/own-watermarks.ts'

describe("watermarks of the user's own kinds", () => {
  it.each([0, 2])(
    'when the job fails after a checkpoint, on %i threads, then each is told once, behind all records before it',
    async (threads) => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        parallelism: 2,
        checkpointing: { interval: '20 ms' },
        restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
        ...(threads > 0 && {
          threads,
          module: fileURLToPath(new URL('jobs/own-watermarks.ts', import.meta.url)),
        }),
      })
      ownWatermarks(env)

      const { accumulators, restarts } = await env.execute()

      expect(restarts).toBe(1)
      // From -1 up to the last: the two announcers end with the last number and with the one before it.
      const least = NUMBERS - 2 + 1
      const newest = NUMBERS - 1 + 1
      expect(accumulators).toEqual({
        // Two subtasks each. 'past half' goes from false, 0, to true, 1: in all by 2 from -1.
        'reader: progress': 2 * least,
        'reader: newest': 2 * newest,
        'reader: past half': 2 * 2,
        'connected: newest': 2 * newest,
        'connected: progress': 2 * least,
        'connected: past half': 2 * 2,
        // The readers have taken the one.
        'last: progress': least,
        'last: newest': newest,
      })
    },
  )

  it('when two operators declare one name differently, then the job is refused before it runs', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const silent = (): ProcessFunction<number, number> => ({ processElement: () => {} })
    env
      .fromData([1])
      .process(silent)
      .declareWatermarks(longWatermark('newest', { combine: 'max' }))
      .process(silent)
      .name('the second')
      .declareWatermarks(longWatermark('newest'))
      .discard()

    const refusal = await env.execute().catch((error: unknown) => error)

    expect(refusal).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(
        /combined by max, as in '.*'.*combined by min, in 'the second'/,
      ),
    })
  })

  it('when a function emits what its operator does not declare, then the job fails at once and says so', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      restart: { strategy: 'fixed-delay', attempts: 3, delay: 1 },
    })
    const newest = longWatermark('newest')
    env
      .fromData([1])
      .process((): ProcessFunction<number, number> => ({
        processElement: (value, context) => context.emitWatermark(newest, value),
      }))
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('OPTION_INVALID')
    expect(error.message).toMatch(/declareWatermarks/)
    expect(restarts).toBe(0)
  })
})
