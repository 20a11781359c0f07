// Runs a sink: its writer in the record path, its committer when a checkpoint is complete.
//
//   barrier n ──> prepareCommit: committables of n ──> stored in checkpoint n
//   n complete ─> commit everything up to n          (asynchronous; a failure fails the job, which commits again)
//   restored ───> commit everything the checkpoint holds, before the first record
//
// Commits run one after another, in the order of the checkpoints. Until a commit has succeeded its committables stay in
// every further checkpoint: a failure after such a checkpoint would otherwise lose them.

import {
  type Committer,
  type JsonValue,
  NO_TIMESTAMP,
  MIN_WATERMARK,
  type Sink,
  type SinkRecordContext,
  type SinkWriter,
} from '@millrace/core'
import { OneInputOperator } from '../operators/base-operator.ts'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList, restoredList } from '../operators/restored-lists.ts'
import { functionFailure, namingOperator, refusePromise } from '../operators/user-function.ts'

interface PreparedCommit {
  readonly checkpointId: number
  readonly committables: Promise<readonly JsonValue[]>
}

class RecordContext implements SinkRecordContext {
  timestamp: number | undefined = undefined
  currentWatermark = MIN_WATERMARK
}

/** The end of a chain. */
export class SinkOperator<T> extends OneInputOperator<T> {
  readonly #writer: SinkWriter<T>
  readonly #committer: Committer | undefined
  readonly #recordContext = new RecordContext()
  #prepared: readonly PreparedCommit[] = []
  #commits: Promise<void> = Promise.resolve()

  constructor(context: OperatorContext) {
    super(context)
    const sink = context.functions.resolve<Sink<T>>(context.operator.functions['sink'])
    const writerContext = {
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
    this.#writer = sink.createWriter(writerContext)
    this.#committer = sink.createCommitter?.(writerContext)
  }

  override async open(): Promise<void> {
    const { restored } = this.context
    const committables = restoredList(this.context, 'sink-committables', 'whole')
    if (committables.length > 0) await this.#committer?.commit(committables)
    await this.#writer.open({
      isRestored: restored.isRestored,
      states: restoredList(this.context, 'sink-states', 'whole'),
      committables,
    })
  }

  override processElement(value: T, timestamp: number): void {
    this.#recordContext.timestamp = timestamp === NO_TIMESTAMP ? undefined : timestamp
    try {
      const result: unknown = this.#writer.write(value, this.#recordContext)
      refusePromise(result, this.context.operator, 'sink writer')
    } catch (error) {
      const { operator } = this.context
      throw namingOperator(functionFailure(error, operator, 'sink writer'), operator)
    }
  }

  override processWatermark(watermark: number): void {
    this.#recordContext.currentWatermark = watermark
    this.output.processWatermark(watermark)
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    const committables = this.#writer.prepareCommit()
    const states = this.#writer.snapshotState()
    this.#prepared = [...this.#prepared, { checkpointId, committables }]
    const uncommitted = Promise.all(this.#prepared.map((prepared) => prepared.committables))
    return {
      'sink-committables': uncommitted.then((lists) => encodeList(lists.flat())),
      'sink-states': encodeList(states),
    }
  }

  override notifyCheckpointComplete(checkpointId: number): Promise<void> {
    this.#commits = this.#commits.then(() => this.#commitUpTo(checkpointId))
    return this.#commits
  }

  async #commitUpTo(checkpointId: number): Promise<void> {
    const due = this.#prepared.filter((prepared) => prepared.checkpointId <= checkpointId)
    const lists = await Promise.all(due.map((prepared) => prepared.committables))
    const committables = lists.flat()
    if (committables.length > 0) await this.#committer?.commit(committables)
    this.#prepared = this.#prepared.filter((prepared) => !due.includes(prepared))
  }

  override get isAvailable(): boolean {
    return this.#writer.isAvailable
  }

  handleClientMessage(message: unknown): void {
    this.#writer.handleClientMessage?.(message)
  }

  override close(): void | Promise<void> {
    return this.#writer.close()
  }
}
