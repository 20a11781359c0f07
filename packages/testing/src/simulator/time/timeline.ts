// Simulated time. It stands still while code runs and jumps to the next event, so an hour of
// timeouts costs nothing.
//
// Times are multiples of 1/1024 ms. Such fractions are exact in a double, so sums of times and of
// whole milliseconds never differ in the last bit, and a timer is never early by a rounding.

import { EventQueue } from './event-queue.ts'
import type { Lifetime } from './lifetime.ts'

/** The smallest step of simulated time, about a microsecond. */
export const TICK_MS: number = 1 / 1024

/** Something that will happen. */
export interface FutureEvent {
  /** Not before this simulated time; a time that has passed means as soon as possible. */
  readonly atMs: number
  /** On whose behalf; if this lifetime ends before, the event never runs. */
  readonly owner: Lifetime
  /** What it is, for the trace. */
  readonly label: string
  readonly run: () => void
}

/** An event in the queue. */
export interface ScheduledEvent extends FutureEvent {
  readonly sequence: number
  isCanceled: boolean
}

/** The clock and the queue of events of a simulation. */
export class Timeline {
  readonly #queue = new EventQueue<ScheduledEvent>()
  #nowMs = 0
  #sequence = 0

  /** Milliseconds since the start of the simulation. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Lets time pass inside an event: code that waits for a clock to move on must see it move. */
  spend(durationMs: number): void {
    this.#nowMs += wholeTicks(durationMs)
  }

  /** Adds an event. Set `isCanceled` of the answer to take it back. */
  schedule(event: FutureEvent): ScheduledEvent {
    const scheduled: ScheduledEvent = {
      atMs: Math.max(wholeTicks(event.atMs), this.#nowMs),
      sequence: this.#sequence++,
      owner: event.owner,
      label: event.label,
      run: event.run,
      isCanceled: false,
    }
    this.#queue.push(scheduled)
    return scheduled
  }

  /** The next event that will run; it stays in the queue. */
  peek(): ScheduledEvent | undefined {
    for (;;) {
      const event = this.#queue.peek()
      if (event === undefined || canRun(event)) return event
      this.#queue.pop()
    }
  }

  /** Takes the event of {@link peek} out and moves the clock to it. */
  advance(): void {
    const event = this.#queue.pop()
    if (event !== undefined) this.#nowMs = Math.max(this.#nowMs, event.atMs)
  }

  /** The next events that will run, as text, at most `countMax`. */
  describePending(countMax: number): readonly string[] {
    const events = this.#queue.events().filter(canRun)
    events.sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
    return events
      .slice(0, countMax)
      .map((event) => `${event.owner.name} ${event.label} at ${event.atMs.toFixed(3)} ms`)
  }
}

/** Rounds a duration or time up to whole ticks. */
export function wholeTicks(durationMs: number): number {
  return Math.ceil(durationMs / TICK_MS) * TICK_MS
}

function canRun(event: ScheduledEvent): boolean {
  return !event.isCanceled && event.owner.isAlive
}
