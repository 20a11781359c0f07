import {
  type AggregateFunction,
  type BuiltInWindowAssigner,
  ContinuousEventTimeTrigger,
  CountEvictor,
  CountTrigger,
  DeltaEvictor,
  DeltaTrigger,
  EventTimeSessionWindows,
  EventTimeTrigger,
  GlobalWindows,
  OutputTag,
  ProcessingTimeoutTrigger,
  ProcessingTimeTrigger,
  type ProcessWindowFunction,
  PurgingTrigger,
  SlidingProcessingTimeWindows,
  TimeEvictor,
  type Trigger,
  TriggerResult,
  TumblingEventTimeWindows,
  Types,
  type WindowFunction,
} from '@millrace/core'
import type { JobOperator, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import type { WindowedStream } from './windowed-stream.ts'

interface Entry {
  word: string
  count: number
}

const EntryType = Types.record({ word: Types.string, count: Types.int })
const TEN_SECONDS = TumblingEventTimeWindows.of('10 s')

class Count implements AggregateFunction<Entry, number, number> {
  readonly accumulatorType = Types.int
  createAccumulator = () => 0
  add = (count: number) => count + 1
  getResult = (count: number) => count
  merge = (left: number, right: number) => left + right
}

class Unmerging implements Trigger<Entry> {
  onElement = () => TriggerResult.CONTINUE
  onEventTime = () => TriggerResult.CONTINUE
  onProcessingTime = () => TriggerResult.CONTINUE
  clear(): void {}
}

class MergingOnlyByName extends Unmerging {
  canMerge = () => true
}

type Assigner = BuiltInWindowAssigner<Entry>
type Windowed = (windowed: WindowedStream<string, Entry>) => WindowedStream<string, Entry>
type Aggregate<ACC, OUT> = AggregateFunction<Entry, ACC, OUT>

/** The window operator that `build` adds. */
async function windowOf(
  build: (
    windowed: WindowedStream<string, Entry>,
    entries: ReturnType<typeof keyedEntries>,
    env: StreamExecutionEnvironment,
  ) => { discard(): unknown },
  assigner: Assigner = TEN_SECONDS,
): Promise<{ readonly window: JobOperator } & Pick<JobSubmission, 'functions' | 'graph'>> {
  const submissions: JobSubmission[] = []
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    executor: {
      submit: (submission) => {
        submissions.push(submission)
        return Promise.reject(new Error('only recorded'))
      },
    },
  })
  const entries = keyedEntries(env)
  build(entries.window(assigner), entries, env).discard()
  await expect(env.executeAsync()).rejects.toThrow('only recorded')
  const [{ graph, functions }] = submissions as [JobSubmission]
  const operators = graph.vertices.flatMap((vertex) => vertex.operators)
  return {
    window: operators.find(({ kind }) => kind === 'window') as JobOperator,
    functions,
    graph,
  }
}

function keyedEntries(env: StreamExecutionEnvironment) {
  return env
    .fromData<Entry>([], { type: EntryType })
    .keyBy((entry) => entry.word, { type: Types.string })
}

describe('a windowed stream', () => {
  test('when aggregated, then the plan has the assigner and the accumulator type', async () => {
    const count = new Count()
    const { window, functions } = await windowOf((windowed) => windowed.aggregate(count))
    expect(window).toMatchObject({
      name: 'TumblingEventTimeWindows(10000 ms)',
      keyType: Types.string,
      outputType: { kind: 'any' },
      config: {
        assigner: {
          kind: 'sliding',
          time: 'event-time',
          sizeMs: 10_000,
          slideMs: 10_000,
          offsetMs: 0,
        },
        allowedLatenessMs: 0,
        lateTag: null,
        accumulatorType: { kind: 'int' },
      },
    })
    expect(Object.keys(window.functions)).toEqual(['keySelector', 'aggregate'])
    expect(functions.resolve(window.functions['aggregate'])).toBe(count)
  })

  test('when late records are allowed and side-output, then the plan says so', async () => {
    const late = new OutputTag('late', EntryType)
    const { window } = await windowOf((windowed) =>
      windowed.allowedLateness('1 min').sideOutputLateData(late).aggregate(new Count()),
    )
    expect(window.config).toMatchObject({ allowedLatenessMs: 60_000, lateTag: 'late' })
  })

  test('when reduced, then the accumulator is the value, which is never changed', async () => {
    const { window, functions } = await windowOf((windowed) =>
      windowed.reduce((left, right) => ({ ...left, count: left.count + right.count })),
    )
    expect(window.config['accumulatorType']).toEqual(EntryType)
    expect(window.outputType).toEqual(EntryType)
    const aggregate = functions.resolve<Aggregate<Entry | undefined, Entry>>(
      window.functions['aggregate'],
    )
    const first = { word: 'a', count: 1 }
    let accumulator = aggregate.add(aggregate.createAccumulator(), first)
    expect(accumulator).toBe(first)
    accumulator = aggregate.add(accumulator, { word: 'a', count: 2 })
    expect(aggregate.merge(undefined, accumulator)).toBe(accumulator)
    expect(aggregate.merge(accumulator, undefined)).toBe(accumulator)
    expect(aggregate.getResult(aggregate.merge(accumulator, first))).toEqual({
      word: 'a',
      count: 4,
    })
    expect(first).toEqual({ word: 'a', count: 1 })
  })

  test('when a window function follows, then the output type is open', async () => {
    const show: WindowFunction<Entry, string, string> = ({ key }) => [key]
    const { window, functions } = await windowOf((windowed) =>
      windowed.reduce((left) => left, show),
    )
    expect(window.outputType).toEqual({ kind: 'any' })
    expect(functions.resolve(window.functions['windowFunction'])).toBe(show)
  })

  test('when all elements are processed, then the accumulator is an array of them', async () => {
    const { window, functions } = await windowOf((windowed) =>
      windowed.process((_context, elements) => [elements.length]),
    )
    expect(window.config['accumulatorType']).toEqual({ kind: 'array', element: EntryType })
    const aggregate = functions.resolve<Aggregate<Entry[], readonly Entry[]>>(
      window.functions['aggregate'],
    )
    const [a, b] = [
      { word: 'a', count: 1 },
      { word: 'b', count: 1 },
    ]
    const left = aggregate.add(aggregate.createAccumulator(), a)
    const right = aggregate.add(aggregate.createAccumulator(), b)
    expect(aggregate.getResult(aggregate.merge(left, right))).toEqual([a, b])
    expect(right).toEqual([b])
  })

  test('when a field is summed, then accumulators change in place and inputs and results do not', async () => {
    const { window, functions } = await windowOf((windowed) => windowed.sum('count'))
    const aggregate = functions.resolve<Aggregate<Entry | undefined, Entry>>(
      window.functions['aggregate'],
    )
    const input = { word: 'a', count: 1 }
    const accumulator = aggregate.add(aggregate.createAccumulator(), input)
    expect(aggregate.add(accumulator, { word: 'a', count: 2 })).toBe(accumulator)
    const result = aggregate.getResult(accumulator)
    expect({ ...result }).toEqual({ word: 'a', count: 3 })
    const copy = aggregate.merge(undefined, accumulator)
    aggregate.merge(copy, accumulator)
    aggregate.add(accumulator, input)
    expect(accumulator).toMatchObject({ count: 4 })
    expect(copy).toMatchObject({ count: 6 })
    expect(result).toMatchObject({ count: 3 })
    expect(input).toEqual({ word: 'a', count: 1 })
    expect(aggregate.merge(accumulator, undefined)).toBe(accumulator)
  })

  test.each([
    ['min', 2],
    ['max', 5],
    ['minBy', 2],
    ['maxBy', 5],
  ] as const)('when asked for %s, then it folds by the field', async (method, count) => {
    const { window, functions } = await windowOf((windowed) => windowed[method]('count'))
    const aggregate = functions.resolve<Aggregate<Entry | undefined, Entry>>(
      window.functions['aggregate'],
    )
    const fold = (counts: readonly number[]) =>
      counts.reduce<Entry | undefined>(
        (accumulator, n) => aggregate.add(accumulator, { word: 'a', count: n }),
        aggregate.createAccumulator(),
      )
    expect(aggregate.getResult(fold([3, 2, 5])).count).toBe(count)
    expect(aggregate.getResult(fold([5, 2, 3])).count).toBe(count)
  })

  test.each([
    [EventTimeSessionWindows.withGap('1 s'), 'EventTimeSessionWindows(1000 ms)'],
    [
      SlidingProcessingTimeWindows.of('4 s', '2 s'),
      'SlidingProcessingTimeWindows(4000 ms, 2000 ms)',
    ],
  ])('when windows are %j, then the operator is named after them', async (assigner, name) => {
    const { window } = await windowOf((windowed) => windowed.aggregate(new Count()), assigner)
    expect(window).toMatchObject({ name, config: { assigner } })
  })

  test('when slices or sessions suffice, then the plan has no panes', async () => {
    for (const assigner of [
      TEN_SECONDS,
      TumblingEventTimeWindows.of('10 s', { stagger: 'aligned' }),
      SlidingProcessingTimeWindows.of('4 s', '2 s'),
      EventTimeSessionWindows.withGap('1 s'),
      EventTimeSessionWindows.withDynamicGap((entry: Entry) => entry.count),
    ]) {
      const { window } = await windowOf((windowed) => windowed.aggregate(new Count()), assigner)
      expect(window.config).not.toHaveProperty('panes')
    }
    const { window } = await windowOf((windowed) =>
      windowed.trigger(EventTimeTrigger.create()).aggregate(new Count()),
    )
    expect(window.config).not.toHaveProperty('panes')
  })

  test('when they do not, then the plan says how the panes are evaluated, and its functions have roles', async () => {
    const newer = (older: Entry, last: Entry): number => last.count - older.count
    const { window, functions } = await windowOf(
      (windowed) =>
        windowed
          .trigger(PurgingTrigger.of(DeltaTrigger.of(3, newer)))
          .evictor(DeltaEvictor.of(2, newer, true))
          .reduce((left) => left),
      GlobalWindows.create(),
    )
    expect(window.name).toBe('GlobalWindows')
    expect(window.config).toMatchObject({
      assigner: { kind: 'global', firesAtEnd: false },
      panes: {
        trigger: { kind: 'purging', nested: { kind: 'delta', threshold: 3 } },
        evictor: { kind: 'delta', threshold: 2, isAfter: true },
        elementType: EntryType,
        isFolded: true,
      },
    })
    expect(functions.resolve(window.functions['trigger'])).toBe(newer)
    expect(functions.resolve(window.functions['evictor'])).toBe(newer)
  })

  const reasons: readonly (readonly [string, Windowed, Assigner])[] = [
    [
      'a stagger',
      (windowed) => windowed,
      TumblingEventTimeWindows.of('10 s', { stagger: 'random' }),
    ],
    ['a trigger', (windowed) => windowed.trigger(CountTrigger.of(3)), TEN_SECONDS],
    [
      'the trigger of the other time',
      (windowed) => windowed.trigger(ProcessingTimeTrigger.create()),
      TEN_SECONDS,
    ],
    ['an evictor', (windowed) => windowed.evictor(CountEvictor.of(3)), TEN_SECONDS],
    ['the global window', (windowed) => windowed, GlobalWindows.createWithEndOfStreamTrigger()],
  ]
  test.each(reasons)('when there is %s, then windows are kept in panes', async (...reason) => {
    const [, change, assigner] = reason
    const { window } = await windowOf(
      (windowed) => change(windowed).aggregate(new Count()),
      assigner,
    )
    expect(window.config).toHaveProperty('panes')
  })

  test('when windows have a function with a life cycle, then it is a factory in the plan', async () => {
    const factory = (): ProcessWindowFunction<Entry, string, string> => ({ process: () => ['x'] })
    for (const build of [
      (windowed: WindowedStream<string, Entry>) => windowed.process(factory),
      (windowed: WindowedStream<string, Entry>) => windowed.reduce((left) => left, factory),
    ]) {
      const { window, functions } = await windowOf(build)
      expect(functions.resolve(window.functions['processWindowFunction'])).toBe(factory)
      expect(window.functions).not.toHaveProperty('windowFunction')
    }
  })

  test('when windows count, then they are global ones with a trigger, and an evictor if they slide', async () => {
    const trigger = { kind: 'count', maxCount: 3 }
    const three = await windowOf((_, entries) => entries.countWindow(3).sum('count'))
    expect(three.window.config).toMatchObject({
      panes: { trigger: { kind: 'purging', nested: trigger }, evictor: null },
    })
    const sliding = await windowOf((_, entries) => entries.countWindow(5, 3).sum('count'))
    expect(sliding.window.config).toMatchObject({
      panes: { trigger, evictor: { kind: 'count', maxCount: 5, isAfter: false } },
    })
  })

  test('when windows have no keys, then one subtask has them all', async () => {
    const { window, graph } = await windowOf((_, entries) =>
      entries.windowAll(TEN_SECONDS).sum('count'),
    )
    expect(window.config).toMatchObject({ isNonKeyed: true })
    const vertex = graph.vertices.find(({ operators }) => operators.includes(window))
    expect(vertex?.parallelism).toBe(1)
  })

  test('when two streams are joined in windows, then one operator reads both by their keys', async () => {
    const lateTags = {
      first: new OutputTag<Entry>('late 1'),
      second: new OutputTag<string>('late 2'),
    }
    const { window, functions } = await windowOf((_, entries, env) =>
      entries
        .join(env.fromData(['a']))
        .where((entry) => entry.word)
        .equalTo((word) => word)
        .window(TEN_SECONDS)
        .allowedLateness('1 s')
        .sideOutputLateData(lateTags)
        .apply((entry, word) => `${entry.count} ${word}`),
    )
    expect(window.name).toBe('Join(TumblingEventTimeWindows(10000 ms))')
    expect(window.config).toMatchObject({
      allowedLatenessMs: 1_000,
      lateTag: 'late 1',
      coGroup: { lateTag2: 'late 2' },
      accumulatorType: Types.record({
        first: Types.array(EntryType),
        second: Types.array(Types.any()),
      }),
    })
    const keyOf = functions.resolve<(word: string) => string>(window.functions['keySelector2'])
    expect(keyOf('b')).toBe('b')
  })

  test('when parts do not go together, then it is said where they are written', () => {
    const entries = keyedEntries(StreamExecutionEnvironment.getExecutionEnvironment())
    const sessions = entries.window(EventTimeSessionWindows.withGap('1 s'))
    const delta = DeltaTrigger.of(1, (left: Entry, right: Entry) => right.count - left.count)
    for (const trigger of [
      delta,
      PurgingTrigger.of(delta),
      ProcessingTimeoutTrigger.of(CountTrigger.of(2), '1 s'),
      () => new Unmerging(),
    ]) {
      expect(() => sessions.trigger(trigger).sum('count')).toThrow(/WINDOW_INVALID.*can merge/)
    }
    expect(() => sessions.trigger(() => new MergingOnlyByName()).sum('count')).toThrow(
      /FUNCTION_INVALID.*onMerge/,
    )
    const windowed = entries.window(TEN_SECONDS)
    expect(() => windowed.trigger(new Unmerging() as never)).toThrow(
      /WINDOW_INVALID.*new MyTrigger/,
    )
    expect(() => windowed.trigger(Unmerging as never)).toThrow(/FUNCTION_INVALID.*new Unmerging/)
    expect(() => windowed.trigger(() => ({}) as never).sum('count')).toThrow(/without onElement/)
    expect(() => windowed.trigger('often' as never)).toThrow(/WINDOW_INVALID.*CountTrigger/)
    expect(() => windowed.evictor({} as never)).toThrow(/WINDOW_INVALID.*CountEvictor/)
    expect(() => windowed.evictor(() => ({})).sum('count')).toThrow(/FUNCTION_INVALID.*evictBefore/)
    expect(() => windowed.process(new Count() as never)).toThrow(
      /FUNCTION_INVALID.*\(\) => new Count/,
    )
    expect(() => entries.window(() => ({}) as never).sum('count')).toThrow(/without assignWindows/)
    expect(() =>
      entries
        .window(() => ({ assignWindows: () => [], getDefaultTrigger: () => delta }) as never)
        .sum('count'),
    ).toThrow(/WINDOW_INVALID.*isEventTime/)
    expect(() => entries.window(5 as never)).toThrow(/WINDOW_INVALID.*TumblingEventTimeWindows/)
    expect(() => entries.countWindow(0)).toThrow(/OPTION_INVALID.*window size/)
    expect(() => entries.countWindow(2, 0.5)).toThrow(/OPTION_INVALID.*window slide/)
    const pair = entries
      .coGroup(entries)
      .where((entry) => entry.word, { type: Types.string })
      .equalTo((entry) => entry.count as never, { type: Types.int as never })
    expect(() => pair.window(TEN_SECONDS)).toThrow(/KEY_INVALID.*string and int/)
  })

  test('when numbers or options are wrong, then the error says which', () => {
    expect(() => CountTrigger.of(0)).toThrow(/OPTION_INVALID.*trigger count/)
    expect(() => CountEvictor.of(-1)).toThrow(/OPTION_INVALID.*evictor count/)
    expect(() => ContinuousEventTimeTrigger.of(0)).toThrow(/WINDOW_INVALID.*trigger interval/)
    expect(() => TimeEvictor.of(0)).toThrow(/WINDOW_INVALID.*time evictor/)
    expect(() => DeltaTrigger.of(Number.NaN, () => 1)).toThrow(/OPTION_INVALID.*threshold/)
    expect(() => DeltaTrigger.of(1, 5 as never)).toThrow(/FUNCTION_INVALID.*DeltaTrigger/)
    expect(() => PurgingTrigger.of(undefined as never)).toThrow(/WINDOW_INVALID.*PurgingTrigger/)
    expect(() => EventTimeSessionWindows.withDynamicGap(5 as never)).toThrow(
      /FUNCTION_INVALID.*withDynamicGap/,
    )
    const stager = { stager: 'random' } as never
    expect(() => TumblingEventTimeWindows.of('1 s', stager)).toThrow(/OPTION_UNKNOWN.*"stagger"/)
    const often = { stagger: 'often' } as never
    expect(() => TumblingEventTimeWindows.of('1 s', often)).toThrow(/OPTION_INVALID.*natural/)
    const reset = { resetTimer: true } as never
    expect(() => ProcessingTimeoutTrigger.of(CountTrigger.of(1), '1 s', reset)).toThrow(
      /OPTION_UNKNOWN/,
    )
  })

  test('when functions are wrong, then the error says what to write', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const windowed = keyedEntries(env).window(TEN_SECONDS)
    expect(() => windowed.aggregate(Count as never)).toThrow(/FUNCTION_INVALID.*new Count\(\)/)
    expect(() => windowed.aggregate({} as never)).toThrow(/without createAccumulator/)
    expect(() => windowed.reduce((async () => 1) as never)).toThrow(/FUNCTION_RETURNED_PROMISE/)
    expect(() => windowed.process((async () => []) as never)).toThrow(/FUNCTION_RETURNED_PROMISE/)
    expect(() => windowed.allowedLateness('soon')).toThrow(/DURATION_INVALID.*allowed lateness/)
  })
})
