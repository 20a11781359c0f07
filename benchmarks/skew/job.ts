// What hot keys and slow readers cost, and what helps. Worker threads load this module, and build the same job from the same
// command line.

import { parseArgs } from 'node:util'
import {
  type Accumulator,
  type DataStream,
  rich,
  type RichMapFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { countOption, nameOption } from '../command-line.ts'
import { CountingSink } from '../measuring/counting-sink.ts'
import { bidCount } from '../nexmark/queries/bid-count.ts'
import { ZipfSource } from './zipf-source.ts'

/**
 * What is measured.
 *
 *   uniform            counts by key, all keys equally often
 *   hot                the same, of keys of which the first has about 38 %
 *   hot-two-steps      the same keys, each counted in sixteen parts first, then the counts of the parts
 *   slow-reader        records dealt in turn to subtasks of which the first takes four times as long
 *   slow-reader-eased  the same, each record to the less busy one
 */
export const SKEW_CASES = [
  'uniform',
  'hot',
  'hot-two-steps',
  'slow-reader',
  'slow-reader-eased',
] as const

/** One measurement. */
export interface SkewRun {
  readonly name: (typeof SKEW_CASES)[number]
  readonly events: number
}

/** The accumulators that hold how many events came to each subtask begin with this. */
export const LOAD_PREFIX = 'load of subtask '

const KEYS = 100_000
const EXPONENT = 1.5
const PARTS = 16
const WINDOW = '1 s'
/** Rounds of arithmetic for a record: about 0.1 microseconds, and four times that in the slow subtask. */
const QUICK_ROUNDS = 100
const SLOW_ROUNDS = 400

/** Reads the command line of a measurement. */
export function parseSkewRun(args: readonly string[]): SkewRun {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', default: '' },
      events: { type: 'string', default: '8000000' },
    },
  })
  return {
    name: nameOption('case', values.case, SKEW_CASES) as SkewRun['name'],
    events: countOption('events', values.events),
  }
}

/** What a worker thread calls, and the main thread too. */
export default function buildSkewJob(env: StreamExecutionEnvironment): void {
  const run = parseSkewRun(process.argv.slice(2))
  env.setParallelism(2)
  const isUniform = run.name !== 'hot' && run.name !== 'hot-two-steps'
  const source = new ZipfSource({
    events: run.events,
    keys: KEYS,
    exponent: isUniform ? 0 : EXPONENT,
  })
  const keys = env
    .fromSource(source, WatermarkStrategy.forMonotonousTimestamps<number>(), 'keys')
    .uid('keys')
  resultsOf(keys, run.name).sinkTo(new CountingSink<number>()).uid('results')
}

function resultsOf(keys: DataStream<number>, name: SkewRun['name']): DataStream<number> {
  switch (name) {
    case 'uniform':
    case 'hot':
      return inOneStep(keys)
    case 'hot-two-steps':
      return inTwoSteps(keys)
    case 'slow-reader':
    case 'slow-reader-eased':
      return keys
        .rebalance({ adaptive: name === 'slow-reader-eased' })
        .map(rich(() => new Work()))
        .returns(Types.int)
        .uid('work')
  }
}

function inOneStep(keys: DataStream<number>): DataStream<number> {
  return keys
    .keyBy((key) => key, { type: Types.int })
    .window(TumblingEventTimeWindows.of(WINDOW))
    .aggregate(bidCount)
    .returns(Types.int)
    .uid('counts')
    .map(rich(() => new Load()))
    .returns(Types.int)
    .uid('load')
}

/** The second step gets at most sixteen counts for a key and window, however hot the key is. */
function inTwoSteps(keys: DataStream<number>): DataStream<number> {
  return keys
    .map(rich(() => new PartOfKey()))
    .returns(Types.int)
    .uid('parts')
    .keyBy((part) => part, { type: Types.int })
    .window(TumblingEventTimeWindows.of(WINDOW))
    .aggregate(bidCount, ({ key }, count, out) =>
      out.collect({ key: Math.floor(key / PARTS), count }),
    )
    .returns(KeyCount)
    .uid('counts-of-parts')
    .map(rich(() => new LoadOfParts()))
    .returns(KeyCount)
    .uid('load')
    .keyBy(({ key }) => key, { type: Types.int })
    .window(TumblingEventTimeWindows.of(WINDOW))
    .reduce((left, right) => ({ key: left.key, count: left.count + right.count }))
    .uid('counts')
    .map(({ count }) => count, { type: Types.int })
}

const KeyCount = Types.record({ key: Types.int, count: Types.int })
interface KeyCount {
  readonly key: number
  readonly count: number
}

/** A key and one of its parts as one number; the parts in turn. */
class PartOfKey implements RichMapFunction<number, number> {
  #next = 0

  map(key: number): number {
    this.#next = (this.#next + 1) % PARTS
    return key * PARTS + this.#next
  }
}

/** Adds up how many events came to this subtask. */
class Load implements RichMapFunction<number, number> {
  #load!: Accumulator

  open(context: RuntimeContext): void {
    this.#load = context.getAccumulator(`${LOAD_PREFIX}${context.subtaskIndex}`)
  }

  map(count: number): number {
    this.#load.add(count)
    return count
  }
}

class LoadOfParts implements RichMapFunction<KeyCount, KeyCount> {
  readonly #load = new Load()

  open(context: RuntimeContext): void {
    this.#load.open(context)
  }

  map(part: KeyCount): KeyCount {
    this.#load.map(part.count)
    return part
  }
}

/** Computes for a while; the first subtask for longer. */
class Work implements RichMapFunction<number, number> {
  readonly #load = new Load()
  #rounds = QUICK_ROUNDS

  open(context: RuntimeContext): void {
    this.#load.open(context)
    if (context.subtaskIndex === 0) this.#rounds = SLOW_ROUNDS
  }

  map(key: number): number {
    this.#load.map(1)
    let bits = key
    for (let round = 0; round < this.#rounds; round++) bits = Math.imul(bits ^ round, 0x85ebca6b)
    return bits
  }
}
