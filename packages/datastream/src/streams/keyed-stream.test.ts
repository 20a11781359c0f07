import {
  type CoProcessFunction,
  type KeyedProcessFunction,
  type MillraceError,
  type ReduceFunction,
  rich,
  TumblingEventTimeWindows,
  Types,
} from '@millrace/core'
import type { JobOperator, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'

interface Entry {
  readonly word: string
  readonly count: number
}

const EntryType = Types.record({ word: Types.string, count: Types.int })
const byWord = (entry: Entry) => entry.word

/** The plan of a program, and the operator with the uid `it`. */
async function submit(
  build: (env: StreamExecutionEnvironment) => void,
): Promise<JobSubmission & { readonly it: JobOperator }> {
  const submissions: JobSubmission[] = []
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism: 2,
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
  const operators = submission.graph.vertices.flatMap((vertex) => vertex.operators)
  return { ...submission, it: operators.find(({ uid }) => uid === 'it') as JobOperator }
}

const entries = (env: StreamExecutionEnvironment) =>
  env
    .generate<Entry>({ generator: () => ({ word: 'a', count: 1 }), type: EntryType })
    .uid('entries')

describe('a function with a life cycle', () => {
  const create = (): never => {
    throw new Error('only made where it runs')
  }

  test.each([
    ['map', 'map'],
    ['flatMap', 'flat-map'],
    ['filter', 'filter'],
    ['reduce', 'keyed-reduce'],
  ] as const)(
    'when %s of a keyed stream is given one, then the operator has the key',
    async (method, kind) => {
      const factory = rich(create)
      const { functions, it, graph } = await submit((env) => {
        const keyed = entries(env).keyBy(byWord, { type: Types.string })
        ;(keyed[method] as (given: unknown) => ReturnType<typeof keyed.map>)
          .call(keyed, factory)
          .uid('it')
          .discard()
      })
      expect(it.kind).toBe(kind)
      expect(it.keyType).toEqual(Types.string)
      expect(functions.resolve(it.functions['rich'])).toBe(factory)
      expect(functions.resolve(it.functions['keySelector'])).toBe(byWord)
      expect(graph.edges[0]?.partitioner).toMatchObject({ keySelector: 'it#keySelector' })
    },
  )

  test('when the stream has no keys, or the function no life cycle, then there is no keyed state', async () => {
    const plain = await submit((env) => {
      entries(env)
        .keyBy(byWord)
        .map((entry) => entry.count)
        .uid('it')
        .discard()
    })
    expect(plain.it.keyType).toBeNull()
    const unkeyed = await submit((env) => void entries(env).map(rich(create)).uid('it').discard())
    expect(unkeyed.it.keyType).toBeNull()
    expect(Object.keys(unkeyed.it.functions)).toEqual(['rich'])
  })

  test('when two streams are connected, then one object has both functions, and the type can be given', async () => {
    const { it, functions } = await submit((env) => {
      const keyed = entries(env).keyBy(byWord)
      keyed
        .connect(entries(env).uid('others').keyBy(byWord))
        .map(
          rich(() => ({ map1: () => 1, map2: () => 2 })),
          { type: Types.int },
        )
        .uid('it')
        .discard()
    })
    expect(it).toMatchObject({ kind: 'keyed-co-process', outputType: Types.int })
    const process = functions.resolve<() => object>(it.functions['process'])
    expect(process()).not.toBe(process())
  })
})

describe('a keyed stream', () => {
  test('when reduced, then the edge and the operator share one key selector', async () => {
    const reduce: ReduceFunction<Entry> = (left) => left
    const { graph, functions, it } = await submit((env) => {
      entries(env).keyBy(byWord, { type: Types.string }).reduce(reduce).uid('it').discard()
    })
    expect(graph.edges).toMatchObject([
      {
        fromOperator: 'entries',
        toVertex: 'it',
        partitioner: { kind: 'hash', keySelector: 'it#keySelector', keyType: Types.string },
        type: EntryType,
      },
    ])
    expect(it).toMatchObject({
      kind: 'keyed-reduce',
      keyType: Types.string,
      outputType: EntryType,
      functions: { keySelector: 'it#keySelector', reduce: 'it#reduce' },
    })
    expect(functions.resolve(it.functions['keySelector'])).toBe(byWord)
    expect(functions.resolve(it.functions['reduce'])).toBe(reduce)
  })

  test('when processed, then the plan refers to the factory and any key type', async () => {
    const factory = (): KeyedProcessFunction<string, Entry, number> => ({
      processElement: () => {},
    })
    const { functions, it } = await submit((env) => {
      entries(env).keyBy(byWord).process(factory, { type: Types.int }).uid('it').discard()
    })
    expect(it).toMatchObject({
      kind: 'keyed-process',
      keyType: { kind: 'any' },
      outputType: Types.int,
    })
    expect(functions.resolve(it.functions['process'])).toBe(factory)
  })

  test.each([
    ['sum', 'count', { word: 'a', count: 7 }],
    ['min', 'count', { word: 'a', count: 3 }],
    ['max', 'count', { word: 'a', count: 4 }],
    ['minBy', 'word', { word: 'a', count: 3 }],
    ['maxBy', 'word', { word: 'b', count: 4 }],
  ] as const)(
    'when asked for %s, then it reduces by the field %s',
    async (method, field, result) => {
      const { functions, it } = await submit((env) => {
        entries(env)
          .keyBy(byWord)
          [method](field as never)
          .uid('it')
          .discard()
      })
      expect(it).toMatchObject({ kind: 'keyed-reduce', outputType: EntryType })
      const reduce = functions.resolve<ReduceFunction<Entry>>(it.functions['reduce'])
      expect({ ...reduce({ word: 'a', count: 3 }, { word: 'b', count: 4 }) }).toEqual(result)
    },
  )

  test('when an operator without keys reads it, then only the edge has the selector', async () => {
    const { graph, functions, it } = await submit((env) => {
      entries(env).keyBy(byWord).map(byWord).uid('it').discard()
    })
    const [edge] = graph.edges
    expect(edge?.partitioner).toMatchObject({ kind: 'hash', keySelector: 'it#partitionKey0' })
    expect(it.keyType).toBeNull()
    expect(functions.resolve('it#partitionKey0')).toBe(byWord)
  })

  test('when connected with another keyed stream, then each edge has its selector', async () => {
    const byText = (text: string) => text
    const { graph, functions, it } = await submit((env) => {
      const texts = env.fromData(['a']).uid('texts').keyBy(byText, { type: Types.string })
      entries(env)
        .keyBy(byWord, { type: Types.string })
        .connect(texts)
        .process(() => ({ processElement1: () => {}, processElement2: () => {} }))
        .uid('it')
        .discard()
    })
    expect(graph.edges).toMatchObject([
      { fromOperator: 'entries', toInput: 0, partitioner: { keySelector: 'it#keySelector1' } },
      { fromOperator: 'texts', toInput: 1, partitioner: { keySelector: 'it#keySelector2' } },
    ])
    expect(it).toMatchObject({ kind: 'keyed-co-process', keyType: Types.string })
    expect(functions.resolve('it#keySelector1')).toBe(byWord)
    expect(functions.resolve('it#keySelector2')).toBe(byText)
  })

  test('when connected streams are keyed and mapped, then the map sees both sides', async () => {
    const { functions, it } = await submit((env) => {
      entries(env)
        .connect(env.fromData(['a']))
        .keyBy(byWord, (text) => text)
        .map(
          (entry) => entry.word,
          (text) => text.toUpperCase(),
        )
        .uid('it')
        .discard()
    })
    expect(it.kind).toBe('keyed-co-process')
    const collected: string[] = []
    const out = { collect: (value: string) => void collected.push(value) }
    const map = functions.resolve<() => CoProcessFunction<Entry, string, string>>(
      it.functions['process'],
    )()
    map.processElement1({ word: 'w', count: 1 }, undefined as never, out)
    map.processElement2('t', undefined as never, out)
    expect(collected).toEqual(['w', 'T'])
  })

  test('when connected with a broadcast stream, then it keeps its key', async () => {
    const { graph, it } = await submit((env) => {
      const rules = env.fromData(['r']).uid('rules').broadcast({ name: 'rules' })
      entries(env)
        .keyBy(byWord)
        .connect(rules)
        .process(() => ({ processElement: () => {}, processBroadcastElement: () => {} }))
        .uid('it')
        .discard()
    })
    expect(graph.edges.map(({ toInput, partitioner }) => `${toInput} ${partitioner.kind}`)).toEqual(
      ['0 hash', '1 broadcast'],
    )
    expect(it).toMatchObject({
      kind: 'keyed-broadcast-process',
      keyType: { kind: 'any' },
      functions: { keySelector: 'it#keySelector', process: 'it#process' },
    })
  })

  test('when the keys of two inputs differ in type, then they are refused', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const ints = env.fromData([1]).keyBy((n) => n, { type: Types.int })
    const doubles = env.fromData([1]).keyBy((n) => n, { type: Types.double })
    const untyped = env.fromData([1]).keyBy((n) => n)
    const factory = () => ({ processElement1: () => {}, processElement2: () => {} })
    expect(() => ints.connect(doubles).process(factory)).toThrow(/KEY_INVALID.*int and double/)
    expect(() => ints.connect(untyped).process(factory)).not.toThrow()
  })

  test('when functions are wrong, then the error comes from the line that gave them', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const stream = env.fromData([{ word: 'a', count: 1 }])
    const keyed = stream.keyBy(byWord)
    const codeOf = (act: () => unknown): string => {
      try {
        act()
        return 'none'
      } catch (error) {
        return (error as MillraceError).code
      }
    }
    expect(codeOf(() => stream.keyBy((async () => 'a') as never))).toBe('FUNCTION_RETURNED_PROMISE')
    expect(codeOf(() => stream.keyBy('word' as never))).toBe('FUNCTION_INVALID')
    expect(codeOf(() => keyed.reduce((async () => 'a') as never))).toBe('FUNCTION_RETURNED_PROMISE')
    expect(codeOf(() => keyed.process({} as never))).toBe('FUNCTION_INVALID')
    expect(codeOf(() => keyed.sum('' as never))).toBe('OPTION_INVALID')
    expect(codeOf(() => keyed.window(TumblingEventTimeWindows as never))).toBe('WINDOW_INVALID')
  })
})
