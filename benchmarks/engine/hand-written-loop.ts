// What the job of hand-written.ts does, written out by hand for one thread: no operators, no user functions, no
// generality. It is the ceiling for the engine, and keeps to the same rules: a millisecond of work, then the event loop;
// watermarks behind the disorder; a snapshot of all state each second.

import { NexmarkGenerator } from '../nexmark/generator.ts'
import type { NexmarkSourceOptions } from '../nexmark/nexmark-source.ts'

const WINDOW_MS = 10_000
const DISORDER_MS = 1000
const EVENTS_PER_WATERMARK = 1000
const EVENTS_PER_SLICE = 128
const TURN_MS = 1
const SNAPSHOT_EVERY_MS = 1000

interface Average {
  count: number
  sum: number
}

/** Runs over the first events of the generator; resolves with the number of results. */
export function runHandWrittenLoop({
  events,
  ...generation
}: NexmarkSourceOptions): Promise<number> {
  const generator = new NexmarkGenerator(generation)
  const windows = new Map<number, Map<number, Average>>()
  let latest = Number.NEGATIVE_INFINITY
  let watermark = Number.NEGATIVE_INFINITY
  let results = 0
  let resultSum = 0
  let n = 0
  let lastSnapshotMs = performance.now()

  const processEvent = (): void => {
    const { bid } = generator.next()
    n++
    if (bid !== null && bid.price % 10 !== 0) {
      const { auction, dateTime } = bid
      const price = bid.price * 0.908
      if (dateTime > latest) latest = dateTime
      const start = dateTime - (dateTime % WINDOW_MS)
      if (start + WINDOW_MS - 1 > watermark) {
        let window = windows.get(start)
        if (window === undefined) windows.set(start, (window = new Map()))
        let average = window.get(auction)
        if (average === undefined) window.set(auction, (average = { count: 0, sum: 0.5 }))
        average.count++
        average.sum += price
      }
    }
    if (n % EVENTS_PER_WATERMARK === 0) advance(latest - DISORDER_MS - 1)
  }

  const advance = (to: number): void => {
    watermark = to
    for (const [start, window] of windows) {
      if (start + WINDOW_MS - 1 > watermark) continue
      for (const { count, sum } of window.values()) {
        results++
        resultSum += sum / count
      }
      windows.delete(start)
    }
  }

  return new Promise((resolve) => {
    const turn = (): void => {
      const startMs = performance.now()
      do {
        const sliceEnd = Math.min(n + EVENTS_PER_SLICE, events)
        while (n < sliceEnd) processEvent()
        if (n === events) {
          advance(Number.POSITIVE_INFINITY)
          return resolve(Number.isNaN(resultSum) ? 0 : results)
        }
      } while (performance.now() - startMs < TURN_MS)
      if (startMs - lastSnapshotMs >= SNAPSHOT_EVERY_MS) {
        lastSnapshotMs = startMs
        snapshot(windows)
      }
      setImmediate(turn)
    }
    turn()
  })
}

/** All state in one array of numbers. Writing it to a disk would go on beside the loop. */
function snapshot(windows: ReadonlyMap<number, ReadonlyMap<number, Average>>): Float64Array {
  let entries = 0
  for (const window of windows.values()) entries += window.size
  const numbers = new Float64Array(entries * 4)
  let at = 0
  for (const [start, window] of windows) {
    for (const [auction, { count, sum }] of window) {
      numbers[at++] = start
      numbers[at++] = auction
      numbers[at++] = count
      numbers[at++] = sum
    }
  }
  return numbers
}
