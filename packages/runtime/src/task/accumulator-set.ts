// Counters that are part of the checkpoints: what they show at the end counts every record once, whatever
// failed in between. (Flink's accumulators start again at zero with each attempt.)

import type { Accumulator } from '@millrace/core'

/** The accumulators of one operator subtask. */
export class AccumulatorSet {
  readonly #byName = new Map<string, SumAccumulator>()

  /** The accumulator of that name, made at the first call. */
  get(name: string): Accumulator {
    let accumulator = this.#byName.get(name)
    if (accumulator === undefined) {
      accumulator = new SumAccumulator()
      this.#byName.set(name, accumulator)
    }
    return accumulator
  }

  /** Adds every value into `totals`. */
  addInto(totals: Record<string, number>): void {
    for (const [name, { localValue }] of this.#byName)
      totals[name] = (totals[name] ?? 0) + localValue
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0
  }

  snapshot(): Uint8Array {
    const values = [...this.#byName].map(([name, { localValue }]) => [name, localValue])
    return new TextEncoder().encode(JSON.stringify(values))
  }

  /** Adds what a snapshot holds; of several, all are added. */
  restore(snapshot: Uint8Array): void {
    const values = JSON.parse(new TextDecoder().decode(snapshot)) as [string, number][]
    for (const [name, value] of values) this.get(name).add(value)
  }
}

class SumAccumulator implements Accumulator {
  #value = 0

  add(amount: number): void {
    this.#value += amount
  }

  get localValue(): number {
    return this.#value
  }
}
