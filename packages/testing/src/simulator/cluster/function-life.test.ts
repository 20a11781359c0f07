// Functions with state that belongs to no key, and their accumulators, while simulated executors crash: each record counts once.

import {
  type CheckpointedFunction,
  type FunctionInitializationContext,
  Histogram,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type ListState,
  LongCounter,
  rich,
  type RichMapFunction,
  type RuntimeContext,
  Types,
} from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import type { JobExecutionResult } from '@millrace/job-graph'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'
import { SimulatedExecutor, type SimulatedProgram } from './simulated-executor.ts'

const RECORDS = 600

/** Counts its records in operator state and in an accumulator, which must never differ. */
class Counting implements RichMapFunction<number, number, RuntimeContext>, CheckpointedFunction {
  readonly #counter = new LongCounter()
  #stored!: ListState<number>
  #count = 0

  initializeState(context: FunctionInitializationContext): void {
    this.#stored = context.operatorStateStore.getListState({ name: 'count', type: Types.int })
    for (const count of this.#stored.get()) this.#count += count
  }

  open(context: RuntimeContext): void {
    context.addAccumulator('mapped', this.#counter)
    expect(this.#counter.getLocalValue()).toBe(this.#count)
  }

  snapshotState(): void {
    this.#stored.update([this.#count])
  }

  map(value: number): number {
    this.#count++
    this.#counter.add(1)
    return value
  }
}

/** Sets a timer of event time for each record, and counts for each key how many fired. */
class Timing {
  readonly #fired = new Histogram()

  open(context: KeyedRuntimeContext): void {
    context.addAccumulator('fired', this.#fired)
  }

  processElement(value: number, { timerService }: KeyedProcessContext<number>): void {
    timerService.registerEventTimeTimer(value)
  }

  onTimer(_timestamp: number, { currentKey }: { readonly currentKey: number }): void {
    this.#fired.add(currentKey)
  }
}

function program(threads: number): SimulatedProgram<JobExecutionResult> {
  return (executor) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads,
      parallelism: 2,
      checkpointing: { interval: '30 ms' },
      restart: { strategy: 'fixed-delay', attempts: 20, delay: '5 ms' },
    })
    env
      .generate({ count: RECORDS, generator: (index) => index, recordsPerSecond: 1000 })
      .returns(Types.int)
      .map(rich(() => new Counting()))
      .returns(Types.int)
      .keyBy((value) => value % 3, { type: Types.int })
      .process(() => new Timing())
      .discard()
    return env.execute()
  }
}

test('when executors crash at any time, then operator state, timers and accumulators count each record once', async () => {
  const run = fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    crashesAtMs: fc.array(fc.integer({ min: 20, max: 500 }), { maxLength: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(run, async ({ seed, crashesAtMs }) => {
      const simulation = new Simulation({ seed })
      const process = simulation.process('program')
      const executor = new SimulatedExecutor({ simulation, process, program: program(2) })
      const ended = simulation.resultOf(program(2)(executor))
      for (const [index, atMs] of crashesAtMs.entries()) {
        simulation.after(atMs, () => void executor.pool?.crash(index % 2))
      }
      const result = await ended
      expect(result.accumulators).toEqual({ mapped: RECORDS })
      expect(result.getAccumulatorResult('fired')).toEqual(
        new Map([0, 1, 2].map((key) => [key, RECORDS / 3])),
      )
      await simulation.runToRest({ simulatedMsMax: 1000 })
    }),
    { numRuns: 15 },
  )
})
