// A function of the user can stand in many places. Wherever it throws, or answers a promise where a value is due, the job fails
// with the name of the operator and leaves nothing running.

import {
  type AnyTrigger,
  AsyncDataStream,
  type Collector,
  CountTrigger,
  type DataStream,
  DeltaEvictor,
  DeltaTrigger,
  EventTimeSessionWindows,
  EventTimeTrigger,
  GlobalWindows,
  type KeyedStream,
  rich,
  StreamExecutionEnvironment,
  TriggerResult,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'

/** Builds a job in which `bad` is called in one place of an operator called "it". */
type Place = readonly [
  name: string,
  build: (env: StreamExecutionEnvironment, bad: () => never) => unknown,
]

const rules = { name: 'rules', keyType: Types.int, valueType: Types.int }

function numbers(env: StreamExecutionEnvironment): DataStream<number> {
  return env
    .fromData([1, 2, 3, 4])
    .assignTimestampsAndWatermarks(
      WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n * 10),
    )
}

function keyed(env: StreamExecutionEnvironment): KeyedStream<number, number> {
  return numbers(env).keyBy((n) => n % 2)
}

function windows(env: StreamExecutionEnvironment) {
  return keyed(env).window(TumblingEventTimeWindows.of(100))
}

const aggregate = {
  createAccumulator: () => 0,
  add: (sum: number, n: number) => sum + n,
  merge: (left: number, right: number) => left + right,
  getResult: (sum: number) => sum,
}

const trigger = {
  onElement: (): TriggerResult => TriggerResult.FIRE,
  onEventTime: (): TriggerResult => TriggerResult.CONTINUE,
  onProcessingTime: (): TriggerResult => TriggerResult.CONTINUE,
  clear: (): void => {},
}

/** Places whose answer counts, so that a promise is wrong there. */
const ANSWERING: readonly Place[] = [
  ['map', (env, bad) => numbers(env).map(bad).name('it').discard()],
  ['flatMap', (env, bad) => numbers(env).flatMap(bad).name('it').discard()],
  ['filter', (env, bad) => numbers(env).filter(bad).name('it').discard()],
  [
    'rich map',
    (env, bad) =>
      numbers(env)
        .map(rich(() => ({ map: bad })))
        .name('it')
        .discard(),
  ],
  [
    'rich flatMap',
    (env, bad) =>
      numbers(env)
        .flatMap(rich(() => ({ flatMap: bad })))
        .name('it')
        .discard(),
  ],
  [
    'rich filter',
    (env, bad) =>
      numbers(env)
        .filter(rich(() => ({ filter: bad })))
        .name('it')
        .discard(),
  ],
  [
    'keyed rich map',
    (env, bad) =>
      keyed(env)
        .map(rich(() => ({ map: bad })))
        .name('it')
        .discard(),
  ],
  ['reduce', (env, bad) => keyed(env).reduce(bad).name('it').discard()],
  [
    'rich reduce',
    (env, bad) =>
      keyed(env)
        .reduce(rich(() => ({ reduce: bad })))
        .name('it')
        .discard(),
  ],
  [
    'a key selector',
    (env, bad) =>
      numbers(env)
        .keyBy(bad)
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'processElement',
    (env, bad) =>
      numbers(env)
        .process(() => ({ processElement: bad }))
        .name('it')
        .discard(),
  ],
  [
    'keyed processElement',
    (env, bad) =>
      keyed(env)
        .process(() => ({ processElement: bad }))
        .name('it')
        .discard(),
  ],
  [
    'co-map',
    (env, bad) =>
      numbers(env)
        .connect(numbers(env))
        .map(bad, (n: number) => n)
        .name('it')
        .discard(),
  ],
  [
    'co-flatMap',
    (env, bad) =>
      numbers(env)
        .connect(numbers(env))
        .flatMap(() => [], bad)
        .name('it')
        .discard(),
  ],
  [
    'processElement1',
    (env, bad) =>
      numbers(env)
        .connect(numbers(env))
        .process(() => ({ processElement1: bad, processElement2() {} }))
        .name('it')
        .discard(),
  ],
  [
    'keyed processElement2',
    (env, bad) =>
      keyed(env)
        .connect(keyed(env))
        .process(() => ({ processElement1() {}, processElement2: bad }))
        .name('it')
        .discard(),
  ],
  [
    'broadcast processElement',
    (env, bad) =>
      numbers(env)
        .connect(numbers(env).broadcast(rules))
        .process(() => ({ processElement: bad, processBroadcastElement() {} }))
        .name('it')
        .discard(),
  ],
  [
    'processBroadcastElement',
    (env, bad) =>
      numbers(env)
        .connect(numbers(env).broadcast(rules))
        .process(() => ({ processElement() {}, processBroadcastElement: bad }))
        .name('it')
        .discard(),
  ],
  [
    'keyed processBroadcastElement',
    (env, bad) =>
      keyed(env)
        .connect(numbers(env).broadcast(rules))
        .process(() => ({ processElement() {}, processBroadcastElement: bad }))
        .name('it')
        .discard(),
  ],
  [
    'the function of an interval join',
    (env, bad) =>
      keyed(env)
        .intervalJoin(keyed(env))
        .between(-100, 100)
        .process((_left, _right) => bad())
        .name('it')
        .discard(),
  ],
  [
    'mapPartition',
    (env, bad) => numbers(env).fullWindowPartition().mapPartition(bad).name('it').discard(),
  ],
  [
    'a partition reduce',
    (env, bad) => numbers(env).fullWindowPartition().reduce(bad).name('it').discard(),
  ],
  [
    'a partition aggregate',
    (env, bad) =>
      numbers(env)
        .fullWindowPartition()
        .aggregate({ ...aggregate, add: bad })
        .name('it')
        .discard(),
  ],
  ['a window reduce', (env, bad) => windows(env).reduce(bad).name('it').discard()],
  [
    'a window aggregate',
    (env, bad) =>
      windows(env)
        .aggregate({ ...aggregate, add: bad })
        .name('it')
        .discard(),
  ],
  [
    'getResult',
    (env, bad) =>
      windows(env)
        .aggregate({ ...aggregate, getResult: bad })
        .name('it')
        .discard(),
  ],
  [
    'a window function',
    (env, bad) =>
      windows(env)
        .process((_context, _all) => bad())
        .name('it')
        .discard(),
  ],
  [
    'a process window function',
    (env, bad) =>
      windows(env)
        .process(() => ({ process: bad }))
        .name('it')
        .discard(),
  ],
  [
    'a window of all',
    (env, bad) =>
      numbers(env)
        .windowAll(TumblingEventTimeWindows.of(100))
        .process((_context, _all) => bad())
        .name('it')
        .discard(),
  ],
  [
    'a dynamic gap',
    (env, bad) =>
      keyed(env)
        .window(EventTimeSessionWindows.withDynamicGap(bad))
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'assignWindows',
    (env, bad) =>
      keyed(env)
        .window(() => ({
          isEventTime: true,
          assignWindows: bad,
          getDefaultTrigger: (): AnyTrigger<number> => EventTimeTrigger.create(),
        }))
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'onElement',
    (env, bad) =>
      windows(env)
        .trigger(() => ({ ...trigger, onElement: bad }))
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'a delta trigger',
    (env, bad) =>
      keyed(env)
        .window(GlobalWindows.create())
        .trigger(DeltaTrigger.of(1, bad))
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'a delta evictor',
    (env, bad) =>
      windows(env)
        .evictor(DeltaEvictor.of(1, bad))
        .process((_context, all) => [...all])
        .name('it')
        .discard(),
  ],
  [
    'an evictor',
    (env, bad) =>
      windows(env)
        .evictor(() => ({ evictBefore: bad }))
        .process((_context, all) => [...all])
        .name('it')
        .discard(),
  ],
  [
    'a window join',
    (env, bad) =>
      numbers(env)
        .join(numbers(env))
        .where((n) => n)
        .equalTo((n) => n)
        .window(TumblingEventTimeWindows.of(100))
        .apply(bad)
        .name('it')
        .discard(),
  ],
  [
    'a co-group',
    (env, bad) =>
      numbers(env)
        .coGroup(numbers(env))
        .where((n) => n)
        .equalTo((n) => n)
        .window(TumblingEventTimeWindows.of(100))
        .apply(bad)
        .name('it')
        .discard(),
  ],
]

/** Places that are called for what they do. */
const CALLED: readonly Place[] = [
  [
    'a timestamp assigner',
    (env, bad) =>
      env
        .fromData([1])
        .assignTimestampsAndWatermarks(
          WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner(bad),
        )
        .name('it')
        .discard(),
  ],
  [
    'a partitioner',
    (env, bad) =>
      numbers(env)
        .map((n) => n)

        .partitionCustom(bad, (n) => n)
        .map((n) => n)
        .name('it')
        .setParallelism(2)
        .discard(),
  ],
  ['a factory', (env, bad) => numbers(env).process(bad).name('it').discard()],
  [
    'an async function',
    (env, bad) =>
      AsyncDataStream.unorderedWait(numbers(env), (_n) => bad(), { timeout: '1 s' })
        .name('it')
        .discard(),
  ],
  [
    'open',
    (env, bad) =>
      numbers(env)
        .process(() => ({ open: bad, processElement() {} }))
        .name('it')
        .discard(),
  ],
  [
    'initializeState',
    (env, bad) =>
      numbers(env)
        .process(() => ({ initializeState: bad, processElement() {} }))
        .name('it')
        .discard(),
  ],
  [
    'onTimer',
    (env, bad) =>
      keyed(env)
        .process(() => ({
          processElement: (
            n: number,
            context: { timerService: { registerEventTimeTimer(time: number): void } },
          ) => context.timerService.registerEventTimeTimer(n),
          onTimer: bad,
        }))
        .name('it')
        .discard(),
  ],
  [
    'onEventTime',
    (env, bad) =>
      windows(env)
        .trigger(() => ({
          ...trigger,
          onElement: (
            _n: number,
            _time: number,
            window: { end: number },
            context: { registerEventTimeTimer(time: number): void },
          ) => {
            context.registerEventTimeTimer(window.end - 1)
            return TriggerResult.CONTINUE
          },
          onEventTime: bad,
        }))
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'the clear of a trigger',
    (env, bad) =>
      windows(env)
        .trigger(() => ({ ...trigger, clear: bad }))
        .reduce((n) => n)
        .name('it')
        .discard(),
  ],
  [
    'the clear of a window',
    (env, bad) =>
      windows(env)
        .process(() => ({
          process: (_context: unknown, _all: readonly number[], _out: Collector<number>) => [],
          clear: bad,
        }))
        .name('it')
        .discard(),
  ],
  [
    'a window factory',
    (env, bad) =>
      windows(env)
        .trigger(CountTrigger.of(1))
        .process(() => ({
          open: bad,
          process: (_context: unknown, _all: readonly number[], _out: Collector<number>) => [],
        }))
        .name('it')
        .discard(),
  ],
  [
    'onEvent',
    (env, bad) =>
      env
        .fromData([1])
        .assignTimestampsAndWatermarks(
          WatermarkStrategy.forGenerator<number>(() => ({ onEvent: bad })).withTimestampAssigner(
            (n) => n,
          ),
        )
        .name('it')
        .discard(),
  ],
]

function raise(): never {
  throw new RangeError('raised')
}

/** The types refuse it; a program with a cast does it all the same. */
const promising = (() => Promise.resolve(1)) as unknown as () => never

function environment(): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({ restart: { strategy: 'none' } })
}

describe('a function of the user', () => {
  it.each([...ANSWERING, ...CALLED])(
    'when %s throws, then the failure has the name of the operator and the cause',
    async (_name, build) => {
      const env = environment()
      build(env, raise)

      const { error } = await failureOf(env)

      expect(error.code).toBe('FUNCTION_FAILED')
      expect(error.message).toContain("'it'")
      expect(error.message).toContain('raised')
      expect(error.cause).toBeInstanceOf(RangeError)
    },
  )

  it.each(ANSWERING)(
    'when %s answers a promise, then that is what the failure says',
    async (_name, build) => {
      const env = environment()
      build(env, promising)

      const { error } = await failureOf(env)

      expect(error.code).toBe('FUNCTION_RETURNED_PROMISE')
      expect(error.message).toContain("'it'")
    },
  )

  it('when close throws, then the failure has the name of the operator and what was thrown', async () => {
    const env = environment()
    numbers(env)
      .process(() => ({ processElement() {}, close: raise }))
      .name('it')
      .discard()

    const { error } = await failureOf(env)

    expect(error.code).toBe('FUNCTION_FAILED')
    expect(error.message).toContain("'it'")
    expect(error.message).toContain('RangeError: raised')
  })
})
