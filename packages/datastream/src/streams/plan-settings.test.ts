// What the setters of streams and of the environment do to the plan.

import { booleanWatermark, longWatermark, MillraceError } from '@millrace/core'
import type { JobGraph, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import type { ExecutionOptions } from '../environment/execution-options.ts'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import type { DataStream } from './data-stream.ts'

type Environment = StreamExecutionEnvironment

/** What reaches the executor for a program written by `build`. */
async function submit(
  build: (env: Environment) => void,
  options: ExecutionOptions = {},
): Promise<JobSubmission> {
  const submissions: JobSubmission[] = []
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism: 2,
    ...options,
    executor: {
      submit: (submission) => {
        submissions.push(submission)
        return Promise.reject(new Error('only recorded'))
      },
    },
  })
  build(env)
  await expect(env.executeAsync()).rejects.toThrow('only recorded')
  return submissions[0] as JobSubmission
}

const numbers = (env: Environment) => env.fromSequence(1, 10).uid('numbers')
const namesOf = ({ vertices }: JobGraph): readonly string[] => vertices.map(({ name }) => name)
const groupsOf = ({ vertices }: JobGraph) =>
  vertices.map(({ slotSharingGroup }) => slotSharingGroup ?? 'default')

describe('partitioning', () => {
  test.each<[(stream: DataStream<number>) => DataStream<number>, object]>([
    [(stream) => stream.rebalance(), { kind: 'rebalance' }],
    [(stream) => stream.rebalance({ adaptive: true }), { kind: 'rebalance', isAdaptive: true }],
    [(stream) => stream.rescale(), { kind: 'rescale' }],
    [(stream) => stream.rescale({ adaptive: true }), { kind: 'rescale', isAdaptive: true }],
    [(stream) => stream.shuffle(), { kind: 'shuffle' }],
    [(stream) => stream.global(), { kind: 'global' }],
    [(stream) => stream.broadcast(), { kind: 'broadcast' }],
    [(stream) => stream.forward(), { kind: 'forward' }],
  ])('when %s, then the edge is %j', async (redistribute, partitioner) => {
    const { graph } = await submit((env) =>
      redistribute(numbers(env).disableChaining())
        .map((n) => n)
        .discard(),
    )
    expect(graph.edges.map((edge) => edge.partitioner)).toEqual([partitioner])
  })

  test('when a stream is partitioned by a function, then the plan refers to it and to the key selector', async () => {
    const byRemainder = (key: string, count: number): number => Number(key) % count
    const key = (n: number): string => String(n)
    const { graph, functions } = await submit((env) =>
      numbers(env)
        .partitionCustom(byRemainder, key)
        .map((n) => n)
        .uid('map')
        .discard(),
    )
    const [edge] = graph.edges
    expect(edge?.partitioner).toEqual({
      kind: 'custom',
      keySelector: 'map#partitionKey0',
      partitioner: 'map#partitioner0',
    })
    expect(functions.resolve('map#partitioner0')).toBe(byRemainder)
    expect(functions.resolve('map#partitionKey0')).toBe(key)
  })

  test('when several streams partitioned by functions are united, then each edge has its own', async () => {
    const { graph } = await submit((env) => {
      const even = numbers(env).partitionCustom(
        (n: number) => n % 2,
        (n) => n,
      )
      const odd = env.fromSequence(1, 2).partitionCustom(
        (n: number) => (n + 1) % 2,
        (n) => n,
      )
      even
        .union(odd)
        .map((n) => n)
        .uid('map')
        .discard()
    })
    expect(graph.edges.map(({ partitioner }) => partitioner)).toMatchObject([
      { partitioner: 'map#partitioner0' },
      { partitioner: 'map#partitioner1' },
    ])
  })

  test('when forward is between different parallelisms, then execution is refused and names both operators', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    numbers(env)
      .forward()
      .map((n) => n)
      .name('square')
      .setParallelism(3)
      .discard()
    expect(() => env.explain()).toThrow(
      /OPTION_INVALID.*'Source: Sequence Source' and 'square' .* same parallelism.*2 and 3/,
    )
  })

  test.each<[string, (stream: DataStream<number>) => unknown, string, string]>([
    [
      'an unknown option',
      (s) => s.rebalance({ adaptiv: true } as never),
      'OPTION_UNKNOWN',
      '"adaptive"',
    ],
    ['another value', (s) => s.rescale({ adaptive: 1 as never }), 'OPTION_INVALID', 'adaptive'],
    [
      'no partitioner',
      (s) => s.partitionCustom('x' as never, (n) => n),
      'FUNCTION_INVALID',
      'partitionCustom',
    ],
    [
      'an async key',
      (s) =>
        s.partitionCustom(
          () => 0,
          async (n) => n,
        ),
      'FUNCTION_RETURNED_PROMISE',
      'partitionCustom',
    ],
  ])('when given %s, then it is refused', (_what, act, code, text) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    expect(failureOf(() => act(numbers(env)))).toMatchObject({
      code,
      message: expect.stringContaining(text),
    })
  })
})

describe('chaining', () => {
  const program = (change: (env: Environment, map: ReturnType<typeof numbers>) => void) =>
    submit((env) => {
      const map = numbers(env)
        .map((n) => n)
        .name('map')
      change(env, map)
      map
        .filter((n) => n > 1)
        .name('filter')
        .discard()
        .name('out')
    })

  test('when nothing is said, then all is one vertex', async () => {
    const { graph } = await program(() => {})
    expect(namesOf(graph)).toEqual(['Source: Sequence Source -> map -> filter -> out'])
  })

  test('when an operator starts a new chain, then its readers join it', async () => {
    const { graph } = await program((_env, map) => map.startNewChain())
    expect(namesOf(graph)).toEqual(['Source: Sequence Source', 'map -> filter -> out'])
  })

  test('when an operator disables chaining, then it is alone', async () => {
    const { graph } = await program((_env, map) => map.disableChaining())
    expect(namesOf(graph)).toEqual(['Source: Sequence Source', 'map', 'filter -> out'])
  })

  test('when a sink disables chaining, then it is alone', async () => {
    const { graph } = await submit((env) => numbers(env).discard().name('out').disableChaining())
    expect(namesOf(graph)).toEqual(['Source: Sequence Source', 'out'])
  })

  test.each<[string, ExecutionOptions, (env: Environment) => unknown]>([
    ['by an option', { operatorChaining: false }, () => {}],
    ['by a call, even after operators were added', {}, (env) => env.disableOperatorChaining()],
  ])(
    'when it is off %s, then every operator is alone, and worker threads know',
    async (_how, options, change) => {
      const { graph, settings } = await submit((env) => {
        const map = numbers(env)
          .map((n) => n)
          .name('map')
        change(env)
        map.discard().name('out')
      }, options)
      expect(namesOf(graph)).toEqual(['Source: Sequence Source', 'map', 'out'])
      expect(settings.defaults.chaining).toBe(false)
    },
  )
})

describe('slot sharing groups', () => {
  test('when an operator has one, then its readers inherit it, until another is set', async () => {
    const { graph } = await submit((env) => {
      const heavy = numbers(env)
        .map((n) => n)
        .slotSharingGroup('heavy')
      heavy.filter((n) => n > 1).discard()
      heavy.discard().slotSharingGroup('default').name('out')
    })
    expect(namesOf(graph)).toEqual([
      'Source: Sequence Source',
      'Map -> Filter -> Sink: Discard',
      'out',
    ])
    expect(groupsOf(graph)).toEqual(['default', 'heavy', 'default'])
  })

  test('when inputs are of one group, then the reader is in it; of several, then it is in the default one', async () => {
    const united = (left: string, right: string) =>
      submit((env) => {
        const first = numbers(env).slotSharingGroup(left)
        first
          .union(env.fromSequence(1, 2).slotSharingGroup(right))
          .map((n) => n)
          .discard()
      })
    expect(groupsOf((await united('a', 'a')).graph)).toEqual(['a', 'a', 'a'])
    expect(groupsOf((await united('a', 'b')).graph)).toEqual(['a', 'b', 'default'])
  })
})

describe('what else operators are given', () => {
  test('when all is set, then it is in the plan', async () => {
    const { graph } = await submit((env) => {
      numbers(env)
        .map((n) => n)
        .setDescription('does nothing')
        .setUidHash('map-0')
        .setBufferTimeout('5 ms')
        .forceNonParallel()
        .discard()
        .setDescription('and forgets it')
        .setUidHash('sink-0')
    })
    expect(graph.vertices[1]).toMatchObject({
      parallelism: 1,
      operators: [{ description: 'does nothing', uidHash: 'map-0' }],
    })
    expect(graph.vertices[2]?.operators).toMatchObject([
      { description: 'and forgets it', uidHash: 'sink-0' },
    ])
    expect(graph.edges.map(({ bufferTimeoutMs }) => bufferTimeoutMs)).toEqual([undefined, 5])
  })

  test.each<[string, (stream: ReturnType<typeof numbers>) => unknown, string]>([
    ['an empty description', (stream) => stream.setDescription(''), 'OPTION_INVALID'],
    ['an empty uid hash', (stream) => stream.setUidHash(''), 'OPTION_INVALID'],
    ['an empty group', (stream) => stream.slotSharingGroup(''), 'OPTION_INVALID'],
    ['a negative buffer timeout', (stream) => stream.setBufferTimeout(-2), 'DURATION_INVALID'],
  ])('when given %s, then it is refused', (_what, act, code) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    expect(failureOf(() => act(numbers(env)))).toMatchObject({ code })
  })
})

function failureOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    return error
  }
  return undefined
}

describe('declared watermarks', () => {
  const newest = longWatermark('newest', { combine: 'max' })
  const ready = booleanWatermark('ready', { waitForAll: true })
  const declaring = (env: Environment): void => {
    const stream = numbers(env).declareWatermarks(newest)
    stream.declareWatermarks(ready).discard()
  }

  test('they are part of the plan, and of its hash', async () => {
    const { graph } = await submit(declaring)
    const declared = graph.vertices.flatMap(({ operators }) =>
      operators.map(({ declaredWatermarks }) => declaredWatermarks),
    )
    expect(declared[0]).toEqual([newest, ready])
    expect(declared.slice(1).every((one) => one === undefined)).toBe(true)
    const plain = await submit((env) => void numbers(env).discard())
    expect(graph.hash).not.toBe(plain.graph.hash)
  })

  test('explain shows them', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    declaring(env)
    expect(env.explain()).toContain("watermarks: long 'newest', combined by max\n")
    expect(env.explain()).toContain("boolean 'ready', combined by and, waiting for all channels\n")
  })

  test('what is no declaration is refused at once', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    expect(() => numbers(env).declareWatermarks('newest' as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})
