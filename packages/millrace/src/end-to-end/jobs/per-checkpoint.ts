import {
  type CheckpointListener,
  DataGeneratorSource,
  IntMaximum,
  type ProcessFunction,
  rateLimited,
  RateLimiterStrategy,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  WatermarkStrategy,
} from 'millrace'

export const RECORDS = 1_000
export const RECORDS_PER_CHECKPOINT = 90

/** Numbers of which so many come between two checkpoints; the most that came is in an accumulator. */
export default function perCheckpoint(env: StreamExecutionEnvironment): void {
  const numbers = new DataGeneratorSource({ count: RECORDS, generator: (index) => index })
  const limited = rateLimited(numbers, RateLimiterStrategy.perCheckpoint(RECORDS_PER_CHECKPOINT))
  env
    .fromSource(limited, WatermarkStrategy.noWatermarks<number>(), 'numbers')
    .setParallelism(1)
    .process(() => new CountBetween())
    .setParallelism(1)
    .discard()
}

class CountBetween implements ProcessFunction<number, never>, CheckpointListener {
  readonly #most = new IntMaximum()
  #context!: RuntimeContext
  #count = 0

  open(context: RuntimeContext): void {
    this.#context = context
    context.addAccumulator('most', this.#most)
  }

  processElement(): void {
    this.#context.getAccumulator('records').add(1)
    this.#most.add(++this.#count)
  }

  notifyCheckpointComplete(): void {
    this.#count = 0
  }
}
