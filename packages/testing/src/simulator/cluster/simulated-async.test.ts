// Async functions, interval joins and whole partitions under executors that crash at any moment.

import { Types, WatermarkStrategy } from '@millrace/core'
import { AsyncDataStream, StreamExecutionEnvironment } from '@millrace/datastream'
import type { JobExecutor } from '@millrace/job-graph'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'
import { SimulatedExecutor, type SimulatedProgram } from './simulated-executor.ts'

const COUNT = 200

interface Setting {
  readonly threads: number
  readonly parallelism: number
  readonly crashes: readonly { readonly index: number; readonly atMs: number }[]
}

function environment(
  executor: JobExecutor,
  { threads, parallelism }: Setting,
): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    executor,
    threads,
    parallelism,
    checkpointing: { interval: '10 ms' },
    restart: { strategy: 'fixed-delay', attempts: 100, delay: '5 ms' },
  })
}

/** Answers after so many turns of the microtask queue that answers overtake each other. */
async function slowly(n: number): Promise<string> {
  for (let turn = 0; turn < (n * 7) % 40; turn++) await Promise.resolve()
  return `user ${n}`
}

type Make = (executor: JobExecutor, setting: Setting) => Promise<readonly string[]>

const asking =
  (order: 'ordered' | 'unordered'): Make =>
  (executor, setting) =>
    environment(executor, setting)
      .generate({ count: COUNT, recordsPerSecond: 1000, generator: (index) => index })
      .returns(Types.int)
      .mapAsync(slowly, { timeout: '1 min', capacity: 3, order, type: Types.string })
      .executeAndCollect()

/** Two async operators and a partition in one chain: each ends when the one before it has. */
const askingTwice: Make = (executor, setting) => {
  const env = environment(executor, { ...setting, parallelism: 1 })
  const numbers = env
    .generate({ count: COUNT, recordsPerSecond: 1000, generator: (index) => index })
    .returns(Types.int)
  const names = AsyncDataStream.unorderedWait(numbers, async (n: number) => [await slowly(n)], {
    timeout: '1 min',
    type: Types.string,
  })
  return names
    .fullWindowPartition()
    .sortPartition((name) => name)
    .mapAsync(async (name) => name, { timeout: '1 min' })
    .executeAndCollect()
}

const users = Array.from({ length: COUNT }, (_, n) => `user ${n}`).sort()

interface Event {
  readonly key: number
  readonly at: number
}

const Event = Types.record({ key: Types.int, at: Types.int })

const joining: Make = (executor, setting) => {
  const env = environment(executor, setting)
  const time = WatermarkStrategy.forBoundedOutOfOrderness<Event>(1_000).withTimestampAssigner(
    ({ at }) => at,
  )
  const timed = (offset: number) =>
    env
      .generate({
        count: COUNT,
        recordsPerSecond: 1000,
        generator: (index): Event => ({ key: index % 5, at: index * 10 + offset }),
      })
      .returns(Event)
      .assignTimestampsAndWatermarks(time)
      .keyBy(({ key }) => key, { type: Types.int })
  return timed(0)
    .intervalJoin(timed(3))
    .between(-50, 60)
    .process((left, right) => [`${left.at} ${right.at}`])
    .executeAndCollect()
}

const pairs = Array.from({ length: COUNT }, (_, left) =>
  Array.from({ length: COUNT }, (__, right) => [left * 10, right * 10 + 3] as const).filter(
    ([l, r], right) => left % 5 === right % 5 && -50 <= r - l && r - l <= 60,
  ),
)
  .flat()
  .map(([left, right]) => `${left} ${right}`)
  .sort()

describe.each([
  ['an ordered async function', asking('ordered'), users],
  ['an unordered async function', asking('unordered'), users],
  ['a chain of async functions and a partition', askingTwice, users],
  ['an interval join', joining, pairs],
] as const)('%s', (_, make, expected) => {
  test('when executors crash at any moment, then each result comes exactly once', async () => {
    let restarts = 0
    const settings: fc.Arbitrary<Setting> = fc.record({
      threads: fc.constantFrom(0, 1, 2, 3),
      parallelism: fc.integer({ min: 1, max: 3 }),
      crashes: fc.array(fc.record({ index: fc.nat(2), atMs: fc.integer({ min: 1, max: 300 }) }), {
        maxLength: 5,
      }),
    })
    await fc.assert(
      fc.asyncProperty(fc.nat(), settings, async (seed, setting) => {
        const simulation = new Simulation({ seed })
        const process = simulation.process('program')
        const program: SimulatedProgram<readonly string[]> = (executor) => make(executor, setting)
        const executor = new SimulatedExecutor({ simulation, process, program })
        const collected = simulation.resultOf(program(executor))
        for (const { index, atMs } of setting.crashes) {
          simulation.after(atMs, () => void executor.pool?.crash(index))
        }
        expect((await collected).toSorted()).toEqual(expected)
        restarts += executor.client?.metrics().restarts ?? 0
      }),
      { numRuns: 25 },
    )
    expect(restarts).toBeGreaterThan(0)
  }, 60_000)
})
