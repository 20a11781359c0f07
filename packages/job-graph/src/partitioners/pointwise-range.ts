// Who is connected with whom when an edge connects some with some: the wider side is cut into contiguous runs, one for
// each subtask of the narrower side, as equal as whole numbers allow.
//
//   2 writers, 5 readers     0 ─> 0 1 2     1 ─> 3 4
//   5 writers, 2 readers     0 1 ─> 0       2 3 4 ─> 1
//
// The runs are those of Flink's pointwise distribution, so a plan behaves alike here and there.

/** Subtasks from `start` up to but not including `end`. */
export interface SubtaskRange {
  readonly start: number
  readonly end: number
}

/** The readers that writer `index` of `writers` sends to. */
export function pointwiseReaders(index: number, writers: number, readers: number): SubtaskRange {
  if (writers < readers) {
    return {
      start: Math.ceil((index * readers) / writers),
      end: Math.ceil(((index + 1) * readers) / writers),
    }
  }
  // The one reader whose run of writers holds this one.
  const reader = Math.ceil(((index + 1) * readers) / writers) - 1
  return { start: reader, end: reader + 1 }
}

/** The writers that reader `index` of `readers` receives from. */
export function pointwiseWriters(index: number, writers: number, readers: number): SubtaskRange {
  if (writers < readers) {
    const writer = Math.floor((index * writers) / readers)
    return { start: writer, end: writer + 1 }
  }
  return {
    start: Math.floor((index * writers) / readers),
    end: Math.floor(((index + 1) * writers) / readers),
  }
}
