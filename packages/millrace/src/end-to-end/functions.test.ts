// Functions of every kind, in this thread and on threads, with a failure in the middle: each record counts once everywhere.

import { type ExecutionOptions, StreamExecutionEnvironment } from 'millrace'
import { describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'
import everyFunction, { KEYS, KeySet, NUMBERS, RULES } from './jobs/every-function.ts'
import twoKinds from './jobs/two-kinds.ts'

const SUM = (NUMBERS * (NUMBERS + 1)) / 2
const numbers = Array.from({ length: NUMBERS }, (_, index) => index + 1)
const sumOf = (values: readonly number[]): number => values.reduce((left, right) => left + right, 0)

describe.each([0, 2])('a job with every kind of function, on %d threads', (threads) => {
  it('when it fails after a checkpoint, then every record, timer and side output counts once', async () => {
    const env = environment('every-function.ts', threads)
    everyFunction(env)

    const result = await env.execute()

    expect(result.restarts).toBe(1)
    expect(result.checkpointsCompleted).toBeGreaterThan(0)
    // Of every two numbers of a key, the second: 11 to 20, 31 to 40 …
    const second = numbers.filter((value) => Math.ceil(value / KEYS) % 2 === 0)
    expect(result.accumulators).toEqual({
      mapped: NUMBERS,
      process: SUM,
      'side output': SUM,
      'keyed map': NUMBERS,
      'flat map': SUM,
      filter: sumOf(second),
      timers: sumOf(numbers.filter((value) => value % 4 !== 0)),
      'co-process': SUM - 5050,
      'co side output': SUM,
      'keyed co-process': SUM - 5050,
      'co-map': 5050,
      broadcast: SUM,
      // Each of the two subtasks hears of each rule.
      rules: 2 * RULES.length,
      'keyed broadcast': SUM,
    })
    const digits = Array.from({ length: KEYS }, (_, digit) => digit)
    const histogram = result.getAccumulatorResult<ReadonlyMap<number, number>>('reduce')
    expect(histogram).toEqual(new Map(digits.map((digit) => [digit, NUMBERS / KEYS - 1])))
    expect(result.getAccumulatorResult('keys', () => new KeySet())).toEqual(digits)
    const reached = result.getAccumulatorResult('reached', () => new KeySet()) ?? [-1]
    expect(digits).toEqual(expect.arrayContaining([...reached]))
  })

  it('when two operators use one name for two kinds of accumulators, then the job fails at once and says so', async () => {
    const env = environment('two-kinds.ts', threads)
    twoKinds(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('OPTION_INVALID')
    expect(error.message).toMatch(/one kind of accumulator under the name "seen"/)
    expect(restarts).toBe(0)
  })
})

function environment(module: string, threads: number): StreamExecutionEnvironment {
  const options: ExecutionOptions = {
    threads,
    parallelism: 2,
    checkpointing: { interval: '20 ms' },
    restart: { strategy: 'fixed-delay', attempts: 1, delay: 1 },
    ...(threads > 0 && { module: new URL(`./jobs/${module}`, import.meta.url).pathname }),
  }
  return StreamExecutionEnvironment.getExecutionEnvironment(options)
}
