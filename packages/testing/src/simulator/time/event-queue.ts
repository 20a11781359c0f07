// A binary heap: the smallest event is at index 0, the children of index i are at 2i + 1 and 2i +
// 2.

/**
 * What orders events: the earlier one first, and of two at one time the one that was asked for
 * first.
 */
export interface OrderedEvent {
  readonly atMs: number
  readonly sequence: number
}

/** A queue that gives the earliest event first. */
export class EventQueue<Event extends OrderedEvent> {
  readonly #heap: Event[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The earliest event, which stays in the queue. */
  peek(): Event | undefined {
    return this.#heap[0]
  }

  push(event: Event): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]
      if (parent === undefined || isBefore(parent, event)) break
      heap[index] = parent
      index = parentIndex
    }
    heap[index] = event
  }

  /** Takes the earliest event out. */
  pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last !== undefined && heap.length > 0) this.#sink(last)
    return first
  }

  /** All events, in no order. */
  events(): readonly Event[] {
    return this.#heap
  }

  #sink(event: Event): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      const leftIndex = 2 * index + 1
      const left = heap[leftIndex]
      if (left === undefined) break
      const right = heap[leftIndex + 1]
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (isBefore(event, child)) break
      heap[index] = child
      index = isRight ? leftIndex + 1 : leftIndex
    }
    heap[index] = event
  }
}

function isBefore(a: OrderedEvent, b: OrderedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}
