// Windows, and the arithmetic that assigners need.

import { MAX_WATERMARK, MIN_WATERMARK } from '../time/timestamps.ts'
import type { TypeDescriptor } from '../types/type-info.ts'

/** A window of time: from `start`, up to but not including `end`. The timestamp of its results is `end - 1`. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** The one window of `GlobalWindows`: all of time. It ends with the stream. */
export const GLOBAL_WINDOW: TimeWindow = Object.freeze({
  start: MIN_WATERMARK,
  end: MAX_WATERMARK + 1,
})

/** How windows are written in snapshots. Doubles, because the end of the global window is past the last safe integer. */
export const TIME_WINDOW_TYPE: TypeDescriptor = {
  kind: 'record',
  fields: [
    { name: 'start', type: { kind: 'double' } },
    { name: 'end', type: { kind: 'double' } },
  ],
}

/** Called for each group of windows that become one: `result` takes the place of `merged`. */
export type MergeCallback<W extends TimeWindow> = (merged: readonly W[], result: W) => void

interface TimeWindowFunctions {
  startOf(
    timestamp: number,
    options: { readonly sizeMs: number; readonly offsetMs?: number },
  ): number
  mergeWindows(windows: readonly TimeWindow[], merge: MergeCallback<TimeWindow>): void
}

/**
 * What assigners of one's own are built from.
 *
 * @example
 * ```ts
 * import { TimeWindow } from 'millrace'
 *
 * console.log(TimeWindow.startOf(12_345, { sizeMs: 10_000 })) // 10000
 * TimeWindow.mergeWindows(
 *   [{ start: 0, end: 5 }, { start: 9, end: 12 }, { start: 5, end: 7 }],
 *   (merged, { start, end }) => console.log(`${merged.length} to [${start}, ${end})`), // 2 to [0, 7)
 * )
 * ```
 */
export const TimeWindow: TimeWindowFunctions = {
  /** The start of the window of one size, side by side with others, that holds `timestamp`. */
  startOf: (timestamp, { sizeMs, offsetMs = 0 }) =>
    Math.floor((timestamp - offsetMs) / sizeMs) * sizeMs + offsetMs,
  /** Calls `merge` for each group of two or more windows that overlap or touch. */
  mergeWindows: mergeTouching,
}

function mergeTouching(windows: readonly TimeWindow[], merge: MergeCallback<TimeWindow>): void {
  let group: TimeWindow[] = []
  let end = Number.NEGATIVE_INFINITY
  const close = (): void => {
    if (group.length > 1) merge(group, { start: (group[0] as TimeWindow).start, end })
  }
  for (const window of windows.toSorted((a, b) => a.start - b.start)) {
    if (group.length > 0 && window.start <= end) {
      group.push(window)
      end = Math.max(end, window.end)
    } else {
      close()
      group = [window]
      end = window.end
    }
  }
  close()
}
