// Runs a source's reader: pulls records in slices, gives them time, and snapshots its splits.
//
//   open: reader.start, restored splits ─> register ──> coordinator ──> handleCommand: splits, no more splits …
//                                          poll, poll, poll …
//
// A reader without splits is idle: nobody waits for it. It is not as long as it waits for an answer, to its registration or
// to a request: what it is then given may be old.

import {
  MillraceError,
  type PollResult,
  type Source,
  type SourceOutput,
  type SourceReader,
  type SourceSplit,
  type SplitOutput,
  type WatermarkDeclaration,
  type WatermarkValueOf,
} from '@millrace/core'
import { emitWatermark } from '../generalized-watermarks/emit-watermark.ts'
import { BaseOperator } from '../operators/base-operator.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { encodeList } from '../operators/restored-lists.ts'
import { callFunction, functionFailure, refusePromise } from '../operators/user-function.ts'
import type { RecordTime } from '../watermarks/record-time.ts'
import { WatermarkAssigner } from '../watermarks/watermark-assigner.ts'
import { restoredSplits, SPLITS_SLOT } from './restored-splits.ts'
import { SourceAlignment } from './source-alignment.ts'
import type { SourceCommand, SourceEvent } from './source-messages.ts'

/** The head of a chain that has no input. */
export class SourceOperator<T> extends BaseOperator implements SourceOutput<T> {
  readonly inputs: readonly Input<never>[] = []
  readonly #source: Source<T>
  readonly #reader: SourceReader<T>
  readonly #assigner: WatermarkAssigner<T>
  /** The time of all records; `undefined` if each split has its own. */
  readonly #time: RecordTime<T> | undefined
  readonly #alignment: SourceAlignment | undefined
  /** The ids of the splits that the reader has and has not released. */
  readonly #splitIds = new Set<string>()
  /** What the reader has sent before it was registered. */
  readonly #eventsBefore: SourceEvent[] = []
  /** The splits that the reader came with out of a checkpoint. */
  #restoredSplits: readonly SourceSplit[] = []
  /** Those of them that go back to the enumerator, until it has them: meanwhile they are part of snapshots here. */
  #splitsToGiveBack: readonly SourceSplit[] = []
  #isRegistered = false
  /** The coordinator has not answered yet. */
  #isAnswerAwaited = true
  #hasPolled = false
  /** The last poll found nothing, and the reader has not said since that there is something. */
  #isReaderEmpty = false
  #hasEnded = false
  /** The job is drained: the reader had not come to its end, and what it is still given is not read any more. */
  #isEndedByOrder = false

  constructor(context: OperatorContext) {
    super(context)
    this.#source = context.functions.resolve<Source<T>>(context.operator.functions['source'])
    const isPerSplit = this.#source.hasTimePerSplit === true
    this.#reader = this.#createReader(context)
    this.#assigner = new WatermarkAssigner<T>({
      context,
      output: this.output,
      isPerSplit,
      couldHaveRecords: () => this.#couldHaveRecords(),
    })
    this.#time = this.#assigner.main
    const { alignment } = this.#assigner.config
    if (alignment !== undefined) {
      this.#alignment = new SourceAlignment({
        context,
        alignment,
        reader: this.#reader,
        assigner: this.#assigner,
        isPerSplit,
      })
    }
  }

  override async open(): Promise<void> {
    const { restored } = this.context
    await this.#reader.start()
    this.#hasEnded = restored.isFinished
    this.#assigner.open()
    this.#restoredSplits = restored.isRestored ? restoredSplits(this.context) : []
    if (this.#source.reassignsSplitsOnRecovery === true) {
      this.#splitsToGiveBack = this.#restoredSplits
    } else if (this.#restoredSplits.length > 0) this.#addSplits(this.#restoredSplits)
  }

  /** Makes itself known to the coordinator. Called once, when all tasks of the job are open. */
  register(): void {
    this.#isRegistered = true
    const { sendSourceEvent } = this.context
    const before = this.#eventsBefore.splice(0)
    sendSourceEvent({
      kind: 'register',
      splits: this.#restoredSplits,
      hasEnded: this.#hasEnded,
      requestsSplit: before.some(({ kind }) => kind === 'request-split'),
    })
    this.#restoredSplits = []
    for (const event of before) if (event.kind !== 'request-split') sendSourceEvent(event)
    this.#alignment?.start()
  }

  /** What the coordinator says. */
  handleCommand(command: SourceCommand): void {
    callFunction(this.context.operator, 'source reader', () => this.#obey(command))
  }

  /** Records emitted since the start of this attempt. */
  get recordCount(): number {
    return this.#assigner.recordCount
  }

  /** Emits nothing any more, whatever there is to read. */
  end(): void {
    this.#isEndedByOrder = !this.#hasEnded
    this.#hasEnded = true
  }

  /** Emits up to `recordsMax` records. */
  poll(recordsMax: number): PollResult {
    if (this.#hasEnded) return 'end'
    if (this.#alignment?.isPaused === true) return 'nothing-now'
    this.#hasPolled = true
    this.#isReaderEmpty = false
    const result = this.#pollReader(recordsMax)
    if (result === 'nothing-now') this.#isReaderEmpty = true
    else if (result === 'end') this.#hasEnded = true
    this.#alignment?.check()
    return result
  }

  collect(value: T, timestamp?: number): void {
    if (this.#time === undefined) throw this.#timeIsPerSplit()
    this.#time.collect(value, timestamp)
  }

  markIdle(): void {
    if (this.#time === undefined) throw this.#timeIsPerSplit()
    this.#time.markIdle()
  }

  markActive(): void {
    if (this.#time === undefined) throw this.#timeIsPerSplit()
    this.#time.markActive()
  }

  forSplit(splitId: string): SplitOutput<T> {
    const time = this.#assigner.split(splitId)
    if (time === undefined) throw this.#noTimeOf(splitId)
    return time
  }

  releaseSplit(splitId: string): void {
    if (!this.#splitIds.delete(splitId)) return
    this.#assigner.removeSplit(splitId)
    this.#alignment?.forget(splitId)
    this.#lookForInput()
  }

  emitWatermark<D extends WatermarkDeclaration>(declaration: D, value: WatermarkValueOf<D>): void {
    emitWatermark(this.context, declaration, value)
  }

  override finish(): void {
    this.#assigner.finish()
    this.#alignment?.finish()
  }

  override snapshot(): OperatorSnapshot {
    const splits = [...this.#splitsToGiveBack, ...this.#reader.snapshot()]
    return { [SPLITS_SLOT]: encodeList(splits), ...this.#assigner.snapshot() }
  }

  override notifyCheckpointComplete(checkpointId: number): void | Promise<void> {
    return this.#reader.notifyCheckpointComplete?.(checkpointId)
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

  #notify(
    method: 'notifyCheckpointAborted' | 'notifyCheckpointSubsumed',
    checkpointId: number,
  ): void {
    callFunction(this.context.operator, `${method} method of the reader`, () =>
      this.#reader[method]?.(checkpointId),
    )
  }

  #createReader(context: OperatorContext): SourceReader<T> {
    return this.#source.createReader({
      platform: context.platform,
      operatorName: context.operator.name,
      subtaskIndex: context.subtaskIndex,
      parallelism: context.parallelism,
      addToAccumulator: (name, amount) => context.accumulators.get(name).add(amount),
      wake: () => {
        this.#isReaderEmpty = false
        context.wake()
      },
      fail: context.fail,
      sendSplitRequest: () => {
        this.#isAnswerAwaited = true
        this.#lookForInput()
        this.#send({ kind: 'request-split' })
      },
      sendSourceEvent: (event) => this.#send({ kind: 'custom', event }),
    })
  }

  #obey(command: SourceCommand): void {
    switch (command.kind) {
      case 'registered':
        if (this.#source.reassignsSplitsOnRecovery === true) this.#splitsToGiveBack = []
        return
      case 'add-splits':
        if (this.#isEndedByOrder) return
        if (this.#hasEnded) throw this.#splitsAfterEnd(command.splits)
        return this.#addSplits(command.splits)
      case 'no-splits-now':
        this.#isAnswerAwaited = false
        return this.#lookForInput()
      case 'no-more-splits':
        this.#isAnswerAwaited = false
        this.#lookForInput()
        return this.#hasEnded ? undefined : this.#reader.notifyNoMoreSplits()
      case 'align':
        return this.#alignment?.setLimit(command.maxWatermark)
      case 'custom':
        return this.#reader.handleSourceEvent?.(command.event)
    }
  }

  #addSplits(splits: readonly SourceSplit[]): void {
    this.#isAnswerAwaited = false
    for (const { splitId } of splits) {
      this.#splitIds.add(splitId)
      if (this.#time === undefined) this.#assigner.addSplit(splitId)
    }
    this.#lookForInput()
    this.#reader.addSplits(splits)
  }

  /** Nobody waits for a reader that has nothing to read and is not about to get something. */
  #lookForInput(): void {
    if (this.#hasEnded || !this.#isRegistered) return
    this.#assigner.setWithoutInput(this.#splitIds.size === 0 && !this.#isAnswerAwaited)
  }

  /** Since the last call: the reader was asked, or has nothing to be asked for. */
  #couldHaveRecords(): boolean {
    const isPaused = this.#alignment?.isPaused === true
    const could = !isPaused && this.#splitIds.size > 0 && (this.#hasPolled || this.#isReaderEmpty)
    this.#hasPolled = false
    return could
  }

  #send(event: SourceEvent): void {
    if (this.#isRegistered) this.context.sendSourceEvent(event)
    else this.#eventsBefore.push(event)
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

  #splitsAfterEnd(splits: readonly SourceSplit[]): MillraceError {
    return this.#misuse({
      expected: `the reader of '${this.context.operator.name}' to go on until it is told of no more splits`,
      came: `an end, and then the split '${splits[0]?.splitId}'`,
      todo: "Let pollNext answer 'end' only after notifyNoMoreSplits, and 'nothing-now' before.",
    })
  }

  #timeIsPerSplit(): MillraceError {
    return this.#misuse({
      expected: `the reader of '${this.context.operator.name}' to emit through forSplit`,
      came: 'a record of no split',
      todo: 'Write output.forSplit(splitId).collect(…), or leave hasTimePerSplit out.',
    })
  }

  #noTimeOf(splitId: string): MillraceError {
    const { name } = this.context.operator
    return this.#time === undefined
      ? this.#misuse({
          expected: `a split that the reader of '${name}' has`,
          came: `forSplit('${splitId}') for one that it was not given, or has released`,
          todo: 'Emit the records of a split between addSplits and releaseSplit.',
        })
      : this.#misuse({
          expected: `the source '${name}' to say that it has time per split`,
          came: `forSplit('${splitId}')`,
          todo: 'Set hasTimePerSplit: true, or write output.collect(…).',
        })
  }

  #misuse(facts: { expected: string; came: string; todo: string }): MillraceError {
    const { uid } = this.context.operator
    return new MillraceError('FUNCTION_FAILED', { ...facts, ids: { uid }, isRetryable: false })
  }
}
