// Joins, co-groups and co-flat-maps with a life cycle, in this thread and on two, with a failure in the middle.

import { fileURLToPath } from 'node:url'
import {
  rich,
  type RichCoGroupFunction,
  StreamExecutionEnvironment,
  TumblingEventTimeWindows,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'
import functionsOfTwo, { KEYS, NUMBERS, WINDOWS } from './jobs/functions-of-two.ts'

/** What the ordinals of all keys add up to, if each key has so many. */
const ordinals = (perKey: number): number => (KEYS * perKey * (perKey + 1)) / 2

describe('functions of two streams with a life cycle', () => {
  it.each([0, 2])(
    'when the job fails after a checkpoint, on %i threads, then keyed state counts each pair once',
    async (threads) => {
      const env = StreamExecutionEnvironment.getExecutionEnvironment({
        parallelism: 2,
        checkpointing: { interval: '20 ms' },
        restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
        ...(threads > 0 && {
          threads,
          module: fileURLToPath(new URL('jobs/functions-of-two.ts', import.meta.url)),
        }),
      })
      functionsOfTwo(env)

      const { accumulators, restarts } = await env.execute()

      expect(restarts).toBe(1)
      const pairs = 4 * WINDOWS
      expect(accumulators).toMatchObject({
        'join: ordinals': ordinals(pairs),
        'flat join: ordinals': ordinals(pairs),
        'co-group: ordinals': ordinals(WINDOWS),
        'co-flat-map: ordinals': ordinals((2 * NUMBERS) / KEYS),
      })
      for (const name of ['join', 'flat join', 'co-group', 'co-flat-map']) {
        expect(accumulators[`${name}: notified`], name).toBeGreaterThan(0)
        expect(accumulators[`${name}: restored`], name).toBeGreaterThan(0)
      }
    },
  )

  it('when the factory makes something else, then the job fails once and says what is missing', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      restart: { strategy: 'fixed-delay', attempts: 3, delay: 1 },
    })
    env
      .fromData([1])
      .coGroup(env.fromData([2]))
      .where(() => 'all')
      .equalTo(() => 'all')
      .window(TumblingEventTimeWindows.of(10))
      .apply(rich(() => ({}) as RichCoGroupFunction<number, number, number>))
      .discard()
    const { error, restarts } = await failureOf(env)
    expect(error.code).toBe('FUNCTION_INVALID')
    expect(error.message).toMatch(/an object with coGroup for apply/)
    expect(restarts).toBe(0)
  })
})
