// Timers by timestamp: a heap of the distinct timestamps, and the keys of each. A timer is unique for its key
// and timestamp, so registering twice or deleting costs one look-up, and the heap stays small.
//
// A timestamp whose timers were all deleted stays in the heap, as a number, until it is polled or such numbers are the
// majority; then the heap is built anew.

/** Pending timers of one time domain. */
export class TimerQueue<K> {
  readonly #keysAt = new Map<number, Set<K>>()
  #heap: number[] = []

  /** True if the timer was not there yet. */
  add(timestamp: number, key: K): boolean {
    const keys = this.#keysAt.get(timestamp)
    if (keys !== undefined) {
      const before = keys.size
      return keys.add(key).size > before
    }
    this.#keysAt.set(timestamp, new Set([key]))
    this.#push(timestamp)
    return true
  }

  /** True if the timer was there. */
  delete(timestamp: number, key: K): boolean {
    const keys = this.#keysAt.get(timestamp)
    if (keys?.delete(key) !== true) return false
    if (keys.size > 0) return true
    this.#keysAt.delete(timestamp)
    if (this.#heap.length > 2 * this.#keysAt.size + STALE_MIN) this.#rebuild()
    return true
  }

  /** The earliest timestamp that may have timers, or infinity. */
  get earliest(): number {
    return this.#heap[0] ?? Number.POSITIVE_INFINITY
  }

  /** Takes the timers of the earliest timestamp out of the queue; there may be none. */
  pollEarliest(): { readonly timestamp: number; readonly keys: ReadonlySet<K> } | undefined {
    const timestamp = this.#pop()
    if (timestamp === undefined) return undefined
    const keys = this.#keysAt.get(timestamp) ?? new Set<K>()
    this.#keysAt.delete(timestamp)
    return { timestamp, keys }
  }

  /** Calls `each` for every pending timer. */
  forEach(each: (timestamp: number, key: K) => void): void {
    for (const [timestamp, keys] of this.#keysAt) for (const key of keys) each(timestamp, key)
  }

  /** A sorted array is a heap. */
  #rebuild(): void {
    this.#heap = [...this.#keysAt.keys()].sort((a, b) => a - b)
  }

  #push(timestamp: number): void {
    const heap = this.#heap
    let index = heap.push(timestamp) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as number
      if (above <= timestamp) break
      heap[index] = above
      index = parent
    }
    heap[index] = timestamp
  }

  #pop(): number | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return top
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++
      if ((heap[child] as number) >= last) break
      heap[index] = heap[child] as number
      index = child
    }
    heap[index] = last
    return top
  }
}

/** Below so many numbers of deleted timers, building the heap anew does not pay. */
const STALE_MIN = 64
