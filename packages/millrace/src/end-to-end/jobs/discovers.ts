import {
  type Accumulator,
  type ProcessFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
  Types,
  WatermarkStrategy,
} from 'millrace'
import { DiscoveringSource } from './discovering-source.ts'

export const SPLITS = 40
export const SPLIT_RECORDS = 1000

/** Adds up numbers whose splits are found on the way, and fails a few times meanwhile. */
export default function discovers(
  env: StreamExecutionEnvironment,
  { reassigns = false }: { readonly reassigns?: boolean } = {},
): void {
  const source = new DiscoveringSource({
    splits: SPLITS,
    splitRecords: SPLIT_RECORDS,
    everyMs: 3,
    reassigns,
  })
  env
    .fromSource(source, WatermarkStrategy.noWatermarks<number>(), 'numbers')
    .returns(Types.int)
    .keyBy((value) => value % 7, { type: Types.int })
    .process(() => new SumAndFail(), { type: Types.int })
    .discard()
}

class SumAndFail implements ProcessFunction<number, number> {
  #attempt = 0
  #sum!: Accumulator

  open(context: RuntimeContext): void {
    this.#attempt = context.attempt
    this.#sum = context.getAccumulator('sum')
  }

  processElement(value: number): void {
    if (this.#attempt < 3 && value > (this.#attempt + 1) * 9000) throw new Error('now and then')
    this.#sum.add(value)
  }
}
