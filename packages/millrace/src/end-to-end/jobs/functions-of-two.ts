// Functions of two streams that have a life cycle: joins and co-groups of windows, and a co-flat-map. Each numbers what it makes of a
// key by keyed state, and counts its calls in operator state. The job fails once, after a checkpoint.

import {
  type Accumulator,
  type CheckpointedFunction,
  type CheckpointListener,
  type Collector,
  type FunctionInitializationContext,
  type KeyedRuntimeContext,
  type ListState,
  rich,
  type RichCoFlatMapFunction,
  type RichCoGroupFunction,
  type RichFlatJoinFunction,
  type RichJoinFunction,
  type RichMapFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  TumblingEventTimeWindows,
  Types,
  type ValueState,
  WatermarkStrategy,
} from 'millrace'

export const NUMBERS = 4_000
export const KEYS = 50
/** Each has two numbers of a key. */
export const WINDOWS = NUMBERS / (2 * KEYS)

/** Builds the job. Its results are in its accumulators. */
export default function functionsOfTwo(env: StreamExecutionEnvironment): void {
  const int = { type: Types.int }
  const keyOf = (value: number): number => value % KEYS
  const numbers = env
    .generate({ count: NUMBERS, recordsPerSecond: 5_000, generator: (index) => index })
    .setParallelism(1)
    .map(
      rich(() => new FailingOnce()),
      int,
    )
    .setParallelism(1)
    .assignTimestampsAndWatermarks(
      // At once, so that windows have fired before the checkpoint that the job goes on from.
      WatermarkStrategy.forMonotonousTimestamps<number>({
        emit: 'per-record',
      }).withTimestampAssigner((value) => value),
    )
    .setParallelism(1)
  const perHundred = TumblingEventTimeWindows.of(2 * KEYS)

  const joined = numbers.join(numbers).where(keyOf).equalTo(keyOf).window(perHundred)
  joined.apply(rich(() => new NumberedJoin('join'))).discard()
  joined.flatApply(rich(() => new NumberedFlatJoin('flat join'))).discard()
  numbers
    .coGroup(numbers)
    .where(keyOf)
    .equalTo(keyOf)
    .window(perHundred)
    .apply(rich(() => new NumberedCoGroup('co-group')))
    .discard()
  const keyed = numbers.keyBy(keyOf, int)
  keyed
    .connect(keyed)
    .flatMap(rich(() => new NumberedCoFlatMap('co-flat-map')))
    .discard()
}

/** Numbers the calls of each key, and has all that a function may have. */
class Numbering implements CheckpointedFunction, CheckpointListener {
  readonly #name: string
  #ofKey!: ValueState<number>
  #ordinals!: Accumulator
  #notified!: Accumulator
  #stored!: ListState<number>
  #calls = 0

  constructor(name: string) {
    this.#name = name
  }

  initializeState({ operatorStateStore }: FunctionInitializationContext): void {
    this.#stored = operatorStateStore.getListState({ name: 'calls', type: Types.int })
    for (const calls of this.#stored.get()) this.#calls += calls
  }

  open(context: KeyedRuntimeContext): void {
    this.#ofKey = context.getValueState({ name: 'ordinal', type: Types.int, defaultValue: 0 })
    this.#ordinals = context.getAccumulator(`${this.#name}: ordinals`)
    this.#notified = context.getAccumulator(`${this.#name}: notified`)
    if (context.attempt > 0) context.getAccumulator(`${this.#name}: restored`).add(this.#calls)
  }

  snapshotState(): void {
    this.#stored.update([this.#calls])
  }

  notifyCheckpointComplete(): void {
    this.#notified.add(1)
  }

  protected next(): number {
    this.#calls++
    const ordinal = this.#ofKey.value() + 1
    this.#ofKey.update(ordinal)
    this.#ordinals.add(ordinal)
    return ordinal
  }
}

class NumberedJoin extends Numbering implements RichJoinFunction<number, number, number> {
  join(): number {
    return this.next()
  }
}

class NumberedFlatJoin extends Numbering implements RichFlatJoinFunction<number, number, number> {
  *join(): Iterable<number> {
    yield this.next()
  }
}

class NumberedCoGroup extends Numbering implements RichCoGroupFunction<number, number, number> {
  coGroup(first: readonly number[], second: readonly number[], out: Collector<number>): void {
    if (first.length === 2 && second.length === 2) out.collect(this.next())
  }
}

class NumberedCoFlatMap extends Numbering implements RichCoFlatMapFunction<number, number, number> {
  flatMap1(_value: number, out: Collector<number>): void {
    out.collect(this.next())
  }

  *flatMap2(): Iterable<number> {
    yield this.next()
  }
}

/** Fails in the first attempt as soon as a checkpoint with a third of the records is complete. */
class FailingOnce
  implements
    RichMapFunction<number, number, RuntimeContext>,
    CheckpointedFunction,
    CheckpointListener
{
  #isFirstAttempt = false
  #count = 0
  #countAtBarrier = 0
  #shallFail = false

  open({ attempt }: RuntimeContext): void {
    this.#isFirstAttempt = attempt === 0
  }

  map(value: number): number {
    if (this.#shallFail) throw new Error('once')
    this.#count++
    return value
  }

  snapshotState(): void {
    this.#countAtBarrier = this.#count
  }

  notifyCheckpointComplete(): void {
    this.#shallFail = this.#isFirstAttempt && this.#countAtBarrier > NUMBERS / 3
  }
}
