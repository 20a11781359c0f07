// Loops, async functions, interval joins and partitions as users run them: in this thread and on worker threads, with a
// failure in the middle.

import { fileURLToPath } from 'node:url'
import {
  AsyncDataStream,
  type AsyncFunction,
  AsyncRetryStrategies,
  OutputTag,
  type ProcessJoinContext,
  type ProcessJoinFunction,
  StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import { activeResources, failureOf, nothingLeft } from './failure-of.ts'
import loopsAndLookups, { expectedSums } from './jobs/loops-and-lookups.ts'

it.each([0, 2])(
  'when a function fails in the middle on %i threads, then loops, async functions, joins and partitions count each record once',
  async (threads) => {
    const before = activeResources()
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      threads,
      parallelism: 2,
      module: fileURLToPath(new URL('./jobs/loops-and-lookups.ts', import.meta.url)),
      checkpointing: { interval: '20 ms' },
      restart: { strategy: 'fixed-delay', attempts: 2, delay: 1 },
    })
    loopsAndLookups(env)

    const { accumulators, restarts, checkpointsCompleted } = await env.execute()

    expect(accumulators).toEqual(expectedSums())
    expect(restarts).toBeGreaterThan(0)
    expect(checkpointsCompleted).toBeGreaterThan(1)
    await nothingLeft(before)
  },
)

describe('an async function in a job', () => {
  it('when answers come with delay, then ordered results have the order of the records', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const numbers = env.fromSequence(1, 300)
    const answers = AsyncDataStream.orderedWait(
      numbers,
      async (n) => {
        await new Promise((resolve) => setTimeout(resolve, n % 5))
        return [n]
      },
      { timeout: '1 min', capacity: 10 },
    )
    expect(await answers.executeAndCollect()).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
  })

  it('when an answer takes too long, then the job fails, names the operator, and leaves nothing', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      restart: { strategy: 'none' },
    })
    env
      .fromData([1])
      .mapAsync(() => new Promise(() => {}), { timeout: '20 ms' })
      .name('ask')
      .discard()
    const { error } = await failureOf(env)
    expect(error.code).toBe('ASYNC_TIMED_OUT')
    expect(error.message).toContain("'ask'")
  })

  it('when a job is canceled while requests are under way, then they are aborted and the function is closed', async () => {
    const calls: string[] = []
    const asking = Promise.withResolvers<void>()
    const ask = (): AsyncFunction<number, number> => ({
      asyncInvoke: (_, { signal }) => {
        asking.resolve()
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            calls.push('aborted')
            reject(new Error('aborted'))
          }),
        )
      },
      close: () => void calls.push('closed'),
    })
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    AsyncDataStream.unorderedWait(env.fromData([1]), ask, { timeout: '1 min' }).discard()
    const client = await env.executeAsync()
    await asking.promise
    await client.cancel()
    expect(calls).toEqual(['aborted', 'closed'])
  })

  it('when the service is busy at first, then the retry succeeds', async () => {
    let calls = 0
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const answers = env.fromData(['a']).flatMapAsync(
      async (text) => {
        if (++calls < 4) throw new Error('busy')
        return [text, text]
      },
      {
        timeout: '1 min',
        retry: AsyncRetryStrategies.exponentialBackoff({
          maxRetries: 5,
          initialDelay: 1,
          maxDelay: 4,
          ifException: (error) => (error as Error).message === 'busy',
        }),
      },
    )
    expect(await answers.executeAndCollect()).toEqual(['a', 'a'])
    expect(calls).toBe(4)
  })
})

describe('an interval join in a job', () => {
  interface Event {
    readonly name: string
    readonly at: number
  }

  class Pairs implements ProcessJoinFunction<Event, Event, string> {
    #prefix = ''

    open(): void {
      this.#prefix = 'pair'
    }

    processElement(left: Event, right: Event, { timestamp }: ProcessJoinContext): string[] {
      return [`${this.#prefix} ${left.name}${right.name} at ${timestamp}`]
    }
  }

  it('when bounds are exclusive and records late, then the pairs and side outputs are those of the interval', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    const time = WatermarkStrategy.forMonotonousTimestamps<Event>()
    const stream = (...events: readonly Event[]) =>
      env
        .fromData(events)
        .assignTimestampsAndWatermarks(time.withTimestampAssigner(({ at }) => at))
        .keyBy(() => 'all', { type: Types.string })
    const late = new OutputTag<Event>('late')
    const joined = stream({ name: 'a', at: 10 }, { name: 'b', at: 20 })
      .intervalJoin(stream({ name: 'x', at: 15 }, { name: 'y', at: 20 }, { name: 'z', at: 30 }))
      .between(0, 10)
      .lowerBoundExclusive()
      .upperBoundExclusive()
      .sideOutputLeftLateData(late)
      .sideOutputRightLateData(late)
      .process(() => new Pairs())
    joined.getSideOutput(late).discard()
    expect(await joined.executeAndCollect()).toEqual(['pair ax at 15'])
  })
})

describe('a loop in a job', () => {
  it('when it feeds back more than may wait, then the job fails and says which option helps', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      restart: { strategy: 'none' },
    })
    const loop = env.fromData([1]).iterate({ queuedRecordsMax: 1_000 })
    loop.closeWith(loop.flatMap((n) => [n, n]))
    loop.discard()
    const { error } = await failureOf(env)
    expect(error.code).toBe('ITERATION_INVALID')
    expect(error.message).toContain('queuedRecordsMax')
  })

  it('when more records go round than channels hold, then there is no deadlock', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    const loop = env
      .fromSequence(1, 50_000)
      .map((n) => [n, 4] as readonly [number, number])
      .iterate()
    loop.closeWith(
      loop
        .filter(([, rounds]) => rounds > 0)
        .rebalance()
        .map(([n, rounds]) => [n, rounds - 1] as readonly [number, number])
        .rebalance(),
    )
    const left = loop.filter(([, rounds]) => rounds === 0).map(([n]) => n)
    const numbers = await left.executeAndCollect()
    expect(numbers.length).toBe(50_000)
    expect(new Set(numbers).size).toBe(50_000)
  })

  it('when an async function is in the loop, then the loop does not end before its answers', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    const loop = env.fromData([5, 3]).iterate()
    const next = loop.mapAsync(
      async (n) => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        return n - 1
      },
      { timeout: '1 min' },
    )
    loop.closeWith(next.filter((n) => n > 0))
    expect((await next.executeAndCollect()).sort((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2, 3, 4])
  })

  it('when a window at the end of the input feeds back, then the job fails instead of losing it', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      restart: { strategy: 'none' },
    })
    const loop = env.fromData([1, 2]).iterate()
    loop.closeWith(loop.fullWindowPartition().reduce((left, right) => left + right))
    loop.discard()
    const { error } = await failureOf(env)
    expect(error.code).toBe('ITERATION_INVALID')
    expect(error.message).toContain('after its loop has ended')
  })

  it('when it is not ended, then it can be canceled', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    const loop = env.fromData([1]).iterate()
    loop.closeWith(loop.map((n) => n + 1))
    loop.discard()
    const client = await env.executeAsync()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await client.cancel()
    expect(client.status()).toBe('canceled')
  })
})

describe('a whole partition in a job', () => {
  it('when a stream is sorted, reduced and aggregated, then each partition is processed at the end', async () => {
    const numbers = () =>
      StreamExecutionEnvironment.getExecutionEnvironment()
        .fromData([3, 1, 2, 10])
        .fullWindowPartition()
    expect(
      await numbers()
        .sortPartition((n) => n)
        .executeAndCollect(),
    ).toEqual([1, 2, 3, 10])
    expect(
      await numbers()
        .sortPartition((n) => n, 'descending')
        .executeAndCollect(),
    ).toEqual([10, 3, 2, 1])
    expect(
      await numbers()
        .reduce((left, right) => left + right)
        .executeAndCollect(),
    ).toEqual([16])
    const largest = {
      createAccumulator: (): number => 0,
      add: (max: number, n: number): number => Math.max(max, n),
      merge: (left: number, right: number): number => Math.max(left, right),
      getResult: (max: number): string => `max ${max}`,
    }
    expect(await numbers().aggregate(largest).executeAndCollect()).toEqual(['max 10'])
  })

  it('when it is keyed and parallel, then each key is a partition', async () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 3 })
    const sums = env
      .fromSequence(1, 100)
      .keyBy((n) => n % 4, { type: Types.int })
      .fullWindowPartition()
      .reduce((left, right) => left + right)
    expect((await sums.executeAndCollect()).sort((a, b) => a - b)).toEqual([1225, 1250, 1275, 1300])
  })
})
