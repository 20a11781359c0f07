// Brings records to the program that submitted the job, each one once.
//
//   with checkpoints     write -> frames | barrier: frames become committables | commit: sent to the client
//                        a commit may be repeated after a restore; the client knows payloads by their id and drops them
//   without checkpoints  a frame is sent when it is full; a restart begins from the start, so the client drops what
//                        earlier attempts of the subtask sent
//
// The client's half is `CollectedRecords`.

import {
  assert,
  type Committer,
  FrameBuffer,
  type FrameCodec,
  frameCodec,
  type JsonValue,
  type RestoredSinkState,
  type Sink,
  type SinkWriter,
  type SinkWriterContext,
  type TypeDescriptor,
} from '@millrace/core'
import { asJson } from '../graph/as-json.ts'

/** Records on their way to the client: what {@link SinkWriterContext.sendToClient} is given. */
export type CollectPayload = {
  /** Unique in the job, and the same when the payload is sent again. */
  readonly id: string
  readonly attempt: number
  /** Whether only this attempt's payloads count: the job has no checkpoints to go on from. */
  readonly startsOver: boolean
  /** A frame of records in base64; empty for a payload without records. */
  readonly frame: string
}

/** The sink behind {@link DataStream.executeAndCollect}. Between two checkpoints, records wait in memory. */
export class CollectSink<T> implements Sink<T> {
  readonly name: string = 'Collect'
  readonly #type: TypeDescriptor

  constructor(type: TypeDescriptor) {
    this.#type = type
  }

  describe(): JsonValue {
    return { sink: 'collect', type: asJson(this.#type) }
  }

  createWriter(context: SinkWriterContext): SinkWriter<T> {
    return new CollectWriter<T>(frameCodec<T>(this.#type), context)
  }

  createCommitter(context: SinkWriterContext): Committer {
    return {
      commit: async (payloads) => {
        for (const payload of payloads) context.sendToClient(payload)
      },
    }
  }
}

/** Records in a frame. */
const FRAME_RECORDS_MAX = 256

class CollectWriter<T> implements SinkWriter<T> {
  readonly isAvailable: boolean = true
  readonly #codec: FrameCodec<T>
  readonly #context: SinkWriterContext
  readonly #buffer = new FrameBuffer(new ArrayBuffer(16 * 1024))
  readonly #timestamps = new Float64Array(FRAME_RECORDS_MAX)
  #records: T[] = []
  #committables: CollectPayload[] = []
  #sequence = 0

  constructor(codec: FrameCodec<T>, context: SinkWriterContext) {
    this.#codec = codec
    this.#context = context
  }

  open(_restored: RestoredSinkState): void {
    const { attempt, hasCheckpoints, sendToClient } = this.#context
    if (attempt > 0 && !hasCheckpoints) sendToClient(this.#payload(''))
  }

  write(value: T): void {
    if (this.#records.push(value) === FRAME_RECORDS_MAX) this.#flush()
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    this.#flush()
    const committables = this.#committables
    this.#committables = []
    return committables
  }

  snapshotState(): readonly JsonValue[] {
    assert(this.#records.length === 0, 'the collect sink is flushed before its state is taken')
    return []
  }

  close(): void {}

  #flush(): void {
    const records = this.#records
    if (records.length === 0) return
    this.#records = []
    const buffer = this.#buffer
    const byteLength = this.#codec.encode(buffer, 0, records, this.#timestamps, records.length)
    const payload = this.#payload(buffer.bytes.toString('base64', 0, byteLength))
    if (this.#context.hasCheckpoints) this.#committables.push(payload)
    else this.#context.sendToClient(payload)
  }

  #payload(frame: string): CollectPayload {
    const { runId, subtaskIndex, attempt, hasCheckpoints } = this.#context
    const id = `${runId}/${subtaskIndex}/${attempt}/${this.#sequence++}`
    return { id, attempt, startsOver: !hasCheckpoints, frame }
  }
}
