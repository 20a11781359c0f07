// The records that came back to the head of a loop and have not gone out again, first in, first out.

/** A queue of records with their times. */
export class FeedbackQueue<T> {
  #values: T[] = []
  #timestamps: number[] = []
  #head = 0

  get size(): number {
    return this.#values.length - this.#head
  }

  add(value: T, timestamp: number): void {
    this.#values.push(value)
    this.#timestamps.push(timestamp)
  }

  /** Takes up to `countMax` records out, in order. */
  take(countMax: number, each: (value: T, timestamp: number) => void): void {
    const end = Math.min(this.#head + countMax, this.#values.length)
    while (this.#head < end) {
      const index = this.#head++
      each(this.#values[index] as T, this.#timestamps[index] as number)
    }
    if (this.#head === this.#values.length) {
      this.#values = []
      this.#timestamps = []
      this.#head = 0
    } else if (this.#head > COMPACT_MIN && this.#head * 2 > this.#values.length) {
      this.#values = this.#values.slice(this.#head)
      this.#timestamps = this.#timestamps.slice(this.#head)
      this.#head = 0
    }
  }

  /** All records, in order; they stay in the queue. */
  records(): readonly { readonly value: T; readonly timestamp: number }[] {
    const { length } = this.#values
    return Array.from({ length: length - this.#head }, (_, i) => ({
      value: this.#values[this.#head + i] as T,
      timestamp: this.#timestamps[this.#head + i] as number,
    }))
  }
}

/** Below so many taken records, moving the others does not pay. */
const COMPACT_MIN = 1_000
