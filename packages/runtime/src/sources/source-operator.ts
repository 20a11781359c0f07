// Runs a source's reader: pulls records in slices, gives them time, and snapshots its splits.
//
//   open: reader.start, restored splits ─> register ──> coordinator ──> handleCommand: splits, no more splits …
//                                          poll, poll, poll …

import {
  NO_TIMESTAMP,
  MillraceError,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceSplit,
} from '@millrace/core'
import { BaseOperator } from '../operators/base-operator.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList } from '../operators/restored-lists.ts'
import { callFunction, functionFailure, refusePromise } from '../operators/user-function.ts'
import { WatermarkAssigner } from '../watermarks/watermark-assigner.ts'
import { restoredSplits, SPLITS_SLOT } from './restored-splits.ts'
import type { SourceCommand, SourceEvent } from './source-messages.ts'

/** The head of a chain that has no input. */
export class SourceOperator<T> extends BaseOperator implements SourceOutput<T> {
  readonly inputs: readonly Input<never>[] = []
  readonly #assigner: WatermarkAssigner<T>
  readonly #source: Source<T>
  readonly #reader: SourceReader<T>
  /** The splits that the reader came with out of a checkpoint. */
  #restoredSplits: readonly SourceSplit[] = []
  /** Those of them that go back to the enumerator, until it has them: meanwhile they are part of snapshots here. */
  #splitsToGiveBack: readonly SourceSplit[] = []
  #isRegistered = false
  /** What the reader has sent before it was registered. */
  readonly #eventsBefore: SourceEvent[] = []
  #recordCount = 0
  #hasEnded = false

  constructor(context: OperatorContext) {
    super(context)
    this.#assigner = new WatermarkAssigner<T>(context, this.output)
    this.#source = context.functions.resolve<Source<T>>(context.operator.functions['source'])
    this.#reader = this.#source.createReader({
      platform: context.platform,
      subtaskIndex: context.subtaskIndex,
      parallelism: context.parallelism,
      addToAccumulator: (name, amount) => context.accumulators.get(name).add(amount),
      wake: context.wake,
      fail: context.fail,
      sendSplitRequest: () => this.#send({ kind: 'request-split' }),
      sendSourceEvent: (event) => this.#send({ kind: 'custom', event }),
    })
  }

  override async open(): Promise<void> {
    const { restored } = this.context
    await this.#reader.start()
    this.#hasEnded = restored.isFinished
    this.#restoredSplits = restored.isRestored ? restoredSplits(this.context) : []
    if (this.#source.reassignsSplitsOnRecovery === true) {
      this.#splitsToGiveBack = this.#restoredSplits
    } else if (this.#restoredSplits.length > 0) this.#reader.addSplits(this.#restoredSplits)
    this.#assigner.open()
  }

  /** Makes itself known to the coordinator. Called once, when all tasks of the job are open. */
  register(): void {
    this.#isRegistered = true
    const { sendSourceEvent } = this.context
    const hasEnded = this.#hasEnded
    sendSourceEvent({ kind: 'register', splits: this.#restoredSplits, hasEnded })
    this.#restoredSplits = []
    for (const event of this.#eventsBefore.splice(0)) sendSourceEvent(event)
  }

  /** What the coordinator says. */
  handleCommand(command: SourceCommand): void {
    callFunction(this.context.operator, 'source reader', () => this.#obey(command))
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
    const splits = [...this.#splitsToGiveBack, ...this.#reader.snapshot()]
    return { [SPLITS_SLOT]: encodeList(splits), watermark: this.#assigner.snapshot() }
  }

  override notifyCheckpointComplete(checkpointId: number): void | Promise<void> {
    return this.#reader.notifyCheckpointComplete?.(checkpointId)
  }

  override close(): void | Promise<void> {
    this.#assigner.close()
    return this.#reader.close()
  }

  #obey(command: SourceCommand): void {
    switch (command.kind) {
      case 'registered':
        if (this.#source.reassignsSplitsOnRecovery === true) this.#splitsToGiveBack = []
        return
      case 'add-splits':
        if (this.#hasEnded) throw this.#splitsAfterEnd(command.splits)
        return this.#reader.addSplits(command.splits)
      case 'no-more-splits':
        return this.#hasEnded ? undefined : this.#reader.notifyNoMoreSplits()
      case 'custom':
        return this.#reader.handleSourceEvent?.(command.event)
    }
  }

  #send(event: SourceEvent): void {
    if (this.#isRegistered) this.context.sendSourceEvent(event)
    else this.#eventsBefore.push(event)
  }

  #splitsAfterEnd(splits: readonly SourceSplit[]): MillraceError {
    return new MillraceError('FUNCTION_FAILED', {
      expected: `the reader of '${this.context.operator.name}' to go on until it is told of no more splits`,
      came: `an end, and then the split '${splits[0]?.splitId}'`,
      todo: "Let pollNext answer 'end' only after notifyNoMoreSplits, and 'nothing-now' before.",
      ids: { uid: this.context.operator.uid },
    })
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
