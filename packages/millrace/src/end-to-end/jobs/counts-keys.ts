// Counts numbers by key, with a timer a key and a window of all, and writes each count to files. What differs between two runs, the
// test says in the environment, which threads share.

import {
  type Collector,
  FileSink,
  type KeyedProcessContext,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  type ValueState,
  WatermarkStrategy,
} from 'millrace'

export const NUMBERS = 3000
export const KEYS = 10

/** The number's place among those of its key, counted from 1. */
class CountOfKey implements KeyedProcessFunction<number, number, string> {
  #count!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  processElement(
    _value: number,
    { currentKey }: KeyedProcessContext<number>,
    out: Collector<string>,
  ): void {
    const count = this.#count.value() + 1
    this.#count.update(count)
    out.collect(`${currentKey} ${count}`)
  }
}

/** Each number is at as many milliseconds; windows hold a thousand. */
export default function countsKeys(env: StreamExecutionEnvironment): void {
  const folder = process.env['MILLRACE_TEST_FOLDER'] as string
  const parallelism = Number(process.env['MILLRACE_TEST_PARALLELISM'])
  const numbers = env
    .generate({
      count: NUMBERS,
      recordsPerSecond: Number(process.env['MILLRACE_TEST_RATE']),
      generator: (index) => index,
    })
    .setParallelism(1)
    .returns(Types.int)
    .uid('numbers')
    .assignTimestampsAndWatermarks(
      WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n),
    )
    .uid('time')
  numbers
    .keyBy((n) => n % KEYS)
    .process(() => new CountOfKey(), { type: Types.string })
    .setParallelism(parallelism)
    .uid('counts')
    .sinkTo(sinkOf(`${folder}/counts`))
    .setParallelism(parallelism)
    .uid('count-files')
  numbers
    .map((n) => ({ n }))
    .uid('boxed')
    .keyBy(() => 'all')
    .window(TumblingEventTimeWindows.of(1000))
    .reduce((left, right) => ({ n: left.n + right.n }))
    .uid('sums')
    .map(({ n }) => String(n))
    .returns(Types.string)
    .uid('sum-text')
    .sinkTo(sinkOf(`${folder}/sums`))
    .uid('sum-files')
}

function sinkOf(path: string): FileSink<string> {
  return FileSink.of({ path, encoder: { name: 'lines', encode: (line: string) => `${line}\n` } })
}
