import {
  type Accumulator,
  DataGeneratorSource,
  HybridSource,
  type ProcessFunction,
  rateLimited,
  RateLimiterStrategy,
  type RuntimeContext,
  type Source,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { DiscoveringSource } from './discovering-source.ts'

export const STORED_SPLITS = 10
export const SPLIT_RECORDS = 500
export const LIVE_RECORDS = 4000

/** Which of the sources have their splits back after a failure. */
export interface Reassigning {
  readonly isStored: boolean
  readonly isLive: boolean
}

/** Numbers that are stored, and then, from where these end, numbers that come at a rate. Fails twice in each. */
export default function hybrid(
  env: StreamExecutionEnvironment,
  reassigning: Reassigning = { isStored: true, isLive: false },
): void {
  const stored = new DiscoveringSource({
    splits: STORED_SPLITS,
    splitRecords: SPLIT_RECORDS,
    everyMs: 2,
    reassigns: reassigning.isStored,
  })
  const source = HybridSource.builder<number>(stored)
    .addSource({
      boundedness: 'bounded',
      reassignsSplitsOnRecovery: reassigning.isLive,
      positionOf: (previous) =>
        (previous.snapshotState(0) as { found: number }).found * SPLIT_RECORDS,
      createSource: (position) => liveFrom(Number(position), reassigning.isLive),
    })
    .build()
  env
    .fromSource(source, WatermarkStrategy.noWatermarks<number>(), 'numbers')
    .returns(Types.int)
    .process(() => new SumAndFail(), { type: Types.int })
    .discard()
}

function liveFrom(position: number, isReassigning: boolean): Source<number> {
  const numbers = new DataGeneratorSource({
    count: LIVE_RECORDS,
    generator: (index) => position + index,
  })
  const reassigning = Object.assign(numbers, { reassignsSplitsOnRecovery: isReassigning })
  return rateLimited(reassigning, RateLimiterStrategy.perSecond(20_000))
}

class SumAndFail implements ProcessFunction<number, number> {
  #attempt = 0
  #sum!: Accumulator

  open(context: RuntimeContext): void {
    this.#attempt = context.attempt
    this.#sum = context.getAccumulator('sum')
  }

  processElement(value: number): void {
    const failAt = [1500, 4200, 6000, 8000][this.#attempt]
    if (failAt !== undefined && value > failAt) throw new Error('now and then')
    this.#sum.add(value)
  }
}
