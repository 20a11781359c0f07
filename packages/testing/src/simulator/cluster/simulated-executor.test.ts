import {
  type Collector,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  Types,
  type ValueState,
} from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import { describe, expect, test } from 'vitest'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { Simulation } from '../simulation.ts'
import { SimulatedExecutor, type SimulatedProgram } from './simulated-executor.ts'

describe('SimulatedExecutor', () => {
  test.each([0, 1, 3])(
    'when a job runs with %i threads, then it gives what it must, twice in the same way',
    async (threads) => {
      const runs = [await runOnce(threads), await runOnce(threads)]
      for (const { counts } of runs) expect(counts).toEqual(COUNTS)
      expect(runs[0]?.traceHash).toBe(runs[1]?.traceHash)
    },
  )

  test('when executors crash one after another, then the job restarts and gives the same', async () => {
    const { simulation, executor } = start({ threads: 2 })
    const collected = simulation.resultOf(countingProgram(2)(executor))
    for (const [index, atMs] of [0, 1, 0, 1].entries()) {
      simulation.after(40 + 60 * index, () => expect(executor.pool?.crash(atMs)).toBe(true))
    }
    expect(last(await collected)).toEqual(COUNTS)
    expect(executor.pool?.lostCount).toBe(4)
    expect(executor.client?.metrics().restarts).toBe(4)
    await simulation.runToRest({ simulatedMsMax: 1000 })
  })

  test('when an executor is down already, then it cannot crash', async () => {
    const { simulation, executor } = start({ threads: 2 })
    const collected = simulation.resultOf(countingProgram(2)(executor))
    simulation.after(40, () => {
      expect(executor.pool?.crash(0)).toBe(true)
      expect(executor.pool?.crash(0)).toBe(false)
      expect(executor.pool?.crash(7)).toBe(false)
    })
    expect(last(await collected)).toEqual(COUNTS)
    expect(executor.pool?.crash(0)).toBe(false)
  })

  test('when the program crashes, then its executors crash with it and it starts anew', async () => {
    const simulation = new Simulation({ seed: 3, faults: CRASHES })
    let counts: readonly Count[] = []
    const supervisor = simulation.supervise('program', async (process) => {
      const program = countingProgram(2, '/checkpoints')
      const executor = new SimulatedExecutor({ simulation, process, program })
      counts = await program(executor)
    })
    await simulation.run(() => counts.length > 0)
    expect(supervisor.crashCount).toBe(3)
    // What was collected before a crash is gone with the program; the last of each key is right.
    for (const { key, count } of last(counts)) expect(COUNTS).toContainEqual({ key, count })
  })

  test('when the program submits no job in an executor, then the job fails and says so', async () => {
    const { simulation, process } = start({ threads: 1 })
    let isFirst = true
    const program: SimulatedProgram<readonly Count[]> = async (executor) => {
      if (!isFirst) return []
      isFirst = false
      return countingProgram(1)(executor)
    }
    const executor = new SimulatedExecutor({ simulation, process, program })
    await expect(simulation.resultOf(program(executor))).rejects.toMatchObject({
      code: 'JOB_MODULE_INVALID',
    })
  })
})

interface Count {
  readonly key: string
  readonly count: number
}

const COUNTS: readonly Count[] = ['a', 'b', 'c'].map((key) => ({ key, count: 100 }))

const CRASHES: FaultPlan = {
  crashes: {
    count: { min: 3, max: 3 },
    withinMs: { min: 50, max: 400 },
    downMs: { min: 1, max: 5 },
  },
}

function start({ threads }: { readonly threads: number }): {
  readonly simulation: Simulation
  readonly process: ReturnType<Simulation['process']>
  readonly executor: SimulatedExecutor
} {
  const simulation = new Simulation({ seed: 3 })
  const process = simulation.process('program')
  const program = countingProgram(threads)
  return { simulation, process, executor: new SimulatedExecutor({ simulation, process, program }) }
}

async function runOnce(threads: number): Promise<{
  readonly counts: readonly Count[]
  readonly traceHash: string
}> {
  const { simulation, executor } = start({ threads })
  const counts = last(await simulation.resultOf(countingProgram(threads)(executor)))
  await simulation.runToRest({ simulatedMsMax: 1000 })
  return { counts, traceHash: simulation.traceHash }
}

/** Counts 300 records of three keys, over three tenths of a second, and collects every count. */
function countingProgram(threads: number, directory?: string): SimulatedProgram<readonly Count[]> {
  return (executor) =>
    StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads,
      parallelism: 2,
      checkpointing: {
        interval: '20 ms',
        ...(directory !== undefined && { directory, restoreFrom: 'latest' }),
      },
      restart: { strategy: 'fixed-delay', attempts: 100, delay: '5 ms' },
    })
      .generate({
        count: 300,
        generator: (index) => 'abc'[index % 3] ?? '',
        recordsPerSecond: 1000,
      })
      .keyBy((key) => key, { type: Types.string })
      .process(() => new Counter())
      .executeAndCollect()
}

class Counter implements KeyedProcessFunction<string, string, Count> {
  #count!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  processElement(key: string, _context: unknown, out: Collector<Count>): void {
    const count = this.#count.value() + 1
    this.#count.update(count)
    out.collect({ key, count })
  }
}

/** The highest count of each key. */
function last(counts: readonly Count[]): readonly Count[] {
  const highest = new Map<string, number>()
  for (const { key, count } of counts) highest.set(key, Math.max(count, highest.get(key) ?? 0))
  return [...highest]
    .map(([key, count]) => ({ key, count }))
    .toSorted((left, right) => (left.key < right.key ? -1 : 1))
}
