// Watermarks of the user's own kinds under executors that crash at any moment: nobody is told too early, twice or out of order.

import {
  type Collector,
  type FunctionInitializationContext,
  type GeneralizedWatermark,
  isWatermarkOf,
  type ListState,
  longWatermark,
  type ProcessContext,
  type ProcessFunction,
  Types,
} from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import type { JobExecutor } from '@millrace/job-graph'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'
import { SimulatedExecutor, type SimulatedProgram } from './simulated-executor.ts'

const COUNT = 200

/** All numbers up to this one have gone out. */
const progress = longWatermark('progress', { waitForAll: true })
const newest = longWatermark('newest', { combine: 'max' })

interface Setting {
  readonly threads: number
  readonly announcers: number
  readonly isAsync: boolean
  readonly isChained: boolean
  readonly crashes: readonly { readonly index: number; readonly atMs: number }[]
}

const announcer = (): ProcessFunction<number, number> => ({
  processElement: (value, context, out) => {
    out.collect(value)
    if (value % 3 === 0 || value >= COUNT - 3) context.emitWatermark(progress, value)
    if (value % 5 === 0) context.emitWatermark(newest, value)
  },
})

async function slowly(n: number): Promise<number> {
  for (let turn = 0; turn < (n * 7) % 40; turn++) await Promise.resolve()
  return n
}

/** Emits what is wrong, and at the end of all `complete`. */
class Reader implements ProcessFunction<number, string> {
  #values: number[] = []
  #last: number[] = [-1, -1]
  #stored!: ListState<readonly number[]>

  initializeState({ operatorStateStore }: FunctionInitializationContext): void {
    this.#stored = operatorStateStore.getListState({ name: 'all', type: Types.array(Types.int) })
    const [last, values] = this.#stored.get()
    if (last !== undefined) this.#last = [...last]
    if (values !== undefined) this.#values = [...values]
  }

  snapshotState(): void {
    this.#stored.update([this.#last, this.#values])
  }

  processElement(value: number): void {
    this.#values.push(value)
  }

  onWatermark(
    watermark: GeneralizedWatermark,
    _context: ProcessContext,
    out: Collector<string>,
  ): 'poll' {
    const value = Number(watermark.value)
    const kind = isWatermarkOf(progress, watermark) ? 0 : 1
    if (value <= (this.#last[kind] as number)) out.collect(`${value} after ${this.#last[kind]}`)
    this.#last[kind] = value
    if (kind === 1) return 'poll'
    const seen = new Set(this.#values)
    for (let number = 0; number <= value; number++) {
      if (!seen.has(number)) out.collect(`${value} before ${number}`)
    }
    if (seen.size !== this.#values.length) out.collect('a record twice')
    return 'poll'
  }
}

/** Its result is what was told wrongly, and `told` for each record that `newest` stood for. */
function program(executor: JobExecutor, setting: Setting): Promise<readonly string[]> {
  const { threads, announcers, isAsync, isChained } = setting
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    executor,
    threads,
    operatorChaining: isChained,
    parallelism: 1,
    checkpointing: { interval: '10 ms' },
    restart: { strategy: 'fixed-delay', attempts: 100, delay: '5 ms' },
  })
  const announced = env
    .generate({ count: COUNT, recordsPerSecond: 1000, generator: (index) => index })
    .returns(Types.int)
    .rebalance()
    .process(announcer)
    .declareWatermarks(progress, newest)
    .setParallelism(announcers)
    .returns(Types.int)
  const asked = isAsync
    ? announced
        .mapAsync(slowly, { timeout: '1 min', capacity: 3, order: 'unordered', type: Types.int })
        .setParallelism(announcers)
    : announced
  const told = asked.process(() => new Reader()).returns(Types.string)
  const newestOf = asked
    .process((): ProcessFunction<number, string> => ({
      processElement: () => {},
      onWatermark: (watermark, _context, out) => {
        if (isWatermarkOf(newest, watermark)) out.collect(`newest ${watermark.value}`)
        return 'peek'
      },
    }))
    .returns(Types.string)
  return told.union(newestOf).executeAndCollect()
}

test('when executors crash at any moment, then each combination is told once, behind the records before it', async () => {
  let restarts = 0
  const settings: fc.Arbitrary<Setting> = fc.record({
    threads: fc.constantFrom(0, 1, 2, 3),
    announcers: fc.integer({ min: 1, max: 3 }),
    isAsync: fc.boolean(),
    isChained: fc.boolean(),
    crashes: fc.array(fc.record({ index: fc.nat(2), atMs: fc.integer({ min: 1, max: 300 }) }), {
      maxLength: 5,
    }),
  })
  await fc.assert(
    fc.asyncProperty(fc.nat(), settings, async (seed, setting) => {
      const simulation = new Simulation({ seed })
      const process = simulation.process('program')
      const simulated: SimulatedProgram<readonly string[]> = (executor) =>
        program(executor, setting)
      const executor = new SimulatedExecutor({ simulation, process, program: simulated })
      const collected = simulation.resultOf(simulated(executor))
      for (const { index, atMs } of setting.crashes) {
        simulation.after(atMs, () => void executor.pool?.crash(index))
      }
      const results = await collected
      expect(results.filter((line) => !line.startsWith('newest'))).toEqual([])
      const told = results.map((line) => Number(line.replace('newest ', '')))
      expect(told.at(-1)).toBe(COUNT - 5)
      expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b))
      restarts += executor.client?.metrics().restarts ?? 0
    }),
    { numRuns: 60 },
  )
  expect(restarts).toBeGreaterThan(0)
}, 60_000)
