// Loops under executors that crash at any moment: what leaves them is exactly what a plain computation gives.

import { Types } from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import type { JobExecutor } from '@millrace/job-graph'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'
import { SimulatedExecutor, type SimulatedProgram } from './simulated-executor.ts'

interface Setting {
  readonly threads: number
  readonly parallelism: number
  /** When which executor crashes. */
  readonly crashes: readonly { readonly index: number; readonly atMs: number }[]
}

interface Walk {
  readonly start: number
  readonly n: number
  readonly steps: number
}

const COUNT = 120

/** In the loop that branches, a barrier was back at a head before its own one had gone out. */
const BACK_EARLY: [number, Setting] = [
  2_069_809_816,
  { threads: 2, parallelism: 3, crashes: [{ index: 1, atMs: 17 }] },
]

const Walk = Types.record({ start: Types.int, n: Types.int, steps: Types.int })

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

function collatz(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1
}

/** A loop in which records stay in their subtask. */
const straight = (setting: Setting): SimulatedProgram<readonly string[]> => {
  return (executor) => {
    const loop = environment(executor, setting)
      .generate({ count: COUNT, recordsPerSecond: 1000, generator: (index) => index + 1 })
      .map((start): Walk => ({ start, n: start, steps: 0 }), { type: Walk })
      .iterate()
    loop.closeWith(
      loop
        .filter(({ n }) => n !== 1)
        .map(({ start, n, steps }) => ({ start, n: collatz(n), steps: steps + 1 }), { type: Walk }),
    )
    return loop
      .filter(({ n }) => n === 1)
      .map(({ start, steps }) => `${start}: ${steps}`)
      .executeAndCollect()
  }
}

/** A loop through keys: records go from every subtask to every other, by a task of its own, with state. */
const crossing = (setting: Setting): SimulatedProgram<readonly string[]> => {
  return (executor) => {
    const loop = environment(executor, setting)
      .generate({ count: COUNT, recordsPerSecond: 1000, generator: (index) => index + 1 })
      .map((start): Walk => ({ start, n: start, steps: 0 }), { type: Walk })
      .iterate()
    const stepped = loop
      .keyBy(({ n }) => n % 17, { type: Types.int })
      .reduce((_, walk) => ({ ...walk }))
      .map(
        ({ start, n, steps }) =>
          n === 1 ? { start, n: 0, steps } : { start, n: collatz(n), steps: steps + 1 },
        { type: Walk },
      )
    loop.closeWith(stepped.filter(({ n }) => n !== 0).rebalance())
    return stepped
      .filter(({ n }) => n === 0)
      .map(({ start, steps }) => `${start}: ${steps}`)
      .executeAndCollect()
  }
}

const walks = Array.from({ length: COUNT }, (_, index) => {
  let steps = 0
  for (let n = index + 1; n !== 1; n = collatz(n)) steps++
  return `${index + 1}: ${steps}`
}).sort()

/** A loop that feeds back two records for each, of another type than those that enter, on two feedback streams. */
const branching = (setting: Setting): SimulatedProgram<readonly string[]> => {
  return (executor) => {
    const loop = environment(executor, setting)
      .generate({ count: 20, recordsPerSecond: 1000, generator: (index) => `${index}:5` })
      .iterate()
      .withFeedbackType<Walk>({ type: Walk })
    const nodes = loop.map(
      (text): Walk => {
        const [start = '', n = ''] = text.split(':')
        return { start: Number(start), n: Number(n), steps: 0 }
      },
      ({ start, n, steps }) => ({ start, n: n - 1, steps: steps + 1 }),
      { type: Walk },
    )
    const inner = nodes.filter(({ n }) => n > 0)
    loop.closeWith(inner)
    loop.closeWith(inner.keyBy(({ start }) => start))
    return nodes
      .filter(({ n }) => n === 0)
      .map(({ start, steps }) => `${start} at ${steps}`)
      .executeAndCollect()
  }
}

const leaves = Array.from({ length: 20 }, (_, start) =>
  Array.from({ length: 2 ** 5 }, () => `${start} at 5`),
)
  .flat()
  .sort()

describe.each([
  ['in which records stay in their subtask', straight, walks],
  ['in which records cross', crossing, walks],
  ['that branches', branching, leaves],
] as const)('a loop %s', (_, programOf, expected) => {
  test('when executors crash at any moment, then each record leaves it exactly once', async () => {
    let restarts = 0
    const settings: fc.Arbitrary<Setting> = fc.record({
      threads: fc.constantFrom(0, 1, 2, 3),
      parallelism: fc.integer({ min: 1, max: 3 }),
      crashes: fc.array(fc.record({ index: fc.nat(2), atMs: fc.integer({ min: 1, max: 400 }) }), {
        maxLength: 5,
      }),
    })
    await fc.assert(
      fc.asyncProperty(fc.nat(), settings, async (seed, setting) => {
        const simulation = new Simulation({ seed })
        const process = simulation.process('program')
        const program = programOf(setting)
        const executor = new SimulatedExecutor({ simulation, process, program })
        const collected = simulation.resultOf(program(executor))
        for (const { index, atMs } of setting.crashes) {
          simulation.after(atMs, () => void executor.pool?.crash(index))
        }
        expect((await collected).toSorted()).toEqual(expected)
        restarts += executor.client?.metrics().restarts ?? 0
      }),
      { numRuns: 25, examples: [BACK_EARLY] },
    )
    expect(restarts).toBeGreaterThan(0)
  }, 60_000)
})
