// The records of one key and one side of an interval join, in the order of time. Streams are nearly in order, so a record
// is nearly always appended; a range is found by halving, and what time has passed is a run at the front.

/** Values sorted by timestamp; of equal timestamps, in the order of coming. */
export class TimeBuffer<T> {
  readonly timestamps: number[] = []
  readonly values: T[] = []

  get size(): number {
    return this.timestamps.length
  }

  add(timestamp: number, value: T): void {
    const { timestamps, values } = this
    const last = timestamps.length - 1
    if (last < 0 || (timestamps[last] as number) <= timestamp) {
      timestamps.push(timestamp)
      values.push(value)
      return
    }
    const place = this.firstFrom(timestamp + 1)
    timestamps.splice(place, 0, timestamp)
    values.splice(place, 0, value)
  }

  /** The index of the first value that is not earlier than `timestamp`; the size if there is none. */
  firstFrom(timestamp: number): number {
    const { timestamps } = this
    let low = 0
    let high = timestamps.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((timestamps[middle] as number) < timestamp) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Forgets what is earlier than `timestamp`. */
  dropBefore(timestamp: number): void {
    const count = this.firstFrom(timestamp)
    if (count === 0) return
    this.timestamps.splice(0, count)
    this.values.splice(0, count)
  }
}
