import type { WindowAssigner } from '@millrace/core'

/** How a window operator is called in plans, for example `TumblingEventTimeWindows(10000 ms)`. */
export function windowName(assigner: WindowAssigner): string {
  const time = assigner.time === 'event-time' ? 'EventTime' : 'ProcessingTime'
  if (assigner.kind === 'session') return `${time}SessionWindows(${assigner.gapMs} ms)`
  const { sizeMs, slideMs } = assigner
  return sizeMs === slideMs
    ? `Tumbling${time}Windows(${sizeMs} ms)`
    : `Sliding${time}Windows(${sizeMs} ms, ${slideMs} ms)`
}
