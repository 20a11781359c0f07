// Stored numbers and then live ones: as long as the stored ones are read, the source says that it works off a backlog.

import {
  type CheckpointListener,
  DataGeneratorSource,
  HybridSource,
  type ProcessFunction,
  rateLimited,
  RateLimiterStrategy,
  type RuntimeContext,
  type Source,
  type StreamExecutionEnvironment,
  WatermarkStrategy,
} from 'millrace'

const STORED = 1_500

/** Counts the checkpoints that are complete while stored and while live numbers are read. */
export default function backlog(env: StreamExecutionEnvironment): void {
  const source = HybridSource.builder<number>(numbersFrom(0)).addSource(numbersFrom(STORED)).build()
  env
    .fromSource(source, WatermarkStrategy.noWatermarks<number>(), 'numbers')
    .setParallelism(1)
    .process(() => new CountCheckpoints())
    .setParallelism(1)
    .discard()
}

/** Half a second's worth. */
function numbersFrom(first: number): Source<number> {
  const numbers = new DataGeneratorSource({ count: STORED, generator: (index) => first + index })
  return rateLimited(numbers, RateLimiterStrategy.perSecond(3_000))
}

class CountCheckpoints implements ProcessFunction<number, never>, CheckpointListener {
  #context!: RuntimeContext
  #last = -1

  open(context: RuntimeContext): void {
    this.#context = context
  }

  processElement(value: number): void {
    this.#last = value
  }

  notifyCheckpointComplete(): void {
    // The backlog ends behind the last stored number, and before the first live one.
    const phase = this.#last < STORED - 1 ? 'stored' : 'live'
    this.#context.getAccumulator(`checkpoints: ${phase}`).add(1)
  }
}
