// What a stream of a job under test brings, kept where the test sees it while the job runs. Exactly once: each writer
// remembers in its state how much it had written, and one that is restored takes back what came after.

import {
  type JsonValue,
  MIN_WATERMARK,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'

/** A record that came, and its event time, if it has one. */
export interface CollectedRecord<T> {
  readonly value: T
  readonly timestamp: number | undefined
}

/**
 * The records of a stream; see {@link MiniEnvironment.collect}.
 *
 * @example
 * ```ts
 * import { MiniEnvironment } from 'millrace/testing'
 *
 * const mini = new MiniEnvironment()
 * const numbers = mini.source<number>()
 * const doubled = mini.collect(numbers.stream.map((n) => 2 * n))
 * numbers.emit(1).emit(2).end()
 * await mini.runToEnd()
 * console.log(doubled.values) // [ 2, 4 ]
 * await mini.close()
 * ```
 */
export class MiniOutput<T> {
  readonly #subtasks: SubtaskOutput<T>[] = []
  #sequence = 0

  /** The records so far, in the order in which they came. What a failed attempt wrote after its last checkpoint is gone. */
  get records(): readonly CollectedRecord<T>[] {
    return this.#subtasks
      .flatMap(({ written }) => written)
      .toSorted((left, right) => left.sequence - right.sequence)
      .map(({ value, timestamp }) => ({ value, timestamp }))
  }

  /** The values of {@link records}. */
  get values(): readonly T[] {
    return this.records.map(({ value }) => value)
  }

  /** How far event time has come at the end of the stream. A subtask that is idle counts with the last it had. */
  get watermark(): number {
    if (this.#subtasks.length === 0) return MIN_WATERMARK
    return Math.min(...this.#subtasks.map(({ watermark }) => watermark))
  }

  /** The sink that brings the records here. */
  sink(): Sink<T> {
    return {
      name: 'MiniOutput',
      describe: () => 'mini output',
      createWriter: (context) => this.#writer(context),
    }
  }

  #writer({ subtaskIndex, parallelism }: SinkWriterContext): SinkWriter<T> {
    while (this.#subtasks.length < parallelism) {
      this.#subtasks.push({ written: [], watermark: MIN_WATERMARK })
    }
    const subtask = this.#subtasks[subtaskIndex] as SubtaskOutput<T>
    return {
      open: ({ states }) => {
        const [writtenCount = 0] = states as readonly number[]
        subtask.written.length = writtenCount
        subtask.watermark = MIN_WATERMARK
      },
      write: (value, { timestamp }) => {
        subtask.written.push({ value, timestamp, sequence: this.#sequence++ })
      },
      writeWatermark: (watermark) => {
        subtask.watermark = watermark
      },
      isAvailable: true,
      prepareCommit: async () => [],
      snapshotState: (): readonly JsonValue[] => [subtask.written.length],
      close: () => {},
    }
  }
}

interface SubtaskOutput<T> {
  readonly written: (CollectedRecord<T> & { readonly sequence: number })[]
  watermark: number
}
