import { FrameBuffer, frameCodec, type TypeInfo, Types } from '@millrace/core'
import type { CollectedPayload } from '@millrace/job-graph'
import type { CollectPayload } from './collect-sink.ts'

/** The client's half of a `CollectSink`: takes its payloads in any order and any number of times, each counting once. */
export class CollectedRecords<T> {
  readonly #type: TypeInfo<T>
  readonly #payloads = new Map<string, ReceivedPayload>()
  readonly #attempts = new Map<number, number>()

  constructor(type: TypeInfo<T> | undefined) {
    this.#type = type ?? Types.any()
  }

  accept({ subtaskIndex, payload }: CollectedPayload): void {
    const { id, attempt, startsOver, frame } = payload as CollectPayload
    if (this.#payloads.has(id)) return
    this.#payloads.set(id, { subtaskIndex, attempt: startsOver ? attempt : undefined, frame })
    this.#attempts.set(subtaskIndex, Math.max(attempt, this.#attempts.get(subtaskIndex) ?? 0))
  }

  /** All records, in the order in which they came. */
  records(): T[] {
    const records: T[] = []
    for (const { subtaskIndex, attempt, frame } of this.#payloads.values()) {
      const isOutdated = attempt !== undefined && attempt !== this.#attempts.get(subtaskIndex)
      if (!isOutdated && frame !== '') this.#decode(frame, records)
    }
    return records
  }

  #decode(frame: string, target: T[]): void {
    const bytes = Buffer.from(frame, 'base64')
    // A frame is read from an aligned buffer of its own.
    const buffer = new FrameBuffer(new ArrayBuffer(bytes.byteLength))
    buffer.bytes.set(bytes)
    const records: T[] = []
    const count = buffer.countAt(0)
    frameCodec(this.#type).decode(buffer, 0, records, new Float64Array(count))
    for (let index = 0; index < count; index++) target.push(records[index] as T)
  }
}

interface ReceivedPayload {
  readonly subtaskIndex: number
  /** Set when only the payloads of the subtask's last attempt count. */
  readonly attempt: number | undefined
  readonly frame: string
}
