// Watermarks of the user's own kinds in a whole job: two announcers say how far they have come, behind records that are asked about
// asynchronously; keyed readers check that they then have all records up to there. The job fails once, after a checkpoint.

import {
  booleanWatermark,
  type CheckpointedFunction,
  type CheckpointListener,
  type Collector,
  type FunctionInitializationContext,
  type GeneralizedWatermark,
  isWatermarkOf,
  type KeyedProcessFunction,
  type KeyedRuntimeContext,
  type KeyedStateApplication,
  type ListState,
  longWatermark,
  type ProcessContext,
  type ProcessFunction,
  rich,
  type RichMapFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  type WatermarkHandlingResult,
} from 'millrace'

export const NUMBERS = 4_000
const KEYS = 20
/** Every so many records an announcer says how far it has come. */
const STRIDE = 50

/** All numbers up to this one have gone out. */
const progress = longWatermark('progress', { combine: 'min', waitForAll: true })
/** The last number that somebody has sent. */
const newest = longWatermark('newest', { combine: 'max' })
const isPastHalf = booleanWatermark('past half', { combine: 'and', waitForAll: true })

/** Builds the job. Its results are in its accumulators. */
export default function ownWatermarks(env: StreamExecutionEnvironment): void {
  const int = { type: Types.int }
  const announced = env
    .generate({ count: NUMBERS, recordsPerSecond: 5_000, generator: (index) => index })
    .setParallelism(1)
    .map(
      rich(() => new FailingOnce()),
      int,
    )
    .setParallelism(1)
    .rebalance()
    .process(() => new Announcer())
    .returns(Types.int)
    .declareWatermarks(progress, newest, isPastHalf)
    .mapAsync(answerSometimesLater, { timeout: '10 s', order: 'unordered' })
    .returns(Types.int)
  const keyed = announced.keyBy((value) => value % KEYS, int)
  keyed
    .process(() => new Reader('reader'))
    .returns(Types.int)
    .map((value) => value, int)
    .process(() => new Last())
    .setParallelism(1)
    .discard()
  // Whoever announces nothing does not hold back what waits for nobody.
  keyed
    .connect(env.fromData([1]).keyBy((value) => value, int))
    .process(() => new ConnectedReader())
    .discard()
}

async function answerSometimesLater(value: number): Promise<number> {
  if (value % 8 < 2) await new Promise((resolve) => setTimeout(resolve, value % 5))
  return value
}

class Announcer implements ProcessFunction<number, number>, CheckpointedFunction {
  #count = 0
  #stored!: ListState<number>

  initializeState({ operatorStateStore }: FunctionInitializationContext): void {
    this.#stored = operatorStateStore.getListState({ name: 'count', type: Types.int })
    for (const count of this.#stored.get()) this.#count = count
  }

  processElement(value: number, context: ProcessContext, out: Collector<number>): void {
    out.collect(value)
    this.#count++
    if (this.#count % STRIDE !== 0 && value < NUMBERS - 2) return
    context.emitWatermark(progress, value)
    context.emitWatermark(newest, value)
    context.emitWatermark(isPastHalf, value >= NUMBERS / 2)
  }

  snapshotState(): void {
    this.#stored.update([this.#count])
  }
}

/** Adds up what was told; wrong is what was told too early, twice or out of order. */
class Telling implements CheckpointedFunction {
  protected context!: RuntimeContext
  readonly #name: string
  readonly #last = new Map<string, number>()
  #stored!: ListState<string>

  constructor(name: string) {
    this.#name = name
  }

  initializeState({ operatorStateStore }: FunctionInitializationContext): void {
    this.#stored = operatorStateStore.getListState({ name: 'last', type: Types.string })
    for (const entry of this.#stored.get()) {
      const [kind = '', value] = entry.split('=')
      this.#last.set(kind, Number(value))
    }
  }

  snapshotState(): void {
    this.#stored.update([...this.#last].map(([kind, value]) => `${kind}=${value}`))
  }

  protected count(what: string, amount = 1): void {
    this.context.getAccumulator(`${this.#name}: ${what}`).add(amount)
  }

  protected tell({ declaration: { name }, value }: GeneralizedWatermark): void {
    const last = this.#last.get(name) ?? -1
    if (Number(value) <= last) this.count('wrong')
    this.count(name, Number(value) - last)
    this.#last.set(name, Number(value))
  }
}

class Reader extends Telling implements KeyedProcessFunction<number, number, number> {
  #values!: ListState<number>

  open(context: KeyedRuntimeContext): void {
    this.context = context
    this.#values = context.getListState({ name: 'values', type: Types.int })
  }

  processElement(value: number, _context: unknown, out: Collector<number>): void {
    this.#values.add(value)
    out.collect(value)
  }

  onWatermark(
    watermark: GeneralizedWatermark,
    context: ProcessContext & KeyedStateApplication<number>,
  ): WatermarkHandlingResult {
    this.tell(watermark)
    if (isWatermarkOf(progress, watermark)) {
      context.applyToKeyedState(this.#values, (key, values) => {
        const complete = Math.floor((watermark.value - key) / KEYS) + 1
        const upTo = values.get().filter((value) => value <= watermark.value)
        if (upTo.length !== complete) this.count('wrong')
      })
    }
    return isWatermarkOf(isPastHalf, watermark) ? 'poll' : 'peek'
  }
}

class ConnectedReader extends Telling {
  constructor() {
    super('connected')
  }

  open(context: RuntimeContext): void {
    this.context = context
  }

  processElement1(): void {}

  processElement2(): void {}

  onWatermark(watermark: GeneralizedWatermark): WatermarkHandlingResult {
    this.tell(watermark)
    return 'peek'
  }
}

class Last extends Telling implements ProcessFunction<number, number> {
  constructor() {
    super('last')
  }

  open(context: RuntimeContext): void {
    this.context = context
  }

  processElement(): void {}

  onWatermark(watermark: GeneralizedWatermark): WatermarkHandlingResult {
    this.tell(watermark)
    return 'peek'
  }
}

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
