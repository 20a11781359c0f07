import { readFileSync } from 'node:fs'
import {
  type Accumulator,
  type ProcessFunction,
  type RuntimeContext,
  type StreamExecutionEnvironment,
} from 'millrace'

/** Multiplies numbers by a factor from the global parameters, and adds those of a cached file. */
export default function configured(env: StreamExecutionEnvironment): void {
  env
    .fromSequence(1, 10)
    .process(() => new Multiply())
    .name('multiply')
    .discard()
}

class Multiply implements ProcessFunction<number, number> {
  #factor = 0
  #offset = 0
  #sum!: Accumulator

  open(context: RuntimeContext): void {
    this.#factor = context.globalJobParameters.getInt('factor')
    this.#offset = Number(readFileSync(context.getCachedFile('offset'), 'utf8'))
    this.#sum = context.getAccumulator('sum')
  }

  processElement(value: number): void {
    this.#sum.add(value * this.#factor + this.#offset)
  }
}
