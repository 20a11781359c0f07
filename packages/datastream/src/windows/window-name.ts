import type { AnyWindowAssigner, TimeDomain, TimeWindow } from '@millrace/core'

/** How a window operator is called in plans, for example `TumblingEventTimeWindows(10000 ms)`. */
export function windowName<T, W extends TimeWindow>(assigner: AnyWindowAssigner<T, W>): string {
  if (typeof assigner === 'function') return 'CustomWindows'
  switch (assigner.kind) {
    case 'session':
      return `${prefix(assigner.time)}SessionWindows(${assigner.gapMs} ms)`
    case 'dynamic-session':
      return `${prefix(assigner.time)}SessionWindows(dynamic gap)`
    case 'global':
      return 'GlobalWindows'
    case 'sliding': {
      const { time, sizeMs, slideMs } = assigner
      return sizeMs === slideMs
        ? `Tumbling${prefix(time)}Windows(${sizeMs} ms)`
        : `Sliding${prefix(time)}Windows(${sizeMs} ms, ${slideMs} ms)`
    }
  }
}

function prefix(time: TimeDomain): string {
  return time === 'event-time' ? 'EventTime' : 'ProcessingTime'
}
