import {
  type AggregateFunction,
  EventTimeSessionWindows,
  OutputTag,
  SlidingProcessingTimeWindows,
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

type Aggregate<ACC, OUT> = AggregateFunction<Entry, ACC, OUT>

/** The window operator that `build` adds. */
async function windowOf(
  build: (windowed: WindowedStream<string, Entry>) => { discard(): unknown },
  assigner: Parameters<ReturnType<typeof keyedEntries>['window']>[0] = TEN_SECONDS,
): Promise<{ readonly window: JobOperator; readonly functions: JobSubmission['functions'] }> {
  const submissions: JobSubmission[] = []
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    executor: {
      submit: (submission) => {
        submissions.push(submission)
        return Promise.reject(new Error('only recorded'))
      },
    },
  })
  build(keyedEntries(env).window(assigner)).discard()
  await expect(env.executeAsync()).rejects.toThrow('only recorded')
  const [{ graph, functions }] = submissions as [JobSubmission]
  const operators = graph.vertices.flatMap((vertex) => vertex.operators)
  return { window: operators.find(({ kind }) => kind === 'window') as JobOperator, functions }
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
