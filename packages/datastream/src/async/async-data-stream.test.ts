import { type AsyncFunction, Types } from '@millrace/core'
import type { JobOperator, JobSubmission } from '@millrace/job-graph'
import { describe, expect, test } from 'vitest'
import { StreamExecutionEnvironment } from '../environment/stream-execution-environment.ts'
import type { DataStream } from '../streams/data-stream.ts'
import { AsyncDataStream } from './async-data-stream.ts'
import { AsyncRetryStrategies } from './async-retry-strategy.ts'

/** The operator that a program adds to a stream of whole numbers. */
async function submit(
  build: (numbers: DataStream<number>) => Pick<DataStream<unknown>, 'discard'>,
): Promise<JobSubmission & { readonly it: JobOperator }> {
  const submissions: JobSubmission[] = []
  const env = StreamExecutionEnvironment.getExecutionEnvironment({
    executor: {
      submit: (submission) => {
        submissions.push(submission)
        return Promise.reject(new Error('only recorded'))
      },
    },
  })
  build(env.fromData([1], { type: Types.int })).discard()
  await expect(env.executeAsync()).rejects.toThrow('only recorded')
  const [submission] = submissions as [JobSubmission]
  const operators = submission.graph.vertices.flatMap((vertex) => vertex.operators)
  return { ...submission, it: operators.find(({ kind }) => kind === 'async') as JobOperator }
}

const twice = async (n: number): Promise<number[]> => [n, n]

describe('an async function of a stream', () => {
  test('when only the timeout is given, then the capacity is 100 and nothing is asked again', async () => {
    const { it, functions } = await submit((numbers) =>
      AsyncDataStream.unorderedWait(numbers, twice, { timeout: '5 s' }),
    )
    expect(it.config).toEqual({
      isOrdered: false,
      capacity: 100,
      timeoutMs: 5_000,
      retry: null,
      inputType: { kind: 'int' },
    })
    const factory = functions.resolve<() => AsyncFunction<number, number>>(it.functions['invoke'])
    expect(factory().asyncInvoke).toBe(twice)
  })

  test('when there is a retry strategy, then delays are data and conditions are functions', async () => {
    const ifResult = (results: readonly number[]): boolean => results.length === 0
    const { it, functions } = await submit((numbers) =>
      numbers.flatMapAsync(twice, {
        timeout: 1,
        capacity: 5,
        type: Types.int,
        retry: AsyncRetryStrategies.exponentialBackoff({
          maxRetries: 4,
          initialDelay: '10 ms',
          maxDelay: '1 s',
          ifResult,
        }),
      }),
    )
    expect(it.config).toMatchObject({
      isOrdered: true,
      capacity: 5,
      retry: { maxRetries: 4, delayMs: 10, maxDelayMs: 1_000, multiplier: 2 },
    })
    expect(it.outputType).toEqual(Types.int)
    expect(functions.resolve(it.functions['retryIfResult'])).toBe(ifResult)
    // Only what the user named is asked again.
    expect(it.functions['retryIfError']).toBeUndefined()
  })

  test('when no condition is given, then every error is retried', async () => {
    const retry = AsyncRetryStrategies.fixedDelay({ maxRetries: 1, delay: 5 })
    const { it, functions } = await submit((numbers) =>
      numbers.mapAsync(async (n) => n, { timeout: 1, order: 'unordered', retry }),
    )
    expect(it.config).toMatchObject({
      isOrdered: false,
      retry: { maxRetries: 1, delayMs: 5, maxDelayMs: 5, multiplier: 1 },
    })
    expect(functions.resolve<() => boolean>(it.functions['retryIfError'])()).toBe(true)
  })

  test.each<[string, (numbers: DataStream<number>) => unknown, RegExp]>([
    [
      'there is no timeout',
      (n) => n.flatMapAsync(twice, {} as never),
      /DURATION_INVALID.*timeout of flatMapAsync/,
    ],
    ['the timeout is 0', (n) => n.flatMapAsync(twice, { timeout: 0 }), /OPTION_INVALID.*timeout/],
    [
      'the capacity is 0',
      (n) => n.flatMapAsync(twice, { timeout: 1, capacity: 0 }),
      /OPTION_INVALID.*capacity/,
    ],
    [
      'an option is unknown',
      (n) => n.mapAsync(async () => 1, { timeout: 1, capasity: 3 } as never),
      /OPTION_UNKNOWN.*"capacity"/,
    ],
    [
      'the order is unknown',
      (n) => n.mapAsync(async () => 1, { timeout: 1, order: 'any' as never }),
      /OPTION_INVALID.*'ordered' or 'unordered'/,
    ],
    [
      'the retry is no strategy',
      (n) => n.flatMapAsync(twice, { timeout: 1, retry: 3 as never }),
      /OPTION_INVALID.*fixedDelay/,
    ],
    [
      'there is no function',
      (n) => n.mapAsync('ask' as never, { timeout: 1 }),
      /FUNCTION_INVALID.*mapAsync/,
    ],
    [
      'an object comes in place of a factory',
      (n) => AsyncDataStream.orderedWait(n, { asyncInvoke: twice } as never, { timeout: 1 }),
      /FUNCTION_INVALID.*factory for orderedWait/,
    ],
    [
      'retries are not counted',
      () => AsyncRetryStrategies.fixedDelay({ maxRetries: 0, delay: 1 }),
      /OPTION_INVALID.*maxRetries/,
    ],
    [
      'delays get shorter',
      () =>
        AsyncRetryStrategies.exponentialBackoff({
          maxRetries: 1,
          initialDelay: 1,
          maxDelay: 1,
          multiplier: 0.5,
        }),
      /OPTION_INVALID.*multiplier/,
    ],
  ])('when %s, then that is refused at the call', (_, call, message) => {
    const numbers = StreamExecutionEnvironment.getExecutionEnvironment().fromData([1])
    expect(() => call(numbers)).toThrow(message)
  })
})
