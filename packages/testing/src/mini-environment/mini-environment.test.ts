import {
  type BroadcastProcessFunction,
  type Collector,
  type FunctionInitializationContext,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type ListState,
  type MapState,
  MAX_WATERMARK,
  OutputTag,
  type ProcessFunction,
  rich,
  type RuntimeContext,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  Types,
  type ValueState,
} from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { MiniEnvironment } from './mini-environment.ts'

const START_MS = Date.UTC(2024, 0, 1)
const CHECKPOINTING = { checkpointing: { interval: '1 s' } } as const
const ODD = new OutputTag<number>('odd')

/** Counts the records of each key, and keeps them. */
class Count implements KeyedProcessFunction<string, string, string> {
  #count!: ValueState<number>
  #words!: ListState<string>
  #lengths!: MapState<string, number>

  open(context: KeyedRuntimeContext): void {
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
    this.#words = context.getListState({ name: 'words', type: Types.string })
    this.#lengths = context.getMapState({ name: 'lengths' })
  }

  processElement(word: string, context: KeyedProcessContext<string>, out: Collector<string>): void {
    this.#count.update(this.#count.value() + 1)
    this.#words.add(word)
    this.#lengths.put(word, word.length)
    out.collect(`${context.currentKey} ${this.#count.value()}`)
  }
}

describe('MiniEnvironment', () => {
  test('when a bounded job runs to its end, then all records of all streams are there', async () => {
    const mini = new MiniEnvironment({ parallelism: 2 })
    const all = mini.env.fromSequence(1, 6).process<number>(() => ({
      processElement(n, context, out): void {
        if (n % 2 === 0) out.collect(n)
        else context.output(ODD, n)
      },
    }))
    const [even, odd] = [mini.collect(all), mini.collect(all.getSideOutput(ODD))]
    const result = await mini.runToEnd()
    expect(new Set(even.values)).toEqual(new Set([2, 4, 6]))
    expect(new Set(odd.values)).toEqual(new Set([1, 3, 5]))
    expect([even.values.length, odd.values.length]).toEqual([3, 3])
    expect([even.watermark, mini.job?.status()]).toEqual([MAX_WATERMARK, 'finished'])
    expect(result.jobName).toBe(mini.job?.jobName)
  })

  test('when the environment executes by itself, then virtual time passes all the same', async () => {
    const mini = new MiniEnvironment()
    const numbers = mini.env.generate({
      count: 3_600,
      generator: (index) => index,
      recordsPerSecond: 1,
    })
    expect(await numbers.executeAndCollect()).toHaveLength(3_600)
    expect(mini.now - START_MS).toBeGreaterThan(3_590_000)
  })

  test('when checkpoints and savepoints are asked for, then virtual time passes until they are there', async () => {
    const mini = new MiniEnvironment()
    mini.env
      .enableCheckpointing('1 d')
      .generate({ count: 3_600, generator: (index) => index, recordsPerSecond: 1 })
      .discard()
    const job = await mini.env.executeAsync()
    expect(await job.triggerCheckpoint()).toMatchObject({ checkpointId: 1, status: 'completed' })
    const directory = '/savepoints'
    expect(await job.triggerSavepoint({ directory })).toMatch(/^\/savepoints\/savepoint-/)
    expect(await job.stopWithSavepoint({ directory })).toMatch(/^\/savepoints\/savepoint-/)
    expect(job.status()).toBe('finished')
  })

  test('when watermarks are written, then they keep their place between the records', async () => {
    const mini = new MiniEnvironment()
    const words = mini.source<string>({ type: Types.string })
    const late = new OutputTag<string>('late')
    const windows = words.stream
      .keyBy((word) => word.charAt(0))
      .window(TumblingEventTimeWindows.of('10 ms'))
      .sideOutputLateData(late)
      .reduce((left, right) => `${left} ${right}`)
    const [joined, tooLate] = [mini.collect(windows), mini.collect(windows.getSideOutput(late))]
    words.emit('ab', 1).emit('ac', 9).watermark(9).emit('ad', 5).emit('ae', 11)
    await mini.runToWatermark(9)
    expect(joined.records).toEqual([{ value: 'ab ac', timestamp: 9 }])
    await mini.runToEnd()
    expect(joined.values).toEqual(['ab ac', 'ae'])
    expect(tooLate.records).toEqual([{ value: 'ad', timestamp: 5 }])
  })

  test('when one split is idle or over, then the others go on', async () => {
    const mini = new MiniEnvironment()
    const source = mini.source<number>({ splits: 3 })
    const out = mini.collect(source.stream)
    source.split(0).emit(1, 1).watermark(10)
    source.split(1).emit(2, 2).watermark(20)
    source.split(2).emit(3, 3).watermark(5)
    await mini.runFor('1 s')
    expect([out.values, out.watermark]).toEqual([[1, 2, 3], 5])
    source.split(2).idle()
    await mini.runToWatermark(10)
    expect(out.watermark).toBe(10)
    source.split(0).end()
    await mini.runToWatermark(20)
    source.split(2).active().watermark(21)
    source.split(1).watermark(30)
    await mini.runToWatermark(21)
    expect(out.watermark).toBe(21)
    await mini.runToEnd()
  })

  test('when the clock goes on, then processing-time windows fire at their time', async () => {
    const mini = new MiniEnvironment({ startMs: 0 })
    const words = mini.source<string>()
    const out = mini.collect(
      words.stream
        .map((word) => ({ word, count: 1 }))
        .keyBy(({ word }) => word)
        .window(TumblingProcessingTimeWindows.of('1 h'))
        .sum('count'),
    )
    words.emit('a').emit('a')
    await mini.runFor('59 min')
    expect(out.values).toEqual([])
    await mini.runFor('2 min')
    expect(out.values).toEqual([{ word: 'a', count: 2 }])
    words.emit('a')
    await mini.runUntil(() => out.values.length === 2)
    expect(mini.now).toBeGreaterThanOrEqual(7_200_000)
    await mini.close()
    expect(mini.job?.status()).toBe('canceled')
  })

  test('when a task fails, then the job goes on from its checkpoint and records count once', async () => {
    const mini = new MiniEnvironment({ ...CHECKPOINTING, parallelism: 2 })
    const words = mini.source<string>({ splits: 2, parallelism: 2 })
    const counts = mini.collect(
      words.stream
        .keyBy((word) => word.charAt(0), { type: Types.string })
        .process(() => new Count())
        .uid('count'),
    )
    words.emit('ab').emit('b').split(1).emit('ac')
    await mini.runFor('1500 ms')
    words.emit('bc')
    await mini.runUntil(() => counts.values.length === 4)
    mini.failTask('count')
    await mini.runUntil(() => mini.job?.metrics().restarts === 1)
    words.emit('ad')
    await mini.runFor('3 s')
    expect(counts.values.toSorted()).toEqual(['a 1', 'a 2', 'a 3', 'b 1', 'b 2'])
    expect(await mini.state('count', 'count')).toEqual(
      new Map([
        ['a', 3],
        ['b', 2],
      ]),
    )
    const kept = await mini.state<string, string[]>('count', 'words')
    expect(kept.get('a')?.toSorted()).toEqual(['ab', 'ac', 'ad'])
    expect((await mini.state('count', 'lengths')).get('b')).toEqual(
      new Map([
        ['b', 1],
        ['bc', 2],
      ]),
    )
    await mini.runToEnd()
    expect((await mini.state('count', 'count')).get('a')).toBe(3)
  })

  test('when a job restarts before its first checkpoint, then what was collected is taken back', async () => {
    const mini = new MiniEnvironment({
      restart: { strategy: 'fixed-delay', attempts: 1, delay: 0 },
    })
    const words = mini.source<string>()
    const out = mini.collect(words.stream.map((word) => word).uid('map'))
    words.emit('a').emit('b')
    await mini.runFor('1 s')
    mini.failTask('map')
    await mini.runFor('1 s')
    expect([out.values, mini.job?.metrics().restarts]).toEqual([['a', 'b'], 1])
    mini.failTask('map')
    await expect(mini.runFor('1 s')).rejects.toThrow(/FUNCTION_FAILED.*failTask/)
  })

  test('when state is asked for while the job restarts, then that of the next attempt is answered', async () => {
    const mini = new MiniEnvironment({
      checkpointing: { interval: '1 h' },
      restart: { strategy: 'fixed-delay', attempts: 1, delay: '1 s' },
    })
    const words = mini.source<string>()
    mini.collect(
      words.stream
        .keyBy((word) => word)
        .process(() => new Count())
        .uid('count'),
    )
    words.emit('a')
    await mini.runFor('1 s')
    expect((await mini.state('count', 'count')).get('a')).toBe(1)
    mini.failTask('count')
    await mini.runUntil(() => mini.job?.status() === 'restarting')
    expect((await mini.state('count', 'count')).get('a')).toBe(1)
    expect(mini.job?.metrics().restarts).toBe(1)
    // Right after the restart, not at the next interval.
    expect(mini.now - START_MS).toBeLessThan(5_000)
    await mini.close()
    await expect(mini.state('count', 'count')).rejects.toThrow(/JOB_CANCELED/)
  })

  test('when checkpoints are kept on disk, then state is read from there', async () => {
    const mini = new MiniEnvironment({
      checkpointing: { interval: '1 h', directory: '/checkpoints' },
    })
    const words = mini.source<string>()
    mini.collect(
      words.stream
        .keyBy((word) => word, { type: Types.string })
        .process(() => new Count())
        .uid('count'),
    )
    const word = 'long'.repeat(10_000)
    words.emit(word)
    await mini.runFor('1 s')
    expect((await mini.state('count', 'words')).get(word)).toEqual([word])
    expect(mini.disk.paths().some((path) => path.endsWith('_metadata'))).toBe(true)
    await mini.close()
  })

  test('when state belongs to no key, then it is there by its own keys or by subtask', async () => {
    const rules = { name: 'rules', keyType: Types.string, valueType: Types.int }
    const apply: BroadcastProcessFunction<string, string, string> = {
      processElement: (word, context, out) =>
        out.collect(`${word} ${context.getBroadcastState(rules).get(word) ?? 0}`),
      processBroadcastElement: (rule, context) =>
        context.getBroadcastState(rules).put(rule, rule.length),
    }
    class Buffer implements ProcessFunction<string, string> {
      #kept!: ListState<string>
      initializeState(context: FunctionInitializationContext): void {
        this.#kept = context.operatorStateStore.getListState({ name: 'kept', type: Types.string })
      }
      processElement(word: string): void {
        this.#kept.add(word)
      }
    }
    const mini = new MiniEnvironment()
    const [words, ruleSource] = [mini.source<string>(), mini.source<string>()]
    const applied = words.stream
      .connect(ruleSource.stream.broadcast(rules))
      .process(() => apply)
      .uid('apply')
    const out = mini.collect(applied)
    mini.collect(
      applied
        .process(() => new Buffer())
        .name('buffer')
        .setParallelism(2),
    )
    ruleSource.emit('abc')
    await mini.runFor('1 s')
    words.emit('abc').emit('b')
    await mini.runFor('1 s')
    expect(out.values).toEqual(['abc 3', 'b 0'])
    expect(await mini.state('apply', 'rules')).toEqual(new Map([['abc', 3]]))
    expect(await mini.state('buffer', 'kept')).toEqual(
      new Map([
        [0, ['abc 3']],
        [1, ['b 0']],
      ]),
    )
    await mini.close()
  })

  test('when accumulators are counted and lines printed, then the test sees both', async () => {
    const mini = new MiniEnvironment()
    const words = mini.source<string>()
    words.stream
      .map(
        rich(() => {
          let opened: RuntimeContext
          return {
            open: (context: RuntimeContext) => void (opened = context),
            map: (word: string) => {
              opened.getAccumulator('words').add(1)
              return word
            },
          }
        }),
      )
      .print()
    words.emit('a').emit('b')
    await mini.runFor('1 s')
    expect([mini.accumulators, mini.printedLines]).toEqual([{ words: 2 }, ['a', 'b']])
    await mini.runToEnd()
  })

  test('when the same test runs twice, then all happens at the same times', async () => {
    const run = async (): Promise<unknown> => {
      const mini = new MiniEnvironment({ ...CHECKPOINTING, parallelism: 2, seed: 5 })
      const words = mini.source<string>({ splits: 2, parallelism: 2 })
      const out = mini.collect(words.stream.rebalance().map((word) => word))
      for (let index = 0; index < 50; index++) words.split(index % 2).emit(`word ${index}`)
      const { runtimeMs } = await mini.runToEnd()
      return [out.values, runtimeMs, mini.now]
    }
    expect(await run()).toEqual(await run())
  })

  test('when a function throws, then running the job rejects with its error', async () => {
    const mini = new MiniEnvironment()
    const words = mini.source<string>()
    mini.collect(
      words.stream.map((): string => {
        throw new Error('no such word')
      }),
    )
    words.emit('a')
    await expect(mini.runToWatermark(5)).rejects.toThrow(/FUNCTION_FAILED.*no such word/)
    await expect(mini.runToEnd()).rejects.toThrow(/no such word/)
    await expect(mini.state('Map', 'count')).rejects.toThrow(/no such word/)
  })

  test('when something cannot be, then the error says what to do', async () => {
    expect(() => new MiniEnvironment({ paralelism: 2 } as object)).toThrow(/'?parallelism/)
    expect(() => new MiniEnvironment({ threads: 2 } as object)).toThrow(/OPTION_UNKNOWN/)
    const mini = new MiniEnvironment()
    expect(() => mini.failTask('count')).toThrow(/OPTION_INVALID.*not been started/)
    expect(() => mini.source({ splits: 0 })).toThrow(/splits/)
    const words = mini.source<string>()
    expect(() => words.split(1)).toThrow(/OPTION_INVALID/)
    expect(() => words.watermark(Number.NaN)).toThrow(/TIMESTAMP_INVALID/)
    await expect(mini.runToWatermark(1)).rejects.toThrow(/OPTION_INVALID.*collect/)
    mini.collect(words.stream.map((word) => word).uid('map'))
    words.emit('a', 1)
    await expect(mini.runToWatermark(9, { simulatedMsMax: 10_000 })).rejects.toThrow(
      /SIMULATION_FAILED/,
    )
    await expect(mini.state('mapp', 'count')).rejects.toThrow(/OPTION_INVALID.*'Map'.*mapp/)
    await expect(mini.state('map', 'count')).rejects.toThrow(/STATE_ACCESS_INVALID.*it has none/)
    words.end()
    expect(() => words.emit('b')).toThrow(/OPTION_INVALID.*after its end/)
    await expect(mini.runUntil(() => false)).rejects.toThrow(/TEST_FAILED.*finished/)
  })
})
