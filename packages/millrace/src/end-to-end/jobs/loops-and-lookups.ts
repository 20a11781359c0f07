import {
  type Collector,
  type DataStream,
  type ProcessContext,
  type ProcessFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { SumOf } from './sum-of.ts'

export const NUMBERS = 3_000

const Walk = Types.record({ n: Types.int, steps: Types.int })

/** Loops, async functions, an interval join and partitions over the same numbers; fails once, near the end. */
export default function loopsAndLookups(env: StreamExecutionEnvironment): void {
  const numbers = env
    .generate({ count: NUMBERS, recordsPerSecond: 10_000, generator: (index) => index + 1 })
    .returns(Types.int)
    .process(() => new FailOnce(), { type: Types.int })
  sum('asked', numbers.mapAsync(lookUp, { timeout: '1 min', type: Types.int }))
  sum(
    'asked unordered',
    numbers.mapAsync(lookUp, { timeout: '1 min', order: 'unordered', type: Types.int }),
  )
  sum('steps', collatzSteps(numbers))
  sum('pairs', pairs(numbers))
  sum(
    'partitions',
    numbers
      .keyBy((n) => n % 7, { type: Types.int })
      .fullWindowPartition()
      .mapPartition((values) => [[...values].reduce((left, right) => left + right)], {
        type: Types.int,
      }),
  )
}

/** What a plain program computes. */
export function expectedSums(): Readonly<Record<string, number>> {
  const numbers = Array.from({ length: NUMBERS }, (_, index) => index + 1)
  const total = numbers.reduce((left, right) => left + right)
  let steps = 0
  for (let n of numbers) for (; n !== 1; n = next(n)) steps++
  // A number meets itself, and those of its key that are at most 20 ms apart: ten above and ten below it.
  let count = 0
  for (const left of numbers) {
    for (let right = left - 20; right <= left + 20; right += 10) {
      if (right >= 1 && right <= NUMBERS) count++
    }
  }
  return { asked: total, 'asked unordered': total, steps, pairs: count, partitions: total }
}

async function lookUp(n: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, n % 4))
  return n
}

function collatzSteps(numbers: DataStream<number>): DataStream<number> {
  const loop = numbers.map((n) => ({ n, steps: 0 }), { type: Walk }).iterate()
  loop.closeWith(
    loop
      .filter(({ n }) => n !== 1)
      .keyBy(({ n }) => n % 31, { type: Types.int })
      .reduce((_, walk) => walk)
      .map(({ n, steps }) => ({ n: next(n), steps: steps + 1 }), { type: Walk }),
  )
  return loop.filter(({ n }) => n === 1).map(({ steps }) => steps, { type: Types.int })
}

function next(n: number): number {
  return n % 2 === 0 ? n / 2 : 3 * n + 1
}

function pairs(numbers: DataStream<number>): DataStream<number> {
  const time = WatermarkStrategy.forBoundedOutOfOrderness<number>(NUMBERS)
  const keyed = numbers
    .assignTimestampsAndWatermarks(time.withTimestampAssigner((n) => n))
    .keyBy((n) => n % 10, { type: Types.int })
  return keyed
    .intervalJoin(keyed)
    .between(-20, 20)
    .process(() => ({ processElement: () => [1] }), { type: Types.int })
}

function sum(name: string, stream: DataStream<number>): void {
  stream
    .keyBy(() => 0, { type: Types.int })
    .process(() => new SumOf(name), { type: Types.int })
    .discard()
}

class FailOnce implements ProcessFunction<number, number> {
  #isFirstAttempt = false

  open({ attempt }: RuntimeContext): void {
    this.#isFirstAttempt = attempt === 0
  }

  processElement(n: number, _: ProcessContext, out: Collector<number>): void {
    if (this.#isFirstAttempt && n > NUMBERS - 10) throw new Error('once')
    out.collect(n)
  }
}
