import type { Collector, ProcessContext, ProcessFunction, RuntimeContext } from 'millrace'

/** Hands everything on, and throws after `count` records of the first attempt; 0 never throws. */
export class FailOnce<T> implements ProcessFunction<T, T> {
  #left: number

  constructor(count: number) {
    this.#left = count === 0 ? Number.POSITIVE_INFINITY : count
  }

  open(context: RuntimeContext): void {
    if (context.attempt > 0) this.#left = Number.POSITIVE_INFINITY
  }

  processElement(value: T, _context: ProcessContext, out: Collector<T>): void {
    if (this.#left-- <= 0) throw new Error('failing once, as --fail-after asked')
    out.collect(value)
  }
}
