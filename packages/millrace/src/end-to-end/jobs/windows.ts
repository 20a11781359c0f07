import {
  type AnyTrigger,
  type Collector,
  CountTrigger,
  type DataStream,
  EventTimeSessionWindows,
  EventTimeTrigger,
  type Evictor,
  GlobalWindows,
  type ProcessContext,
  type ProcessFunction,
  type ProcessWindowContext,
  type ProcessWindowFunction,
  PurgingTrigger,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  type TimestampedValue,
  TimeWindow,
  type Trigger,
  type TriggerContext,
  TriggerResult,
  TumblingEventTimeWindows,
  Types,
  WatermarkStrategy,
  type WindowAssigner,
} from 'millrace'

/** Records 0 to COUNT - 1, one a millisecond of event time. */
export const COUNT = 8_000
/** A record in the middle, at which the job fails once. */
const FAILS_AT = 5_000

/** Windows of every kind over the same numbers. Each result is counted in an accumulator of its name. */
export default function windows(env: StreamExecutionEnvironment): void {
  const numbers = numbersWithFailure(env)
  const byRest = numbers.keyBy((n) => n % 4, { type: Types.int })
  const perHundred = byRest.window(TumblingEventTimeWindows.of(100)).reduce((a, b) => a + b)
  const results: DataStream<string>[] = [
    byRest.countWindow(500).process(({ key }, all) => [`count ${key}: ${all[0]} to ${all.at(-1)}`]),
    byRest
      .window(TumblingEventTimeWindows.of(1_000))
      .trigger(PurgingTrigger.of(CountTrigger.of(100)))
      .process(({ key, window }, all) => [`hundred ${key}@${window.start}: ${all[0]}`]),
    numbers
      .filter((n) => n % 1_000 < 20)
      .keyBy((n) => n % 2, { type: Types.int })
      .window(EventTimeSessionWindows.withDynamicGap((n: number) => (n < 4_000 ? 50 : 1_000)))
      .process(() => new NumberSessions()),
    perHundred.windowAll(TumblingEventTimeWindows.of(1_000)).aggregate(
      {
        accumulatorType: Types.long,
        createAccumulator: () => 0,
        add: (sum, n) => sum + n,
        getResult: (sum) => sum,
        merge: (left, right) => left + right,
      },
      ({ window }, sum) => [`all ${window.end}: ${sum}`],
    ),
    numbers
      .join(numbers.filter((n) => n % 500 === 0))
      .where((n) => n % 500)
      .equalTo((n) => n % 500)
      .window(TumblingEventTimeWindows.of(1_000))
      .apply((left, right) => `join ${left} ${right}`),
    numbers
      .coGroup(numbers.filter((n) => n % 2_000 === 0))
      .where((n) => n % 2)
      .equalTo((n) => n % 2)
      .window(TumblingEventTimeWindows.of(1_000))
      .apply((left, right) => [`cogroup ${left.length} ${right.join()}`]),
    byRest
      .window(() => new HalfSeconds())
      .trigger(() => new AtEndOrHundred())
      .evictor(() => new LastThree())
      .process(({ key, window }, all) => [`own ${key}@${window.start}: ${all.join()}`]),
    byRest.window(GlobalWindows.createWithEndOfStreamTrigger()).reduce(
      (a, b) => Math.max(a, b),
      ({ key }, max) => [`end ${key}: ${max}`],
    ),
  ]
  const [first, ...others] = results as [DataStream<string>, ...DataStream<string>[]]
  first
    .union(...others)
    .process(() => new CountByName())
    .discard()
}

function numbersWithFailure(env: StreamExecutionEnvironment): DataStream<number> {
  return env
    .generate({ count: COUNT, recordsPerSecond: 20_000, generator: (index) => index })
    .setParallelism(1)
    .process(() => new FailOnce(), { type: Types.int })
    .setParallelism(1)
    .assignTimestampsAndWatermarks(
      WatermarkStrategy.forMonotonousTimestamps<number>().withTimestampAssigner((n) => n),
    )
    .setParallelism(1)
}

class FailOnce implements ProcessFunction<number, number> {
  #isFirstAttempt = false

  open(context: RuntimeContext): void {
    this.#isFirstAttempt = context.attempt === 0
  }

  processElement(n: number, _context: ProcessContext, out: Collector<number>): void {
    if (this.#isFirstAttempt && n === FAILS_AT) throw new Error('once')
    out.collect(n)
  }
}

/** Numbers the sessions of a key. */
class NumberSessions implements ProcessWindowFunction<number, string, number> {
  readonly #count = { name: 'count', type: Types.int, defaultValue: 0 }

  process(
    { key, globalState }: ProcessWindowContext<number>,
    all: readonly number[],
    out: Collector<string>,
  ): void {
    const count = globalState.getValueState(this.#count)
    count.update(count.value() + 1)
    out.collect(`session ${key}.${count.value()}: ${all.length}`)
  }
}

class HalfSeconds implements WindowAssigner<number> {
  readonly isEventTime = true

  assignWindows(_n: number, timestamp: number): TimeWindow[] {
    const start = TimeWindow.startOf(timestamp, { sizeMs: 500 })
    return [{ start, end: start + 500 }]
  }

  getDefaultTrigger(): AnyTrigger<number> {
    return EventTimeTrigger.create()
  }
}

class AtEndOrHundred implements Trigger<number> {
  readonly #count = { name: 'count', type: Types.int, defaultValue: 0 }

  onElement(_n: number, _timestamp: number, window: TimeWindow, context: TriggerContext) {
    context.registerEventTimeTimer(window.end - 1)
    const count = context.getValueState(this.#count)
    count.update((count.value() + 1) % 100)
    return count.value() === 0 ? TriggerResult.FIRE : TriggerResult.CONTINUE
  }

  onEventTime(): TriggerResult {
    return TriggerResult.FIRE
  }

  onProcessingTime(): TriggerResult {
    return TriggerResult.CONTINUE
  }

  clear(window: TimeWindow, context: TriggerContext): void {
    context.deleteEventTimeTimer(window.end - 1)
  }
}

class LastThree implements Evictor<number> {
  evictBefore(all: readonly TimestampedValue<number>[]): readonly TimestampedValue<number>[] {
    return all.slice(-3)
  }
}

class CountByName implements ProcessFunction<string, string> {
  #context!: RuntimeContext

  open(context: RuntimeContext): void {
    this.#context = context
  }

  processElement(name: string): void {
    this.#context.getAccumulator(name).add(1)
  }
}
