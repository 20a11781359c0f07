import { OutputTag, Types } from '@millrace/core'
import type { JobOperator, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import type { KeyedStream } from '../streams/keyed-stream.ts'

const byLast = (n: number): number => n % 10

function keyed(env: StreamExecutionEnvironment): KeyedStream<number, number> {
  return env.fromData([1], { type: Types.int }).keyBy(byLast, { type: Types.int })
}

describe('an interval join of streams', () => {
  test('when it is described, then exclusive bounds are a millisecond further in, and no step changes another', async () => {
    const submissions: JobSubmission[] = []
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      executor: {
        submit: (submission) => {
          submissions.push(submission)
          return Promise.reject(new Error('only recorded'))
        },
      },
    })
    const between = keyed(env).intervalJoin(keyed(env)).between('-5 s', 7)
    const exclusive = between
      .lowerBoundExclusive()
      .upperBoundExclusive()
      .sideOutputLeftLateData(new OutputTag('left'))
      .sideOutputRightLateData(new OutputTag('right'))
    const join = (left: number, right: number): number[] => [left + right]
    between.process(join).discard()
    exclusive.process(join, { type: Types.int }).discard()
    await expect(env.executeAsync()).rejects.toThrow('only recorded')
    const operators = submissions[0]?.graph.vertices
      .flatMap((vertex) => vertex.operators)
      .filter(({ kind }) => kind === 'interval-join') as [JobOperator, JobOperator]
    const types = { leftType: Types.int, rightType: Types.int }
    expect(operators.map(({ config }) => config)).toEqual([
      { lowerMs: -5_000, upperMs: 7, leftLateTag: null, rightLateTag: null, ...types },
      { lowerMs: -4_999, upperMs: 6, leftLateTag: 'left', rightLateTag: 'right', ...types },
    ])
    expect(operators[1].keyType).toEqual(Types.int)
    expect(operators[1].outputType).toEqual(Types.int)
  })

  test.each<[string, (env: StreamExecutionEnvironment) => unknown, RegExp]>([
    [
      'the bounds are exchanged',
      (env) => keyed(env).intervalJoin(keyed(env)).between(5, 4),
      /OPTION_INVALID.*5 ms to 4 ms/,
    ],
    [
      'exclusive bounds leave nothing',
      (env) => keyed(env).intervalJoin(keyed(env)).between(5, 5).lowerBoundExclusive(),
      /OPTION_INVALID.*at least one millisecond/,
    ],
    [
      'a bound is no duration',
      (env) => keyed(env).intervalJoin(keyed(env)).between('soon', 5),
      /DURATION_INVALID.*lower bound/,
    ],
    [
      'the other stream has no keys',
      (env) => keyed(env).intervalJoin(env.fromData([1]) as never),
      /OPTION_INVALID.*without keys/,
    ],
    [
      'the keys have other types',
      (env) =>
        keyed(env)
          .intervalJoin(env.fromData([1]).keyBy(String, { type: Types.string }) as never)
          .between(0, 5)
          .process(() => ({ processElement: () => [] })),
      /KEY_INVALID/,
    ],
    [
      'the tag is a name',
      (env) =>
        keyed(env)
          .intervalJoin(keyed(env))
          .between(0, 5)
          .sideOutputLeftLateData('late' as never),
      /OPTION_INVALID.*OutputTag/,
    ],
    [
      'the function is async',
      (env) =>
        keyed(env)
          .intervalJoin(keyed(env))
          .between(0, 5)
          .process((async (left: number) => [left]) as never),
      /FUNCTION_RETURNED_PROMISE/,
    ],
    [
      'an object comes in place of a factory',
      (env) =>
        keyed(env)
          .intervalJoin(keyed(env))
          .between(0, 5)
          .process({ processElement: () => [] } as never),
      /FUNCTION_INVALID.*factory/,
    ],
  ])('when %s, then that is refused at the call', (_, call, message) => {
    expect(() => call(StreamExecutionEnvironment.getExecutionEnvironment())).toThrow(message)
  })
})
