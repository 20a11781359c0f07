import {
  type Collector,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  MillraceError,
  Types,
  type ValueState,
} from '@millrace/core'
import type { StreamExecutionEnvironment } from '@millrace/datastream'
import { describe, expect, test } from 'vitest'
import { simulate } from './simulate.ts'

/** The last count of each of three keys, of 150 records over 150 ms. */
async function count(
  env: StreamExecutionEnvironment,
  counter: () => KeyedProcessFunction<string, string, string>,
): Promise<readonly string[]> {
  const counts = await env
    .generate({
      count: 150,
      generator: (index) => 'abc'[index % 3] ?? '',
      recordsPerSecond: 1_000,
    })
    .keyBy((key) => key, { type: Types.string })
    .process(counter)
    .executeAndCollect()
  return counts.toSorted()
}

const EXPECTED = ['a', 'b', 'c']
  .flatMap((key) => Array.from({ length: 50 }, (_, index) => `${key}${index + 1}`))
  .toSorted()

class Counter implements KeyedProcessFunction<string, string, string> {
  #count!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  processElement(key: string, _: unknown, out: Collector<string>): void {
    this.#count.update(this.#count.value() + 1)
    out.collect(`${key}${this.#count.value()}`)
  }
}

/** Counts in a field, which a crash takes away. */
class ForgetfulCounter implements KeyedProcessFunction<string, string, string> {
  readonly #counts = new Map<string, number>()

  processElement(key: string, _: unknown, out: Collector<string>): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    out.collect(`${key}${this.#counts.get(key)}`)
  }
}

describe('simulate', () => {
  test('when all is in state, then the results are right under each seed, also after crashes', async () => {
    const seeds: number[] = []
    const report = await simulate((env) => count(env, () => new Counter()), {
      seeds: [1, 2, 3],
      check: (counts, run) => {
        seeds.push(run.seed)
        expect(counts).toEqual(EXPECTED)
      },
    })
    expect(seeds).toEqual([1, 1, 2, 2, 3, 3])
    expect(report.runs).toBe(6)
    expect(report.crashes).toBeGreaterThan(2)
  })

  test('when a function forgets, then a seed is found, named, and does the same again', async () => {
    const run = (seeds: number | readonly number[]): Promise<unknown> =>
      simulate((env) => count(env, () => new ForgetfulCounter()), {
        seeds,
        check: (counts) => expect(counts).toEqual(EXPECTED),
      }).catch((error: unknown) => error)
    const failure = await run(5)
    if (!(failure instanceof MillraceError)) throw new Error('no seed was found')
    expect(failure.code).toBe('SIMULATION_FAILED')
    expect(failure.message).toMatch(/under seed \d+.*after [1-3] crash/s)
    const again = await run([Number(failure.ids['seed'])])
    expect(String(again)).toBe(String(failure))
  })

  test('when the program hangs or is wrong, then the seed is named all the same', async () => {
    const hanging = simulate(
      (env) =>
        env.generate({ generator: (index) => index, recordsPerSecond: 1 }).executeAndCollect(),
      { seeds: 1, limits: { simulatedMsMax: 1_000 }, check: () => {} },
    )
    await expect(hanging).rejects.toThrow(/SIMULATION_FAILED.*seed 0/)
    const options = { check: () => {} }
    const once = (env: StreamExecutionEnvironment): Promise<unknown> =>
      env.fromData([1]).executeAndCollect()
    await expect(simulate(once, { ...options, seeds: 0 })).rejects.toThrow(/seeds/)
    await expect(simulate(once, { ...options, thread: 2 } as never)).rejects.toThrow(/threads/)
    await expect(simulate(once, { ...options, threads: 0 })).rejects.toThrow(/threads/)
  })
})
