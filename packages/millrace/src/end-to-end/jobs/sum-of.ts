import type { Accumulator, KeyedProcessFunction, KeyedRuntimeContext } from 'millrace'

/** Adds numbers up in an accumulator, where the program that runs the job finds the sum. */
export class SumOf implements KeyedProcessFunction<number, number, number> {
  readonly #name: string
  #sum!: Accumulator

  constructor(name: string) {
    this.#name = name
  }

  open(context: KeyedRuntimeContext): void {
    this.#sum = context.getAccumulator(this.#name)
  }

  processElement(value: number): void {
    this.#sum.add(value)
  }
}
