// Runs a source's reader: pulls records in slices, gives them time, and snapshots the positions of its splits.

import {
  type CheckpointListener,
  type JsonValue,
  NO_TIMESTAMP,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
} from '@millrace/core'
import { BaseOperator } from '../operators/base-operator.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList, restoredList } from '../operators/restored-lists.ts'
import { callFunction, functionFailure, refusePromise } from '../operators/user-function.ts'
import { WatermarkAssigner } from '../watermarks/watermark-assigner.ts'

/** The head of a chain that has no input. */
export class SourceOperator<T> extends BaseOperator implements SourceOutput<T> {
  readonly inputs: readonly Input<never>[] = []
  readonly #assigner: WatermarkAssigner<T>
  readonly #splits: readonly JsonValue[]
  readonly #reader: SourceReader<T>
  readonly #isBounded: boolean
  #recordCount = 0
  #hasEnded = false

  /** `splits` are this subtask's at a fresh start; a restored subtask goes on with those of the checkpoint. */
  constructor(context: OperatorContext, splits: readonly JsonValue[]) {
    super(context)
    this.#assigner = new WatermarkAssigner<T>(context, this.output)
    this.#splits = splits
    const source = context.functions.resolve<Source<T>>(context.operator.functions['source'])
    this.#isBounded = source.boundedness === 'bounded'
    this.#reader = source.createReader({
      platform: context.platform,
      subtaskIndex: context.subtaskIndex,
      parallelism: context.parallelism,
      addToAccumulator: (name, amount) => context.accumulators.get(name).add(amount),
      wake: context.wake,
      fail: context.fail,
    })
  }

  override async open(): Promise<void> {
    const { restored } = this.context
    const splits = restored.isRestored
      ? restoredList(this.context, 'splits', 'spread')
      : this.#splits
    await this.#reader.open(splits)
    this.#hasEnded = restored.isFinished
    this.#assigner.open()
    // Nothing to read: its time ends before the job begins, so that nobody waits for it.
    if (splits.length === 0 && this.#isBounded) this.#assigner.finish()
  }

  /** Records emitted since the start of this attempt. */
  get recordCount(): number {
    return this.#recordCount
  }

  /** Emits up to `recordsMax` records. */
  poll(recordsMax: number): PollResult {
    if (this.#hasEnded) return 'end'
    const result = this.#pollReader(recordsMax)
    if (result === 'end') this.#hasEnded = true
    return result
  }

  collect(value: T, timestamp: number = NO_TIMESTAMP): void {
    this.#recordCount++
    this.#assigner.emit(value, timestamp)
  }

  override finish(): void {
    this.#assigner.finish()
  }

  override snapshot(): OperatorSnapshot {
    return { splits: encodeList(this.#reader.snapshot()), watermark: this.#assigner.snapshot() }
  }

  override notifyCheckpointComplete(checkpointId: number): void {
    this.#notify('notifyCheckpointComplete', checkpointId)
  }

  override notifyCheckpointAborted(checkpointId: number): void {
    this.#notify('notifyCheckpointAborted', checkpointId)
  }

  override notifyCheckpointSubsumed(checkpointId: number): void {
    this.#notify('notifyCheckpointSubsumed', checkpointId)
  }

  override close(): void | Promise<void> {
    this.#assigner.close()
    return this.#reader.close()
  }

  #notify(method: keyof CheckpointListener, checkpointId: number): void {
    callFunction(this.context.operator, `${method} method of the reader`, () =>
      this.#reader[method]?.(checkpointId),
    )
  }

  #pollReader(recordsMax: number): PollResult {
    try {
      const result = this.#reader.pollNext(this, recordsMax)
      refusePromise(result, this.context.operator, 'source reader')
      return result
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'source reader')
    }
  }
}
