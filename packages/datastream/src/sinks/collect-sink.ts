// Brings records to the program that submitted the job, each one once.
//
//   with checkpoints     write -> frames | barrier: frames become committables | commit: sent to the client
//                        a commit may be repeated after a restore; the client knows payloads by writer and number
//   without checkpoints  a frame is sent when it is full or has waited FLUSH_MS; a restart begins from the start, so the
//                        client drops what earlier attempts of the subtask sent
//
// The client tells the writer of each frame that it has used. A writer with FRAMES_AHEAD_MAX frames that are on their way, or
// wait for their commit, and are not used takes no records: a slow client slows the job down. Frames since the last
// barrier do not count, because they cannot be on their way before the next one.
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
  type Timer,
  type TypeDescriptor,
} from '@millrace/core'
import { asJson } from '../graph/as-json.ts'

/** Records on their way to the client: what {@link SinkWriterContext.sendToClient} is given. */
export type CollectPayload = {
  /** Unique in the job: a subtask and its attempt. */
  readonly writer: string
  /** Counts the payloads of the writer; the same when one is sent again. */
  readonly sequence: number
  readonly attempt: number
  /** Whether only this attempt's payloads count: the job has no checkpoints to go on from. */
  readonly startsOver: boolean
  /** A frame of records in base64; empty for a payload without records. */
  readonly frame: string
}

/** What the client answers: it has used a frame of this attempt. */
export type FrameUsed = { readonly attempt: number }

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

/** How long a record waits for its frame to fill up. */
const FLUSH_MS = 20

/** Frames that the client has not used yet, at which the writer takes no more records. */
export const FRAMES_AHEAD_MAX = 16

class CollectWriter<T> implements SinkWriter<T> {
  readonly #codec: FrameCodec<T>
  readonly #context: SinkWriterContext
  readonly #buffer = new FrameBuffer(new ArrayBuffer(16 * 1024))
  readonly #timestamps = new Float64Array(FRAME_RECORDS_MAX)
  #records: T[] = []
  #committables: CollectPayload[] = []
  #sequence = 0
  #framesAhead = 0
  #flushTimer: Timer | undefined

  constructor(codec: FrameCodec<T>, context: SinkWriterContext) {
    this.#codec = codec
    this.#context = context
  }

  get isAvailable(): boolean {
    return this.#framesAhead < FRAMES_AHEAD_MAX
  }

  open(_restored: RestoredSinkState): void {
    const { attempt, hasCheckpoints, sendToClient } = this.#context
    if (attempt > 0 && !hasCheckpoints) sendToClient(this.#payload(''))
  }

  write(value: T): void {
    const count = this.#records.push(value)
    if (count === FRAME_RECORDS_MAX) this.#flush()
    else if (count === 1 && !this.#context.hasCheckpoints) this.#armFlush()
  }

  async prepareCommit(): Promise<readonly JsonValue[]> {
    this.#flush()
    const committables = this.#committables
    this.#committables = []
    this.#framesAhead += committables.length
    return committables
  }

  snapshotState(): readonly JsonValue[] {
    assert(this.#records.length === 0, 'the collect sink is flushed before its state is taken')
    return []
  }

  handleClientMessage(message: unknown): void {
    // What an earlier attempt sent was never counted here.
    if ((message as FrameUsed).attempt !== this.#context.attempt) return
    this.#framesAhead--
    if (this.#framesAhead === FRAMES_AHEAD_MAX - 1) this.#context.wake()
  }

  close(): void {
    this.#flushTimer?.cancel()
  }

  #armFlush(): void {
    this.#flushTimer ??= this.#context.platform.timers.after(FLUSH_MS, () => {
      this.#flushTimer = undefined
      try {
        this.#flush()
      } catch (error) {
        this.#context.fail(error)
      }
    })
  }

  #flush(): void {
    const records = this.#records
    if (records.length === 0) return
    this.#records = []
    const buffer = this.#buffer
    const byteLength = this.#codec.encode(buffer, 0, records, this.#timestamps, records.length)
    const payload = this.#payload(buffer.bytes.toString('base64', 0, byteLength))
    if (this.#context.hasCheckpoints) {
      this.#committables.push(payload)
    } else {
      this.#framesAhead++
      this.#context.sendToClient(payload)
    }
  }

  #payload(frame: string): CollectPayload {
    const { runId, subtaskIndex, attempt, hasCheckpoints } = this.#context
    const writer = `${runId}/${subtaskIndex}/${attempt}`
    return { writer, sequence: this.#sequence++, attempt, startsOver: !hasCheckpoints, frame }
  }
}
