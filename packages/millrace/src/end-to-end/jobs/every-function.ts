// A job with a function of every kind that has a life cycle. Each adds what it sees to an accumulator, and one of them fails
// once, after a checkpoint: at the end every record must count once everywhere.

import {
  type Accumulator,
  type BroadcastAccess,
  type CheckpointedFunction,
  type CheckpointListener,
  type Collector,
  type FunctionInitializationContext,
  Histogram,
  type JsonValue,
  type KeyedProcessContext,
  type KeyedRuntimeContext,
  type KeyedStateApplication,
  type ListState,
  LongCounter,
  type OnTimerContext,
  OutputTag,
  type ProcessContext,
  type ReadOnlyBroadcastAccess,
  rich,
  type RichCoMapFunction,
  type RichFilterFunction,
  type RichFlatMapFunction,
  type RichMapFunction,
  type RichReduceFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  type ValueState,
  WatermarkStrategy,
} from 'millrace'

export const NUMBERS = 20_000
export const KEYS = 10
export const RULES = [2, 3]

const seen = new OutputTag('seen', Types.int)
const rules = { name: 'rules', keyType: Types.int, valueType: Types.boolean }
const byDigit = (value: number): number => value % KEYS

/** Builds the job. Its result is in its accumulators. */
export default function everyFunction(env: StreamExecutionEnvironment): void {
  const numbers = env
    .generate({ count: NUMBERS, recordsPerSecond: NUMBERS, generator: (index) => index + 1 })
    .returns(Types.int)
    .assignTimestampsAndWatermarks(
      WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((value) => value),
    )
    .map(rich(() => new FailingOnce()))
    .returns(Types.int)
  const others = env.fromSequence(1, 100).returns(Types.int)
  const keyed = numbers.keyBy(byDigit, { type: Types.int })
  const otherKeyed = others.keyBy(byDigit, { type: Types.int })
  const broadcast = env.fromData(RULES).returns(Types.int).broadcast(rules)
  const int = { type: Types.int }

  numbers
    .process(() => new Seeing('process'), int)
    .getSideOutput(seen)
    .process(() => new Seeing('side output'))
    .discard()
  keyed
    .map(
      rich(() => new CountingMap()),
      int,
    )
    .discard()
  keyed
    .flatMap(
      rich(() => new EveryTwo()),
      int,
    )
    .process(() => new Seeing('flat map'))
    .discard()
  keyed
    .filter(rich(() => new EverySecond()))
    .process(() => new Seeing('filter'))
    .discard()
  keyed.reduce(rich(() => new CountingSum())).discard()
  keyed.process(() => new WithTimers(), int).discard()
  numbers
    .connect(others)
    .process(() => new SeeingBoth('co-process'), int)
    .getSideOutput(seen)
    .process(() => new Seeing('co side output'))
    .discard()
  keyed
    .connect(otherKeyed)
    .process(() => new SeeingBoth('keyed co-process'), int)
    .discard()
  keyed
    .connect(otherKeyed)
    .map(
      rich(() => new CountingCoMap()),
      int,
    )
    .discard()
  numbers
    .connect(broadcast)
    .process(() => new WithRules(), int)
    .discard()
  keyed
    .connect(broadcast)
    .process(() => new WithRulesAndKeys(), int)
    .discard()
}

/** Counts its records in operator state, and fails in the first attempt as soon as a checkpoint is complete. */
class FailingOnce
  implements RichMapFunction<number, number>, CheckpointedFunction, CheckpointListener
{
  #count = 0
  #stored!: ListState<number>
  #counted!: Accumulator
  #shallFail = false
  #attempt = 0

  initializeState(context: FunctionInitializationContext): void {
    this.#stored = context.operatorStateStore.getListState({ name: 'count', type: Types.int })
    for (const count of this.#stored.get()) this.#count += count
  }

  open(context: RuntimeContext): void {
    this.#attempt = context.attempt
    this.#counted = context.getAccumulator('mapped')
  }

  snapshotState(): void {
    this.#stored.update([this.#count])
  }

  notifyCheckpointComplete(): void {
    this.#shallFail = this.#attempt === 0 && this.#count > 0
  }

  map(value: number): number {
    if (this.#shallFail) throw new Error('once')
    this.#count++
    // Both are in each checkpoint: they never differ.
    this.#counted.add(1)
    if (this.#count !== this.#counted.getLocalValue()) throw new Error('operator state is lost')
    return value
  }
}

/** Adds what it sees to an accumulator, and sends it to the side output. */
class Seeing {
  protected readonly sum = new LongCounter()
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  open(context: RuntimeContext): void {
    context.addAccumulator(this.#name, this.sum)
  }

  processElement(value: number, context: ProcessContext, _out: Collector<number>): void {
    this.sum.add(value)
    context.output(seen, value)
  }
}

class SeeingBoth extends Seeing {
  processElement1(value: number, context: ProcessContext, _out: Collector<number>): void {
    this.sum.add(value)
    context.output(seen, value)
  }

  processElement2(value: number, _context: ProcessContext, _out: Collector<number>): void {
    this.sum.add(-value)
  }
}

/** How often its key has come. */
abstract class Counting {
  #count!: ValueState<number>
  protected context!: KeyedRuntimeContext

  readonly open = (context: KeyedRuntimeContext): void => {
    this.context = context
    this.#count = context.getValueState({ name: 'count', type: Types.int, defaultValue: 0 })
  }

  protected next(): number {
    this.#count.update(this.#count.value() + 1)
    return this.#count.value()
  }
}

class CountingMap extends Counting implements RichMapFunction<number, number> {
  map(value: number): number {
    this.context.getAccumulator('keyed map').add(1)
    const count = this.next()
    if (value !== (count - 1) * KEYS + (value % KEYS === 0 ? KEYS : value % KEYS)) {
      throw new Error(`the count of ${value} cannot be ${count}`)
    }
    return value
  }
}

/** Emits the sum of every two values of a key. */
class EveryTwo implements RichFlatMapFunction<number, number> {
  #sum!: ValueState<number | undefined>

  open(context: KeyedRuntimeContext): void {
    this.#sum = context.getValueState({ name: 'sum', type: Types.int })
  }

  flatMap(value: number, out: Collector<number>): void {
    const before = this.#sum.value()
    if (before === undefined) this.#sum.update(value)
    else {
      out.collect(before + value)
      this.#sum.clear()
    }
  }
}

class EverySecond extends Counting implements RichFilterFunction<number> {
  filter(): boolean {
    return this.next() % 2 === 0
  }
}

/** Keeps the largest number, and how often each last digit was reduced. */
class CountingSum implements RichReduceFunction<number> {
  readonly #histogram = new Histogram()

  open(context: KeyedRuntimeContext): void {
    context.addAccumulator('reduce', this.#histogram)
  }

  reduce(left: number, right: number): number {
    this.#histogram.add(right % KEYS)
    return Math.max(left, right)
  }
}

/** Sets a timer for each record, some of them twice, and deletes some again. */
class WithTimers {
  readonly #fired = new LongCounter()
  readonly #keys = new KeySet()

  open(context: KeyedRuntimeContext): void {
    context.addAccumulator('timers', this.#fired)
    context.addAccumulator('keys', this.#keys)
  }

  processElement(value: number, { timerService }: KeyedProcessContext<number>): void {
    timerService.registerEventTimeTimer(value + 50)
    timerService.registerEventTimeTimer(value + 50)
    if (value % 4 === 0) timerService.deleteEventTimeTimer(value + 50)
  }

  onTimer(timestamp: number, context: OnTimerContext<number>): void {
    this.#keys.add(context.currentKey)
    this.#fired.add(timestamp - 50)
  }
}

/** A kind of accumulator of one's own. */
export class KeySet implements Accumulator<number, readonly number[]> {
  readonly kind = 'key-set'
  readonly #keys = new Set<number>()

  add(key: number): void {
    this.#keys.add(key)
  }

  getLocalValue(): readonly number[] {
    return [...this.#keys].sort((left, right) => left - right)
  }

  resetLocal(): void {
    this.#keys.clear()
  }

  snapshot(): JsonValue {
    return [...this.#keys]
  }

  merge(snapshot: JsonValue): void {
    for (const key of snapshot as number[]) this.#keys.add(key)
  }
}

class CountingCoMap extends Counting implements RichCoMapFunction<number, number, number> {
  map1(value: number): number {
    this.next()
    return value
  }

  map2(value: number): number {
    this.context.getAccumulator('co-map').add(value)
    this.next()
    return value
  }
}

/** Counts its records, and how many rules each subtask has heard of. */
class WithRules extends Seeing {
  #rules!: Accumulator

  constructor() {
    super('broadcast')
  }

  override open(context: RuntimeContext): void {
    super.open(context)
    this.#rules = context.getAccumulator('rules')
  }

  override processElement(
    value: number,
    context: ProcessContext & ReadOnlyBroadcastAccess,
    _out: Collector<number>,
  ): void {
    this.sum.add(value)
    context.output(seen, [...context.getBroadcastState(rules).keys()].length)
  }

  processBroadcastElement(rule: number, context: ProcessContext & BroadcastAccess): void {
    context.getBroadcastState(rules).put(rule, true)
    this.#rules.add(1)
  }
}

/** Counts the records of each key; each rule looks at all keys that have come, and finds out how many records there were. */
class WithRulesAndKeys {
  readonly #sum = new LongCounter()
  readonly #reached = new KeySet()
  #values!: ValueState<number>

  open(context: KeyedRuntimeContext): void {
    context.addAccumulator('keyed broadcast', this.#sum)
    context.addAccumulator('reached', this.#reached)
    this.#values = context.getValueState({ name: 'values', type: Types.int, defaultValue: 0 })
  }

  processElement(value: number): void {
    this.#values.update(this.#values.value() + 1)
    this.#sum.add(value)
  }

  processBroadcastElement(_rule: number, context: KeyedStateApplication<number>): void {
    context.applyToKeyedState(this.#values, (key, values) => {
      if (values.value() < 1) throw new Error(`the key ${key} has come, but has no records`)
      this.#reached.add(key)
    })
  }
}
