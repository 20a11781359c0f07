// User functions that throw or return promises: named, with their cause, and restarted as configured.

import {
  type JsonValue,
  type KeyedProcessFunction,
  type Sink,
  type SinkWriter,
  type Source,
  type SourceReader,
  staticSplitEnumerator,
  StreamExecutionEnvironment,
  WatermarkStrategy,
} from 'millrace'
import { describe, expect, it } from 'vitest'
import { failureOf } from './failure-of.ts'

describe('a user function that throws', () => {
  it('when there are no restarts, then the job fails at once, names the operator and keeps the cause', async () => {
    const thrown = new RangeError('no such price')
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      restart: { strategy: 'none' },
    })
    env
      .fromData([1, 2])
      .map(() => {
        throw thrown
      })
      .name('price of a bid')
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('FUNCTION_FAILED')
    expect(error.message).toContain("'price of a bid'")
    expect(error.message).toContain('RangeError: no such price')
    expect(error.cause).toBe(thrown)
    expect(restarts).toBe(0)
  })

  it('when it throws each time, then the job restarts as often as configured and fails with the last cause', async () => {
    let calls = 0
    const env = environmentWithRestarts(3)
    env
      .fromData([1])
      .map(() => {
        calls++
        throw new Error(`failure ${calls}`)
      })
      .discard()

    const { error, restarts } = await failureOf(env)

    expect(restarts).toBe(3)
    expect(calls).toBe(4)
    expect(error.cause).toMatchObject({ message: 'failure 4' })
  })

  it('when it throws once, then the job restarts and its result is as if nothing had happened', async () => {
    let hasFailed = false
    const env = environmentWithRestarts(1)
    const doubled = env.fromSequence(1, 1000).map((value) => {
      if (value === 500 && !hasFailed) {
        hasFailed = true
        throw new Error('once')
      }
      return value * 2
    })

    expect(await doubled.executeAndCollect()).toEqual(
      Array.from({ length: 1000 }, (_, index) => (index + 1) * 2),
    )
    expect(hasFailed).toBe(true)
  })

  it('when it throws between checkpoints, then state and results count each record once', async () => {
    let failures = 0
    const env = StreamExecutionEnvironment.getExecutionEnvironment({
      parallelism: 2,
      checkpointing: { interval: '5 ms' },
      restart: { strategy: 'fixed-delay', attempts: 3, delay: 1 },
    })
    const sums = env
      .generate({ count: 3000, recordsPerSecond: 15_000, generator: (index) => index })
      .map((value) => {
        if (failures < 2 && value === 1000 * (failures + 1)) {
          failures++
          throw new Error(`failure ${failures}`)
        }
        return { digit: value % 10, count: 1 }
      })
      .keyBy(({ digit }) => digit)
      .sum('count')

    const collected = await sums.executeAndCollect()

    expect(failures).toBe(2)
    for (let digit = 0; digit < 10; digit++) {
      expect(collected.filter((sum) => sum.digit === digit).map(({ count }) => count)).toEqual(
        Array.from({ length: 300 }, (_, index) => index + 1),
      )
    }
  })

  it.each<[string, (env: StreamExecutionEnvironment) => unknown]>([
    ['a filter', (env) => env.fromData([1]).filter(raise).name('it').discard()],
    ['a flatMap', (env) => env.fromData([1]).flatMap(raise).name('it').discard()],
    [
      'a key selector',
      (env) =>
        env
          .fromData([1])
          .keyBy(raise)
          .reduce((left) => left)
          .name('it')
          .discard(),
    ],
    [
      'a reduce',
      (env) =>
        env
          .fromData([1, 2])
          .keyBy(() => 'all')
          .reduce(raise)
          .name('it')
          .discard(),
    ],
    [
      'the open of a process function',
      (env) =>
        env
          .fromData([1])
          .keyBy(() => 'all')
          .process(() => new Raising())
          .name('it')
          .discard(),
    ],
    [
      'the start of a source',
      (env) =>
        env
          .fromSource(source({ start: raise }), noTime, 'its')
          .name('it')
          .discard(),
    ],
    [
      'the poll of a source',
      (env) =>
        env
          .fromSource(source({ pollNext: raise }), noTime, 'its')
          .name('it')
          .discard(),
    ],
    [
      'the open of a sink',
      (env) =>
        env
          .fromData([1])
          .sinkTo(sink({ open: raise }))
          .name('it'),
    ],
    [
      'the write of a sink',
      (env) =>
        env
          .fromData([1])
          .sinkTo(sink({ write: raise }))
          .name('it'),
    ],
    [
      'the cut of a sink',
      (env) =>
        env
          .fromData([1])
          .sinkTo(sink({ snapshotState: raise }))
          .name('it'),
    ],
    ['the commit of a sink', (env) => env.fromData([1]).sinkTo(sink({}, raise)).name('it')],
  ])('when %s throws, then the failure names the operator', async (_name, build) => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()
    build(env)

    const { error } = await failureOf(env)

    expect(error.code).toBe('FUNCTION_FAILED')
    expect(error.message).toMatch(/'(Source: |Sink: )?it'/)
    expect(error.cause).toMatchObject({ message: 'raised' })
  })
})

describe('a user function that returns a promise', () => {
  it.each<[string, (env: StreamExecutionEnvironment) => unknown]>([
    [
      'a map',
      (env) =>
        env
          .fromData([1])
          .map((value) => Promise.resolve(value))
          .name('it')
          .discard(),
    ],
    ['a filter', (env) => env.fromData([1]).filter(promising).name('it').discard()],
    ['a flatMap', (env) => env.fromData([1]).flatMap(promising).name('it').discard()],
    [
      'a key selector',
      (env) =>
        env
          .fromData([1])
          .keyBy(promising)
          .reduce((left) => left)
          .name('it')
          .discard(),
    ],
    [
      'a reduce',
      (env) =>
        env
          .fromData([1, 2])
          .keyBy(() => 'all')
          .reduce(promising)
          .name('it')
          .discard(),
    ],
    [
      'the poll of a source',
      (env) =>
        env
          .fromSource(source({ pollNext: promising }), noTime, 'its')
          .name('it')
          .discard(),
    ],
    [
      'the write of a sink',
      (env) =>
        env
          .fromData([1])
          .sinkTo(sink({ write: promising }))
          .name('it'),
    ],
  ])('when it is %s, then the job fails at once and says so', async (_name, build) => {
    const env = environmentWithRestarts(3)
    build(env)

    const { error, restarts } = await failureOf(env)

    expect(error.code).toBe('FUNCTION_RETURNED_PROMISE')
    expect(error.message).toMatch(/'(Source: |Sink: )?it'/)
    expect(error.todo).toContain('synchronous')
    expect(restarts).toBe(0)
  })

  it('when a function is async, then it is refused where it is written', () => {
    const env = StreamExecutionEnvironment.getExecutionEnvironment()

    expect(() => env.fromData([1]).map(async (value) => value)).toThrow(
      expect.objectContaining({ code: 'FUNCTION_RETURNED_PROMISE' }),
    )
  })
})

/** The types refuse it; a program in JavaScript, or with a cast, does it all the same. */
const promising = (() => Promise.resolve('end')) as unknown as () => never

const noTime = WatermarkStrategy.noWatermarks<number>()

function raise(): never {
  throw new Error('raised')
}

class Raising implements KeyedProcessFunction<string, number, number> {
  open(): void {
    raise()
  }

  processElement(): void {}
}

/** A source without records, whose reader differs from a good one. */
function source(reader: Partial<SourceReader<number>>): Source<number> {
  return {
    name: 'odd',
    boundedness: 'bounded',
    type: undefined,
    describe: () => null,
    createEnumerator: (context, restored) =>
      staticSplitEnumerator({ context, restored, findSplits: () => [{ splitId: 'all' }] }),
    createReader: () => ({
      start: () => {},
      addSplits: () => {},
      notifyNoMoreSplits: () => {},
      pollNext: () => 'end',
      snapshot: () => [],
      close: () => {},
      ...reader,
    }),
  }
}

/** A sink whose writer differs from a good one. */
function sink(writer: Partial<SinkWriter<number>>, commit: () => void = () => {}): Sink<number> {
  return {
    name: 'odd',
    describe: () => null,
    createWriter: () => ({
      isAvailable: true,
      open: () => {},
      write: () => {},
      prepareCommit: async (): Promise<readonly JsonValue[]> => ['something'],
      snapshotState: () => [],
      close: () => {},
      ...writer,
    }),
    createCommitter: () => ({ commit: async () => commit() }),
  }
}

function environmentWithRestarts(attempts: number): StreamExecutionEnvironment {
  return StreamExecutionEnvironment.getExecutionEnvironment({
    restart: { strategy: 'fixed-delay', attempts, delay: 1 },
  })
}
