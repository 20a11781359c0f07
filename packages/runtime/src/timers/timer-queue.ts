// Timers by timestamp: a heap of the distinct timestamps, and the keys of each. A timer is unique for its key
// and timestamp, so registering twice or deleting costs one look-up, and the heap stays small.
//
// A timestamp whose timers were all deleted stays in the heap, as a number, until it is polled or such numbers are the
// majority; then the heap is built anew.

import { KeyMap } from '@millrace/state'
import { TimerCut } from './timer-cut.ts'

/** Pending timers of one time domain. */
export class TimerQueue<K> {
  readonly #keysAt = new KeyMap<number, Set<K>>()
  #heap: number[] = []
  #cut: TimerCut<K> | undefined

  /** True if the timer was not there yet. */
  add(timestamp: number, key: K): boolean {
    const keys = this.#keysAt.peek(timestamp)
    if (keys !== undefined) {
      if (this.#cut?.putBack(keys, key) === true) return true
      const before = keys.size
      return keys.add(key).size > before
    }
    this.#keysAt.set(timestamp, new Set([key]))
    this.#push(timestamp)
    return true
  }

  /** True if the timer was there. */
  delete(timestamp: number, key: K): boolean {
    const keys = this.#keysAt.peek(timestamp)
    if (keys === undefined) return false
    if (this.#cut === undefined) {
      if (!keys.delete(key)) return false
      if (keys.size > 0) return true
    } else {
      const left = this.#cut.takeOut(keys, key)
      if (left === undefined) return false
      if (left > 0) return true
    }
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
    const keys = this.#keysAt.peek(timestamp) ?? new Set<K>()
    this.#keysAt.delete(timestamp)
    return { timestamp, keys: this.#cut?.pending(keys) ?? keys }
  }

  /** Calls `each` for every pending timer. */
  forEach(each: (timestamp: number, key: K) => void): void {
    this.#keysAt.forEach((keys, timestamp) => {
      for (const key of this.#cut?.pending(keys) ?? keys) each(timestamp, key)
    })
  }

  /** The timers at this moment. */
  cut(): TimerCut<K> {
    return new TimerCut(this.#keysAt.cut(), (holder) => {
      this.#cut = holder
    })
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
