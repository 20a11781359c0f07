// What every operator around a sink's writer has in common: the record path, and the cut at a barrier.
//
//   barrier n ──> flush, prepareCommit: committables of n ──> stored in checkpoint n, with all that were not given away
//
// Until committables were given away (committed, or handed to the committer) they stay in every further checkpoint: a failure
// after such a checkpoint would otherwise lose them.

import {
  type CheckpointListener,
  type JsonValue,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type Sink,
  type SinkRecordContext,
  type SinkWriter,
  type SinkWriterContext,
} from '@millrace/core'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList } from '../operators/restored-lists.ts'
import {
  callFunction,
  functionFailure,
  namingOperator,
  refusePromise,
} from '../operators/user-function.ts'

/** What one cut left to commit. */
export interface PreparedCommit {
  readonly checkpointId: number
  readonly committables: Promise<readonly JsonValue[]>
}

class RecordContext implements SinkRecordContext {
  timestamp: number | undefined = undefined
  currentWatermark = MIN_WATERMARK
}

/** The operator of a writer; its heirs say what happens to committables. */
export abstract class WriterOperator<T> extends OneInputOperator<T> {
  protected readonly sink: Sink<unknown, T>
  protected readonly writerContext: SinkWriterContext
  protected readonly writer: SinkWriter<T>
  readonly #recordContext = new RecordContext()
  #prepared: readonly PreparedCommit[] = []
  #isEndOfInput = false

  constructor(context: OperatorContext) {
    super(context)
    this.sink = context.functions.resolve<Sink<unknown, T>>(context.operator.functions['sink'])
    this.writerContext = {
      platform: context.platform,
      subtaskIndex: context.subtaskIndex,
      parallelism: context.parallelism,
      attempt: context.attempt,
      runId: context.runId,
      wake: context.wake,
      fail: context.fail,
      hasCheckpoints: context.hasCheckpoints,
      sendToClient: context.sendToClient,
    }
    this.writer = this.sink.createWriter(this.writerContext)
  }

  override processElement(value: T, timestamp: number): void {
    this.#recordContext.timestamp = timestamp === NO_TIMESTAMP ? undefined : timestamp
    try {
      const result: unknown = this.writer.write(value, this.#recordContext)
      refusePromise(result, this.context.operator, 'sink writer')
    } catch (error) {
      const { operator } = this.context
      throw namingOperator(functionFailure(error, operator, 'sink writer'), operator)
    }
  }

  override processWatermark(watermark: number): void {
    this.#recordContext.currentWatermark = watermark
    if (this.writer.writeWatermark !== undefined) {
      callFunction(this.context.operator, 'writeWatermark method', () =>
        this.writer.writeWatermark?.(watermark),
      )
    }
    this.output.processWatermark(watermark)
  }

  override finish(): void {
    this.#isEndOfInput = true
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    this.writer.flush?.(this.#isEndOfInput)
    this.keep({ checkpointId, committables: this.writer.prepareCommit() })
    const states = this.writer.snapshotState()
    const held = Promise.all(this.#prepared.map((prepared) => prepared.committables))
    return {
      'sink-committables': held.then((lists) => encodeList(lists.flat())),
      'sink-states': encodeList(states),
    }
  }

  override notifyCheckpointAborted(checkpointId: number): void {
    this.notifyWriter('notifyCheckpointAborted', checkpointId)
  }

  override notifyCheckpointSubsumed(checkpointId: number): void {
    this.notifyWriter('notifyCheckpointSubsumed', checkpointId)
  }

  handleClientMessage(message: unknown): void {
    this.writer.handleClientMessage?.(message)
  }

  override get isAvailable(): boolean {
    return this.writer.isAvailable
  }

  override close(): void | Promise<void> {
    return this.writer.close()
  }

  protected notifyWriter(method: keyof CheckpointListener, checkpointId: number): void {
    callFunction(this.context.operator, `${method} method of the writer`, () =>
      this.writer[method]?.(checkpointId),
    )
  }

  /** Holds committables until they are given away. */
  protected keep(prepared: PreparedCommit): void {
    this.#prepared = [...this.#prepared, prepared]
  }

  /**
   * Gives away everything up to a checkpoint. It is held no more when `give` is done; what `give` does after that in the
   * same turn lies before the next cut.
   */
  protected async giveUpTo(
    checkpointId: number,
    give: (committables: readonly JsonValue[]) => void | Promise<void>,
  ): Promise<void> {
    const due = this.#prepared.filter((prepared) => prepared.checkpointId <= checkpointId)
    const lists = await Promise.all(due.map((prepared) => prepared.committables))
    const given = give(lists.flat())
    if (given !== undefined) await given
    this.#prepared = this.#prepared.filter((prepared) => !due.includes(prepared))
  }
}
