import { Types } from '@millrace/core'
import type { JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'

function environment(submissions: JobSubmission[] = []): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    parallelism: 2,
    executor: {
      submit: (submission) => {
        submissions.push(submission)
        return Promise.reject(new Error('only recorded'))
      },
    },
  })
}

describe('a loop', () => {
  test('when it is built, then an edge leads back to the head, and the edges of the loop are marked', async () => {
    const submissions: JobSubmission[] = []
    const env = environment(submissions)
    const loop = env.fromSequence(1, 2).uid('source').iterate({ queuedRecordsMax: 7 }).uid('head')
    const keyed = loop.keyBy((n) => n).reduce((left) => left)
    keyed.uid('body').returns(Types.long)
    loop.closeWith(keyed)
    keyed
      .rebalance()
      .map((n) => n)
      .uid('after')
      .setParallelism(3)
      .discard()
    await expect(env.executeAsync()).rejects.toThrow('only recorded')
    const edges = submissions[0]?.graph.edges.map((edge) => [
      edge.fromOperator,
      edge.toVertex,
      edge.toInput,
      edge.isFeedback ?? false,
      edge.isInLoop ?? false,
    ])
    expect(edges).toEqual(
      expect.arrayContaining([
        ['source', 'head', 0, false, false],
        ['head', 'body', 0, false, true],
        ['body', 'head', 1, true, true],
        ['body', 'after', 0, false, false],
      ]),
    )
    const [head] = submissions[0]?.graph.vertices.find(({ id }) => id === 'head')?.operators ?? []
    expect(head?.config).toEqual({
      feedbackType: { kind: 'long' },
      feedbackTag: null,
      queuedRecordsMax: 7,
    })
  })

  test('when the body changes, then the derived uid of the head does not', () => {
    const explained = [0, 1].map((maps) => {
      const env = environment()
      const loop = env.fromSequence(1, 2).iterate()
      let body = loop.map((n) => n)
      for (let i = 0; i < maps; i++) body = body.map((n) => n)
      loop.closeWith(body)
      body.discard()
      return /iteration-head 'Iteration' {2}uid (\S+)/.exec(env.explain())?.[1]
    })
    expect(explained[0]).toBeDefined()
    expect(explained[0]).toBe(explained[1])
  })

  test('when it is explained, then the way back is shown', () => {
    const env = environment()
    const loop = env.fromSequence(1, 2).iterate()
    const body = loop.map((n) => n)
    loop.closeWith(body)
    body.discard()
    expect(env.explain()).toContain('=> 2 by forward, back to the head of the loop')
  })

  test.each([
    [
      'is not closed',
      (env: StreamExecutionEnvironment) => env.fromData([1]).iterate().discard(),
      /ITERATION_INVALID.*no call of closeWith/,
    ],
    [
      'is closed by a stream from elsewhere',
      (env: StreamExecutionEnvironment) => {
        const loop = env.fromData([1]).iterate()
        loop.closeWith(env.fromData([2]))
        loop.discard()
      },
      /ITERATION_INVALID.*'Source: Collection Source', which does not read it/,
    ],
    [
      'has another loop within it',
      (env: StreamExecutionEnvironment) => {
        const outer = env.fromData([1]).iterate()
        const inner = outer.map((n) => n).iterate()
        inner.closeWith(inner.map((n) => n))
        outer.closeWith(inner.map((n) => n))
        inner.discard()
      },
      /ITERATION_INVALID.*no other loop within it/,
    ],
  ])('when it %s, then that is refused before the job runs', async (_, build, message) => {
    const env = environment()
    build(env)
    await expect(env.executeAsync()).rejects.toThrow(message)
    expect(() => env.explain()).toThrow(message)
  })

  test('when one loop follows the other, then both run', () => {
    const env = environment()
    const first = env.fromData([1]).iterate()
    const body = first.map((n) => n)
    first.closeWith(body)
    const second = body.iterate()
    second.closeWith(second.map((n) => n))
    second.discard()
    expect(env.explain().match(/back to the head/g)).toHaveLength(2)
  })

  test('when options or streams are wrong, then the error says so', () => {
    const env = environment()
    const stream = env.fromData([1])
    expect(() => stream.iterate({ queuedRecordMax: 1 } as object)).toThrow(
      /OPTION_UNKNOWN.*queuedRecordsMax/,
    )
    expect(() => stream.iterate({ queuedRecordsMax: 0 })).toThrow(/OPTION_INVALID/)
    const loop = stream.iterate()
    expect(() => loop.closeWith(environment().fromData([1]))).toThrow(/another environment/)
    expect(() => loop.closeWith(5 as never)).toThrow(/OPTION_INVALID.*got 5/)
  })

  test('when what comes back has a type of its own, then it arrives on the second input', async () => {
    const submissions: JobSubmission[] = []
    const env = environment(submissions)
    const loop = env.fromData(['a'], { type: Types.string }).iterate().uid('head')
    const connected = loop.withFeedbackType<number>({ type: Types.int })
    const body = connected
      .map(
        (text) => text.length,
        (n) => n - 1,
        { type: Types.int },
      )
      .uid('body')
    connected.closeWith(body)
    body.discard()
    await expect(env.executeAsync()).rejects.toThrow('only recorded')
    expect(submissions[0]?.graph.edges).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fromOperator: 'head', toInput: 0, type: Types.string }),
        expect.objectContaining({
          fromOperator: 'head',
          outputTag: '$feedback',
          toInput: 1,
          type: Types.int,
          isInLoop: true,
        }),
      ]),
    )
  })
})
