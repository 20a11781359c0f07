// Barriers that overtake records under receivers that are behind: the job is stopped at any moment and goes on with other
// parallelisms, again and again. What leaves it in the end is exactly what a plain loop over the input gives, late records included.

import {
  type Collector,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type OnTimerContext,
  OutputTag,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from '@millrace/core'
import { StreamExecutionEnvironment } from '@millrace/datastream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Simulation } from '../simulation.ts'
import { SimulatedExecutor, type SimulatedProgram } from './simulated-executor.ts'

/** One run of the program, with the subtasks of its parts. */
interface Phase {
  readonly windows: number
  readonly gather: number
  /** When the job is canceled; the last phase runs to the end. */
  readonly cancelAtMs: number
}

interface Setting {
  readonly threads: number
  /** With one source the order of the input decides what is late; with more nothing is late. */
  readonly sources: number
  readonly alignedTimeoutMs: number
  readonly intervalMs: number
  readonly bufferTimeoutMs: number
  readonly phases: readonly Phase[]
  /** When an executor crashes within a phase. */
  readonly crashAtMs: number | null
}

interface Event {
  readonly id: number
  readonly key: number
  readonly time: number
}

const Event = Types.record({ id: Types.int, key: Types.int, time: Types.int })
interface Row {
  readonly group: number
  readonly text: string
}

const Row = Types.record({ group: Types.int, text: Types.string })
const Count = Types.record({
  key: Types.int,
  count: Types.int,
  ids: Types.int,
  start: Types.int,
})

const COUNT = 8000
const WINDOW_MS = 500
const DISORDER_MS = 400
const KEYS = 13
const END_OF_TIME = 10_000_000
const lateTag = new OutputTag('late', Event)

const event = (id: number): Event => ({
  id,
  key: (id * 7 + (id % 11)) % KEYS,
  time: id * 2 + ((id * 7919) % DISORDER_MS),
})

const delayOf = ({ sources }: Setting): number => (sources === 1 ? DISORDER_MS / 4 : DISORDER_MS)

/** Keeps what comes, and gives it out at the end of time: so nothing is seen that a later restart takes back. */
class Gather implements KeyedProcessFunction<number, Row, string> {
  #rows!: ListState<string>

  open(context: KeyedRuntimeContext): void {
    this.#rows = context.getListState({ name: 'rows', type: Types.string })
  }

  processElement({ text }: Row, { timerService }: KeyedProcessContext<number>): void {
    this.#rows.add(text)
    timerService.registerEventTimeTimer(END_OF_TIME)
  }

  onTimer(_: number, __: OnTimerContext<number>, out: Collector<string>): void {
    for (const text of this.#rows.get()) out.collect(text)
  }
}

function programOf(setting: Setting, phase: Phase): SimulatedProgram<readonly string[]> {
  return (executor) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor,
      threads: setting.threads,
      maxParallelism: 16,
      checkpointing: {
        interval: setting.intervalMs,
        directory: '/checkpoints',
        restoreFrom: 'latest',
        unaligned: true,
        alignedTimeout: setting.alignedTimeoutMs,
      },
      restart: { strategy: 'fixed-delay', attempts: 100, delay: '1 ms' },
      bufferTimeout: setting.bufferTimeoutMs,
    })
    const watermarks = WatermarkStrategy.forBoundedOutOfOrderness<Event>(delayOf(setting), {
      emit: 'per-record',
    }).withTimestampAssigner(({ time }) => time)
    const counts = env
      .generate({ count: COUNT, generator: event, type: Event })
      .setParallelism(setting.sources)
      .uid('events')
      .assignTimestampsAndWatermarks(watermarks)
      .setParallelism(setting.sources)
      .uid('times')
      .keyBy(({ key }) => key, { type: Types.int })
      .window(TumblingEventTimeWindows.of(WINDOW_MS))
      .sideOutputLateData(lateTag)
      .aggregate({
        accumulatorType: Count,
        createAccumulator: () => ({ key: 0, count: 0, ids: 0, start: 0 }),
        add: ({ count, ids }, { id, key, time }) => ({
          key,
          count: count + 1,
          ids: ids + id,
          start: time - (time % WINDOW_MS),
        }),
        getResult: ({ key, start, count, ids }): Row => ({
          group: key % 5,
          text: `${key}@${start}: ${count}, ${ids}`,
        }),
        merge: (left) => left,
      })
      .returns(Row)
      .setParallelism(phase.windows)
      .uid('windows')
    const late = counts
      .getSideOutput(lateTag)
      .map(({ id, key }): Row => ({ group: key % 5, text: `late ${id}` }), { type: Row })
      .setParallelism(phase.windows)
      .uid('late')
    return counts
      .union(late)
      .keyBy(({ group }) => group, { type: Types.int })
      .process(() => new Gather(), { type: Types.string })
      .setParallelism(phase.gather)
      .uid('gather')
      .executeAndCollect()
  }
}

/** What the job must give. */
function expectedOf(setting: Setting): readonly string[] {
  const windows = new Map<string, { count: number; ids: number }>()
  const rows: string[] = []
  let latest = Number.NEGATIVE_INFINITY
  for (let id = 0; id < COUNT; id++) {
    const { key, time } = event(id)
    const start = time - (time % WINDOW_MS)
    const isLate = start + WINDOW_MS - 1 <= latest - delayOf(setting) - 1
    latest = Math.max(latest, time)
    if (isLate && setting.sources === 1) {
      rows.push(`late ${id}`)
      continue
    }
    const name = `${key}@${start}`
    const window = windows.get(name) ?? { count: 0, ids: 0 }
    windows.set(name, { count: window.count + 1, ids: window.ids + id })
  }
  for (const [name, { count, ids }] of windows) rows.push(`${name}: ${count}, ${ids}`)
  return rows.toSorted()
}

const figures = { phases: 0, checkpoints: 0 }

/** Runs the phases one after another; answers what the last one gave. */
async function run(seed: number, setting: Setting): Promise<readonly string[]> {
  const simulation = new Simulation({
    seed,
    faults: { network: { delayMs: { min: 0.01, max: 3 } } },
  })
  for (const [index, phase] of setting.phases.entries()) {
    const process = simulation.process('program')
    const program = programOf(setting, phase)
    const executor = new SimulatedExecutor({ simulation, process, program })
    const isLast = index === setting.phases.length - 1
    if (!isLast) simulation.after(phase.cancelAtMs, () => void executor.client?.cancel())
    if (setting.crashAtMs !== null) {
      simulation.after(setting.crashAtMs, () => executor.pool?.crash(index % executor.pool.size))
    }
    try {
      return await simulation.resultOf(program(executor))
    } catch (error) {
      if ((error as { code?: string }).code !== 'JOB_CANCELED') throw error
      process.crash()
    } finally {
      figures.phases++
      figures.checkpoints += executor.client?.metrics().checkpointsCompleted ?? 0
    }
  }
  throw new Error('the last phase runs to the end')
}

const phases: fc.Arbitrary<Phase> = fc.record({
  windows: fc.integer({ min: 1, max: 4 }),
  gather: fc.integer({ min: 1, max: 4 }),
  cancelAtMs: fc.integer({ min: 5, max: 80 }),
})

const settings: fc.Arbitrary<Setting> = fc.record({
  threads: fc.constantFrom(0, 1, 2, 3),
  sources: fc.constantFrom(1, 1, 2, 3, 4),
  alignedTimeoutMs: fc.constantFrom(0, 0, 1, 5),
  intervalMs: fc.integer({ min: 1, max: 15 }),
  bufferTimeoutMs: fc.constantFrom(-1, 0, 10),
  phases: fc.array(phases, { minLength: 1, maxLength: 4 }),
  crashAtMs: fc.option(fc.integer({ min: 3, max: 60 })),
})

describe('barriers that overtake', () => {
  test('when a job is stopped at any moment and goes on with other parallelisms, then it gives what a plain loop gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), settings, async (seed, setting) => {
        const rows = await run(seed, setting)
        expect(rows.toSorted()).toEqual(expectedOf(setting))
      }),
      { numRuns: 20 },
    )
    expect(figures.checkpoints).toBeGreaterThan(figures.phases)
  }, 120_000)
})
