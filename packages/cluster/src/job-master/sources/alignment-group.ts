// The readers of all sources that wait for each other. Pure: it keeps what they report and answers how far each may go.

import { MAX_WATERMARK } from '@millrace/core'

/** One reader of a group. */
export interface AlignedReader {
  readonly vertexId: string
  readonly subtaskIndex: number
}

/** How far the readers of a vertex may go. */
export interface AlignmentLimit {
  readonly vertexId: string
  readonly maxWatermark: number
}

/**
 * The readers of one group. Who has not reported yet, is idle, or has ended (with the end of time as its watermark) holds nobody
 * back; if all are so, there is no limit.
 */
export class AlignmentGroup {
  /** By vertex, how far its readers may be ahead. */
  readonly #maxDriftMs = new Map<string, number>()
  readonly #watermarks = new Map<string, number>()
  #limits: readonly AlignmentLimit[] = []

  addSource(vertexId: string, maxDriftMs: number): void {
    this.#maxDriftMs.set(vertexId, maxDriftMs)
  }

  report({ vertexId, subtaskIndex }: AlignedReader, watermark: number, isIdle: boolean): void {
    const counts = !isIdle && watermark < MAX_WATERMARK
    if (counts) this.#watermarks.set(`${vertexId}/${subtaskIndex}`, watermark)
    else this.#watermarks.delete(`${vertexId}/${subtaskIndex}`)
  }

  /** The limits that have changed since the last call. */
  takeChanges(): readonly AlignmentLimit[] {
    let smallest = MAX_WATERMARK
    for (const watermark of this.#watermarks.values()) smallest = Math.min(smallest, watermark)
    const limits = [...this.#maxDriftMs].map(([vertexId, maxDriftMs]) => ({
      vertexId,
      maxWatermark: Math.min(smallest + maxDriftMs, MAX_WATERMARK),
    }))
    const changes = limits.filter(
      ({ maxWatermark }, index) =>
        maxWatermark !== (this.#limits[index]?.maxWatermark ?? MAX_WATERMARK),
    )
    this.#limits = limits
    return changes
  }
}
