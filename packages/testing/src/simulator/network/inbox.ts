import type { Lifetime } from '../time/lifetime.ts'
import type { Timeline } from '../time/timeline.ts'

/** What an inbox is made of. */
export interface InboxOptions {
  /** What arrives here, for the trace and for the report of a simulation that hangs. */
  readonly label: string
  readonly owner: Lifetime
  readonly timeline: Timeline
  /** The inbox is in here while something waits in it. */
  readonly waiting: Set<Waiting>
}

/** Something that cannot go on by itself. */
export interface Waiting {
  /** What waits and why, or `undefined` if nothing can come of it any more. */
  describeWaiting(): string | undefined
}

/**
 * What arrived at one end of a port or connection and its receiver has not taken yet. Items are
 * handed over in order, each in an event of its own, and never inside a call of the receiver.
 */
export class Inbox<Item extends object> implements Waiting {
  readonly #label: string
  readonly #owner: Lifetime
  readonly #timeline: Timeline
  readonly #waiting: Set<Waiting>
  readonly #items: Item[] = []
  #receiver: ((item: Item) => boolean) | undefined
  #isPaused = false
  #isOpen = true

  constructor(options: InboxOptions) {
    this.#label = options.label
    this.#owner = options.owner
    this.#timeline = options.timeline
    this.#waiting = options.waiting
  }

  describeWaiting(): string | undefined {
    if (!this.#owner.isAlive) return undefined
    const reason = this.#isPaused ? 'the receiver paused' : 'nobody receives'
    return `${this.#owner.name} ${this.#label}: ${this.#items.length} waiting, ${reason}`
  }

  /** An item comes in, in an event of the owner. */
  arrive(item: Item): void {
    if (!this.#isOpen) return
    this.#items.push(item)
    this.#waiting.add(this)
    this.#handOverOne()
  }

  /**
   * Sets or replaces the receiver. It answers `false` if it cannot take the item yet; the item is
   * offered again when the next one arrives or when a receiver is set.
   */
  receive(receiver: (item: Item) => boolean): void {
    this.#receiver = receiver
    this.#handOverLater()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#handOverLater()
  }

  /** Forgets what waits and the receiver: nothing is handed over any more. */
  close(): void {
    this.#isOpen = false
    this.#items.length = 0
    this.#waiting.delete(this)
    this.#receiver = undefined
  }

  #handOverLater(): void {
    for (let count = 0; count < this.#items.length; count++) {
      this.#timeline.schedule({
        atMs: this.#timeline.nowMs,
        owner: this.#owner,
        label: this.#label,
        run: () => this.#handOverOne(),
      })
    }
  }

  #handOverOne(): void {
    if (this.#isPaused || this.#receiver === undefined) return
    const item = this.#items.shift()
    if (item === undefined) return
    if (!this.#receiver(item)) this.#items.unshift(item)
    else if (this.#items.length === 0) this.#waiting.delete(this)
  }
}
