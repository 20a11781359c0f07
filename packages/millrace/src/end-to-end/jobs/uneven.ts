import {
  DataGeneratorSource,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'

export const FAST_RECORDS = 80_000
export const SLOW_RECORDS = 400
/** Event time between two records of the slow source; those of the fast one are 1 ms apart. */
const SLOW_STEP_MS = 200

/**
 * Two sources that begin and end at the same event time, a fast and a slow one. `isAligned`: they wait for each other. Without it, the
 * fast one has no limit and the slow one takes 4 s, so that it is far ahead on the slowest machine.
 */
export default function uneven(
  env: StreamExecutionEnvironment,
  { isAligned = true }: { readonly isAligned?: boolean } = {},
): void {
  const time = (stepMs: number): WatermarkStrategy<number> => {
    const strategy = WatermarkStrategy.forMonotonousTimestamps<number>({
      emit: 'per-record',
    }).withTimestampAssigner((index) => index * stepMs)
    return isAligned ? strategy.withWatermarkAlignment('both', '2 s', '10 ms') : strategy
  }
  const fast = new DataGeneratorSource({
    count: FAST_RECORDS,
    ...(isAligned && { recordsPerSecond: 200_000 }),
    generator: (index) => index,
    type: Types.int,
  })
  const slow = new DataGeneratorSource({
    count: SLOW_RECORDS,
    recordsPerSecond: isAligned ? 400 : 100,
    generator: (index) => index,
    type: Types.int,
  })
  const slowTimes = env
    .fromSource(slow, time(SLOW_STEP_MS), 'slow')
    .map((index) => index * SLOW_STEP_MS, { type: Types.int })
  env
    .fromSource(fast, time(1), 'fast')
    .connect(slowTimes)
    .process(() => new Lead())
    .discard()
}

/** Counts both, and how far the fast one was ahead at most. */
class Lead {
  #slowMs = 0
  #largest = 0
  #lead!: ReturnType<RuntimeContext['getAccumulator']>
  #records!: ReturnType<RuntimeContext['getAccumulator']>

  open(context: RuntimeContext): void {
    this.#lead = context.getAccumulator('lead')
    this.#records = context.getAccumulator('records')
  }

  processElement1(fastMs: number): void {
    this.#records.add(1)
    const lead = fastMs - this.#slowMs
    if (lead <= this.#largest) return
    this.#lead.add(lead - this.#largest)
    this.#largest = lead
  }

  processElement2(slowMs: number): void {
    this.#records.add(1)
    this.#slowMs = slowMs
  }
}
