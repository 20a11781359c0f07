// Streams beside one that has nothing to say. Neither ends, so windows fire only if nobody waits for the silent one, whatever stands
// between it and them.

import {
  type DataStream,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { DiscoveringSource } from './discovering-source.ts'
import { SumOf } from './sum-of.ts'

export const NUMBERS = 1_000
/** The numbers in flight when their source falls silent. */
export const IN_FLIGHT = 100
const WINDOW_MS = 100

const int = { type: Types.int }
const perHundred = TumblingEventTimeWindows.of(WINDOW_MS)

/** Each accumulator has the sum of the numbers in the windows that have fired. */
export default function idleSides(env: StreamExecutionEnvironment): void {
  const numbers = numbersOf(env, 'numbers', NUMBERS)
  const silent = numbersOf(env, 'silent', 0)
  const key = (): number => 0

  const loop = silent.iterate()
  loop.closeWith(loop.filter((n) => n < 0))
  const throughOperators = {
    async: silent.mapAsync(async (n) => n, { timeout: '1 min', ...int }),
    loop: loop.map((n) => n, int),
    window: silent
      .keyBy(key, int)
      .window(perHundred)
      .reduce((a, b) => a + b),
    join: numbers
      .join(silent)
      .where(key)
      .equalTo(key)
      .window(perHundred)
      .apply((a, b) => a + b)
      .returns(Types.int),
    'interval join': numbers
      .keyBy(key, int)
      .intervalJoin(silent.keyBy(key, int))
      .between(-1, 1)
      .process(() => ({ processElement: () => [1] }), int),
  }
  for (const [name, other] of Object.entries(throughOperators))
    sumOfWindows(name, numbers.union(other))
  for (const order of ['ordered', 'unordered'] as const) answeredLate(env, order)
}

/**
 * The source is idle long before the last answer comes, and beside it is one that is far ahead. If its status overtook what is in
 * flight, that would be late.
 */
function answeredLate(env: StreamExecutionEnvironment, order: 'ordered' | 'unordered'): void {
  const asked = numbersOf(env, `asked ${order}`, IN_FLIGHT).mapAsync(answer, {
    timeout: '1 min',
    capacity: IN_FLIGHT,
    order,
    ...int,
  })
  const ahead = numbersOf(env, `ahead ${order}`, NUMBERS).filter((n) => n < 0)
  sumOfWindows(order, asked.union(ahead))
}

async function answer(n: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 150 + (n % 7) * 20))
  return n
}

function numbersOf(
  env: StreamExecutionEnvironment,
  name: string,
  count: number,
): DataStream<number> {
  const source = new DiscoveringSource({
    splits: Math.min(count, 1),
    splitRecords: count,
    everyMs: 5,
    isEndless: true,
  })
  const time = WatermarkStrategy.forMonotonousTimestamps<number>().withIdleness('40 ms')
  return env.fromSource(source, time, name).returns(Types.int)
}

function sumOfWindows(name: string, stream: DataStream<number>): void {
  stream
    .keyBy(() => 0, int)
    .window(perHundred)
    .reduce((a, b) => a + b)
    .keyBy(() => 0, int)
    .process(() => new SumOf(name), int)
    .discard()
}
