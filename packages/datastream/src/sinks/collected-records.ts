import { FrameBuffer, frameCodec, type TypeInfo, Types } from '@millrace/core'
import type { CollectedPayload } from '@millrace/job-graph'
import type { CollectPayload } from './collect-sink.ts'

/** The client's half of a `CollectSink`: takes its payloads any number of times, each counting once. */
export class CollectedRecords<T> {
  readonly #type: TypeInfo<T>
  #payloads: ReceivedPayload[] = []
  /** The number after the last payload of each writer: those of a writer come in order, or again. */
  readonly #expected = new Map<string, number>()
  readonly #attempts = new Map<number, number>()

  constructor(type: TypeInfo<T> | undefined) {
    this.#type = type ?? Types.any()
  }

  accept({ subtaskIndex, payload }: CollectedPayload): void {
    const { writer, sequence, attempt, startsOver, frame } = payload as CollectPayload
    if (sequence < (this.#expected.get(writer) ?? 0)) return
    this.#expected.set(writer, sequence + 1)
    this.#attempts.set(subtaskIndex, Math.max(attempt, this.#attempts.get(subtaskIndex) ?? 0))
    if (frame !== '') this.#payloads.push({ subtaskIndex, attempt, startsOver, frame })
  }

  /** All records, in the order in which they came. */
  records(): T[] {
    const records: T[] = []
    for (let taken = this.take(); taken !== undefined; taken = this.take()) {
      records.push(...taken.records)
    }
    return records
  }

  /** The oldest frame that was not taken yet. */
  take(): TakenFrame<T> | undefined {
    for (
      let oldest = this.#payloads.shift();
      oldest !== undefined;
      oldest = this.#payloads.shift()
    ) {
      const { subtaskIndex, attempt, startsOver, frame } = oldest
      const isOutdated = startsOver && attempt !== this.#attempts.get(subtaskIndex)
      if (!isOutdated) return { subtaskIndex, attempt, records: this.#decode(frame) }
    }
    return undefined
  }

  #decode(frame: string): readonly T[] {
    const bytes = Buffer.from(frame, 'base64')
    // A frame is read from an aligned buffer of its own.
    const buffer = new FrameBuffer(new ArrayBuffer(bytes.byteLength))
    buffer.bytes.set(bytes)
    const records: T[] = []
    const count = buffer.countAt(0)
    frameCodec(this.#type).decode(buffer, 0, records, new Float64Array(count))
    return records.slice(0, count)
  }
}

/** The records of one frame, and who sent it. */
export interface TakenFrame<T> {
  readonly subtaskIndex: number
  readonly attempt: number
  readonly records: readonly T[]
}

interface ReceivedPayload {
  readonly subtaskIndex: number
  readonly attempt: number
  /** Set when only the payloads of the subtask's last attempt count. */
  readonly startsOver: boolean
  readonly frame: string
}
