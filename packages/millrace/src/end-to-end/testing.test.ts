// What a user gets from `millrace/testing`: a job of several operators, tested in all ways and then run for real.

import {
  type Collector,
  type DataStream,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type SingleOutputStreamOperator,
  StreamExecutionEnvironment,
  Types,
  type ValueState,
} from 'millrace'
import { MiniEnvironment, simulate, testHostile, testOperator } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

const EXPECTED = ['be 1', 'be 2', 'not 1', 'or 1', 'to 1', 'to 2']
const WORDS = ['to', 'be', 'or', 'not', 'to', 'be']

/** Numbers the occurrences of each word. */
class Count implements KeyedProcessFunction<string, string, string> {
  #count!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  processElement(word: string, _: unknown, out: Collector<string>): void {
    this.#count.update(this.#count.value() + 1)
    out.collect(`${word} ${this.#count.value()}`)
  }
}

/** The job under test. */
function countWords(words: DataStream<string>): SingleOutputStreamOperator<string> {
  return words
    .keyBy((word) => word, { type: Types.string })
    .process(() => new Count())
    .uid('count')
}

/** Says which word came before; a minute later it is forgotten. */
class Previous implements KeyedProcessFunction<string, string, string> {
  #last!: ValueState<string | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#last = context.getValueState<string>(LAST)
  }

  processElement(word: string, _: unknown, out: Collector<string>): void {
    out.collect(`${this.#last.value() ?? 'nothing'} before ${word}`)
    this.#last.update(word)
  }
}

const LAST = { name: 'last', type: Types.string, ttl: { duration: '1 min' } } as const

describe('millrace/testing', () => {
  test('when a job is tested on a virtual clock, then it does what it does for real', async () => {
    const mini = new MiniEnvironment({ parallelism: 2, checkpointing: { interval: '100 ms' } })
    const words = mini.source<string>()
    const counts = mini.collect(countWords(words.stream))
    for (const word of WORDS.slice(0, 3)) words.emit(word)
    await mini.runFor('1 s')
    mini.failTask('count')
    for (const word of WORDS.slice(3)) words.emit(word)
    await mini.runToEnd()
    expect(counts.values.toSorted()).toEqual(EXPECTED)

    const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 })
    const collected = await countWords(env.fromData(WORDS)).executeAndCollect()
    expect(collected.toSorted()).toEqual(EXPECTED)
  })

  test('when a job is simulated, then crashes do not change its results', async () => {
    const program = (env: StreamExecutionEnvironment): Promise<string[]> =>
      countWords(
        env.generate({
          count: 60,
          generator: (index) => WORDS[index % WORDS.length] ?? '',
          recordsPerSecond: 500,
        }),
      ).executeAndCollect()
    const report = await simulate(program, {
      seeds: 3,
      check: (counts) => {
        expect(counts).toHaveLength(60)
        expect(new Set(counts).size).toBe(60)
        expect(counts).toContain('to 20')
      },
    })
    expect(report.crashes).toBeGreaterThan(0)
  })

  test('when state has a time to live, then harness and mini environment see it end', async () => {
    const harness = await testOperator<string, string>((words) =>
      words.keyBy(() => 'all', { type: Types.string }).process(() => new Previous()),
    )
    harness.processElement('to')
    expect(await harness.valueState('all', LAST)).toBe('to')
    harness.advanceProcessingTime('1 min')
    expect(await harness.valueState('all', LAST)).toBeUndefined()
    harness.processElement('be')
    expect(harness.values).toEqual(['nothing before to', 'nothing before be'])

    const mini = new MiniEnvironment()
    const words = mini.source<string>()
    const out = mini.collect(
      words.stream
        .keyBy(() => 'all', { type: Types.string })
        .process(() => new Previous())
        .uid('last'),
    )
    words.emit('to').emit('be')
    await mini.runFor('30 s')
    expect(await mini.state('last', 'last')).toEqual(new Map([['all', 'be']]))
    await mini.runFor('31 s')
    words.emit('or')
    await mini.runFor('1 s')
    expect(out.values.at(-1)).toBe('nothing before or')
    await mini.close()
  })

  test('when an operator of the job is disturbed, then it emits the same', async () => {
    const outputs = await testHostile<string, string>(
      countWords,
      WORDS.map((word) => (harness) => harness.processElement(word)),
    )
    expect(outputs.flatMap(({ records }) => records.map(({ value }) => value)).toSorted()).toEqual(
      EXPECTED,
    )
  })
})
