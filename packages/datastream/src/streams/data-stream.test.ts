import {
  type CoProcessFunction,
  MillraceError,
  OutputTag,
  type ProcessFunction,
  type Sink,
  Types,
  WatermarkStrategy,
} from '@millrace/core'
import type { JobGraph, JobOperator, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import { DiscardSink } from '../sinks/discard-sink.ts'

type Environment = StreamExecutionEnvironment

const Word = Types.record({ word: Types.string, count: Types.int })

/** What reaches the executor for a program written by `build`. */
async function submit(
  build: (env: Environment) => void,
  parallelism = 2,
): Promise<JobSubmission & { readonly operators: readonly JobOperator[] }> {
  const submissions: JobSubmission[] = []
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism,
    executor: {
      submit: (submission) => {
        submissions.push(submission)
        return Promise.reject(new Error('only recorded'))
      },
    },
  })
  build(env)
  await expect(env.executeAsync()).rejects.toThrow('only recorded')
  const [submission] = submissions as [JobSubmission]
  return { ...submission, operators: operatorsOf(submission.graph) }
}

function operatorsOf(graph: JobGraph): JobOperator[] {
  return graph.vertices.flatMap((vertex) => vertex.operators)
}

/** Where records go, one line an edge between vertices. */
function edgesOf({ edges }: JobGraph): string[] {
  return edges.map(
    ({ fromOperator, outputTag, toVertex, toInput, partitioner }) =>
      `${fromOperator}${outputTag === null ? '' : `[${outputTag}]`} -${partitioner.kind}-> ${toVertex}:${toInput}`,
  )
}

const words = (env: Environment) =>
  env.generate({ count: 1, generator: () => 'a', type: Types.string }).uid('words')

const split = (): ProcessFunction<string, string> => ({ processElement: () => {} })

describe('a stream', () => {
  test('when transformed, then each method adds an operator with its function', async () => {
    const map = (word: string) => word.length
    const flatMap = (word: string) => [word]
    const filter = (length: number) => length > 1
    const { operators, functions, graph } = await submit((env) => {
      words(env).flatMap(flatMap).map(map, { type: Types.int }).filter(filter).discard()
    })
    expect(operators.map(({ kind, name, config }) => ({ kind, name, config }))).toEqual([
      {
        kind: 'source',
        name: 'Source: Data Generator',
        config: {
          source: { source: 'data-generator', count: 1, recordsPerSecond: null },
          boundedness: 'bounded',
          watermarks: { generator: 'none' },
        },
      },
      { kind: 'flat-map', name: 'Flat Map', config: {} },
      { kind: 'map', name: 'Map', config: {} },
      { kind: 'filter', name: 'Filter', config: {} },
      { kind: 'sink', name: 'Sink: Discard', config: { sink: { sink: 'discard' } } },
    ])
    const [, first, second, third] = operators
    expect(functions.resolve(first?.functions['flatMap'])).toBe(flatMap)
    expect(functions.resolve(second?.functions['map'])).toBe(map)
    expect(functions.resolve(third?.functions['filter'])).toBe(filter)
    expect(operators.map(({ outputType }) => outputType.kind)).toEqual([
      'string',
      'any',
      'int',
      'int',
      'any',
    ])
    expect(graph.vertices).toHaveLength(1)
  })

  test('when processed by a factory, then the plan refers to the factory', async () => {
    const { operators, functions } = await submit((env) => {
      words(env).process(split, { type: Types.string }).discard()
    })
    expect(operators[1]?.kind).toBe('process')
    expect(functions.resolve(operators[1]?.functions['process'])).toBe(split)
    expect(operators[1]?.keyType).toBeNull()
  })

  test('when an operator is set up, then its uid, name, parallelism and type are in the plan', async () => {
    const { operators, graph } = await submit((env) => {
      words(env)
        .map((word) => ({ word, count: 1 }))
        .uid('count')
        .name('count words')
        .setParallelism(3)
        .setMaxParallelism(512)
        .returns(Word)
        .discard()
        .uid('away')
        .name('throw away')
        .setParallelism(4)
        .setMaxParallelism(64)
    })
    expect(operators.slice(1)).toMatchObject([
      { uid: 'count', name: 'count words', outputType: Word },
      { uid: 'away', name: 'throw away' },
    ])
    expect(graph.vertices).toMatchObject([
      { id: 'words', parallelism: 2, maxParallelism: 128 },
      { id: 'count', parallelism: 3, maxParallelism: 512 },
      { id: 'away', parallelism: 4, maxParallelism: 64 },
    ])
    expect(edgesOf(graph)).toEqual(['words -rebalance-> count:0', 'count -rebalance-> away:0'])
    expect(graph.edges[1]?.type).toEqual(Word)
  })

  test('when parallelisms are equal, then records are forwarded, also if set later', async () => {
    const { graph } = await submit((env) => {
      const source = words(env)
      source
        .map((word) => word)
        .setParallelism(5)
        .discard()
        .setParallelism(5)
      source.setParallelism(5)
    })
    expect(graph.vertices).toHaveLength(1)
  })

  test('when rebalanced or broadcast, then the edge says so', async () => {
    const { graph } = await submit((env) => {
      const source = words(env)
      source.rebalance().discard().uid('a')
      source.broadcast().discard().uid('b')
    })
    expect(edgesOf(graph)).toEqual(['words -rebalance-> a:0', 'words -broadcast-> b:0'])
  })

  test('when united, then the reader has one input from each', async () => {
    const { graph } = await submit((env) => {
      const others = env.fromData(['b'], { type: Types.string }).uid('others')
      const union = words(env).union(others)
      expect(union.type).toBe(Types.string)
      union.discard().uid('all')
      const untyped = env.fromData(['c'])
      expect(union.union(untyped).type).toBeUndefined()
      untyped.discard()
    })
    expect(edgesOf(graph).slice(0, 2)).toEqual([
      'words -forward-> all:0',
      'others -rebalance-> all:0',
    ])
  })

  test('when a side output is read, then the edge carries its tag and type', async () => {
    const odd = new OutputTag('odd', Types.long)
    const { graph } = await submit((env) => {
      const processed = words(env).process(split).uid('split')
      expect(processed.getSideOutput(odd).type).toBe(Types.long)
      processed.getSideOutput(odd).rebalance().discard().uid('odd-ones')
    })
    expect(edgesOf(graph)).toEqual(['split[odd] -rebalance-> odd-ones:0'])
    expect(graph.edges[0]?.type).toEqual(Types.long)
  })

  test('when given event time, then the plan has the strategy and its functions', async () => {
    const at = (word: string) => word.length
    const generator = () => ({})
    const { operators, functions } = await submit((env) => {
      words(env)
        .assignTimestampsAndWatermarks(
          WatermarkStrategy.forBoundedOutOfOrderness<string>('5 s').withTimestampAssigner(at),
        )
        .assignTimestampsAndWatermarks(WatermarkStrategy.forGenerator<string>(generator))
        .discard()
    })
    const [, bounded, custom] = operators
    expect(bounded).toMatchObject({
      kind: 'timestamps-watermarks',
      config: { watermarks: { generator: 'bounded', delayMs: 5000, emit: 'periodic' } },
      outputType: Types.string,
    })
    expect(functions.resolve(bounded?.functions['timestampAssigner'])).toBe(at)
    expect(custom?.config).toEqual({ watermarks: { generator: 'custom' } })
    expect(functions.resolve(custom?.functions['generator'])).toBe(generator)
  })

  test('when connected, then one operator has two inputs', async () => {
    const factory = (): CoProcessFunction<string, string, string> => ({
      processElement1: () => {},
      processElement2: () => {},
    })
    const { graph, operators, functions } = await submit((env) => {
      const others = env.fromData(['b']).uid('others')
      words(env).connect(others).process(factory).uid('both').discard()
    })
    expect(edgesOf(graph)).toEqual(['words -forward-> both:0', 'others -rebalance-> both:1'])
    const both = operators.find(({ uid }) => uid === 'both')
    expect(both).toMatchObject({ kind: 'co-process', keyType: null })
    expect(functions.resolve(both?.functions['process'])).toBe(factory)
  })

  test('when a broadcast stream with states is connected, then the states are in the plan', async () => {
    const { graph, operators } = await submit((env) => {
      const rules = env
        .fromData(['r'])
        .uid('rules')
        .broadcast(
          { name: 'typed', keyType: Types.string, valueType: Types.int },
          { name: 'other' },
        )
      words(env)
        .connect(rules)
        .process(() => ({ processElement: () => {}, processBroadcastElement: () => {} }))
        .uid('apply')
        .discard()
    })
    expect(edgesOf(graph)).toEqual(['words -forward-> apply:0', 'rules -broadcast-> apply:1'])
    expect(operators.find(({ uid }) => uid === 'apply')).toMatchObject({
      kind: 'broadcast-process',
      config: {
        states: [
          { name: 'typed', keyType: { kind: 'string' }, valueType: { kind: 'int' } },
          { name: 'other', keyType: { kind: 'any' }, valueType: { kind: 'any' } },
        ],
      },
    })
  })

  test('when the same program is built again, then all derived uids are the same', async () => {
    const build = (env: Environment) => {
      const source = words(env)
      source.map((word) => word).discard()
      source.map((word) => word).print()
    }
    const first = await submit(build)
    const second = await submit((env) => {
      env.fromSequence(1, 2).discard()
      build(env)
    })
    expect(new Set(first.operators.map(({ uid }) => uid)).size).toBe(5)
    expect(second.operators.slice(2).map(({ uid }) => uid)).toEqual(
      first.operators.map(({ uid }) => uid),
    )
  })

  test('when a derived uid is already a given one, then the given one stays', async () => {
    const plain = await submit((env) => env.fromSequence(1, 2).discard())
    const taken = plain.operators[0]?.uid as string
    const { operators } = await submit((env) => {
      env.fromSequence(1, 2).discard()
      env.fromSequence(1, 2).uid(taken).discard()
    })
    expect(operators.map(({ uid }) => uid)).toContain(`${taken}-2`)
  })
})

describe('a mistake on a stream', () => {
  const env = StreamExecutionEnvironment.getExecutionEnvironment()
  const stream = env.fromData(['a'])
  const other = StreamExecutionEnvironment.getExecutionEnvironment().fromData(['a'])

  class Split implements ProcessFunction<string, string> {
    processElement(): void {}
  }

  test.each<[string, () => unknown, string, string]>([
    ['an async map', () => stream.map(async (v) => v), 'FUNCTION_RETURNED_PROMISE', 'remove async'],
    [
      'an async flatMap',
      () => stream.flatMap((async () => []) as never),
      'FUNCTION_RETURNED_PROMISE',
      'for flatMap',
    ],
    [
      'an async filter',
      () => stream.filter((async () => true) as never),
      'FUNCTION_RETURNED_PROMISE',
      'for filter',
    ],
    ['no function', () => stream.map('upper' as never), 'FUNCTION_INVALID', 'Write map('],
    [
      'an instance for a factory',
      () => stream.process(new Split() as never),
      'FUNCTION_INVALID',
      'Write process(() => new Split())',
    ],
    [
      'a class for a factory',
      () => stream.process(Split as never),
      'FUNCTION_INVALID',
      'Write process(() => new Split())',
    ],
    [
      'a plain function for a factory',
      () => stream.process(((v: string) => v) as never),
      'FUNCTION_INVALID',
      'new MyFunction()',
    ],
    ['a wrong type', () => stream.returns(Types.any as never), 'TYPE_INVALID', 'Types.any()'],
    [
      'an unknown option',
      () => stream.map((v) => v, { types: Types.int } as never),
      'OPTION_UNKNOWN',
      'Did you mean "type"',
    ],
    [
      'a sink class',
      () => stream.sinkTo(DiscardSink as never),
      'FUNCTION_INVALID',
      'new DiscardSink()',
    ],
    [
      'half a sink',
      () => stream.sinkTo({ describe: () => 1 } as unknown as Sink<string>),
      'FUNCTION_INVALID',
      'createWriter',
    ],
    ['a parallelism of 0', () => stream.setParallelism(0), 'OPTION_INVALID', 'parallelism'],
    ['an empty name', () => stream.name(''), 'OPTION_INVALID', 'name'],
    ['another environment', () => stream.union(other), 'OPTION_INVALID', 'another environment'],
    ['another environment', () => stream.connect(other), 'OPTION_INVALID', 'another environment'],
    [
      'no strategy',
      () => stream.assignTimestampsAndWatermarks({} as never),
      'OPTION_INVALID',
      'WatermarkStrategy',
    ],
    [
      'a broadcast state twice',
      () => stream.broadcast({ name: 'a' }, { name: 'a' }),
      'OPTION_INVALID',
      'all different',
    ],
  ])('when it is %s, then the error says what to write', (_what, act, code, text) => {
    const error = thrownBy(act)
    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
  })
})

function thrownBy(act: () => unknown): MillraceError {
  try {
    act()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('when time is given in the middle of a job, then it cannot be aligned, and that is said', () => {
  const strategy = WatermarkStrategy.forMonotonousTimestamps<number>()
  const stream = StreamExecutionEnvironment.getExecutionEnvironment().fromData([1])
  expect(() =>
    stream.assignTimestampsAndWatermarks(strategy.withWatermarkAlignment('all', '1 s')),
  ).toThrow(/OPTION_INVALID.*group 'all'.*fromSource/)
})
