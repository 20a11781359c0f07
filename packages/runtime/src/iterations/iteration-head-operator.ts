// The head of a loop: input 0 is what enters the loop, input 1 what comes back.
//
//   inputs ────────────────┐
//                          ├──> output ──> body … ──┬──> …
//   feedback ──> queue ────┘                        │
//      ▲                                            │
//      └────────────────────<── feedback channels ──┘
//
// No deadlock: the task reads the feedback channels whether or not its output is ready, into a queue, so the body can always
// get rid of what it feeds back. While there is something in the queue nothing new enters the loop. A loop that feeds back
// more than it takes in fills the queue, up to a maximum.
//
// Watermarks of any kind come from the inputs only; the last one of event time waits for the end of the loop. See barrier-round.ts for checkpoints and
// loop-markers.ts for the end.

import {
  MAX_WATERMARK,
  MillraceError,
  MIN_WATERMARK,
  type TypeDescriptor,
  type TypeInfo,
} from '@millrace/core'
import { InputGate } from '@millrace/exchange'
import { OperatorStateBackend } from '@millrace/state'
import { forwardWatermark } from '../generalized-watermarks/watermark-hook.ts'
import { BaseOperator } from '../operators/base-operator.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { restoredTimes } from '../operators/restored-values.ts'
import { BarrierRound } from './barrier-round.ts'
import { FeedbackQueue } from './feedback-queue.ts'
import { LoopMarkers } from './loop-markers.ts'

/** The configuration of the head of a loop, as the API writes it into the plan. */
export interface IterationConfig {
  readonly feedbackType: TypeDescriptor
  /** The side output of what comes back; `null` if it goes on with what enters. */
  readonly feedbackTag: string | null
  readonly queuedRecordsMax: number
}

/** How many queued records go out in a slice. */
const SLICE_RECORDS = 128

const QUEUED = 'queued'
const EMITTED_TIME_SLOT = 'iteration-time'

interface StoredRecord<T> {
  readonly value: T
  readonly timestamp: number
}

/** Lets records go round. The task calls {@link readFeedback}, {@link emitQueued} and {@link takeMarker} in each slice. */
export class IterationHeadOperator<T, F> extends BaseOperator {
  readonly inputs: readonly Input<never>[]
  readonly #config: IterationConfig
  readonly #feedback: InputGate
  readonly #feedbackOutput: Input<unknown>
  readonly #queue = new FeedbackQueue<F>()
  readonly #round: BarrierRound
  readonly #markers: LoopMarkers
  #snapshot: PromiseWithResolvers<Uint8Array> | undefined
  #emittedWatermark = MIN_WATERMARK
  #haveInputsEnded = false
  #hasLoopEnded = false
  /** What the last marker said, and whether it is still on its way. */
  #quietRounds = 0
  #isMarkerUnderWay = false
  #hasEmitted = false

  constructor(context: OperatorContext) {
    super(context)
    const { feedback = new InputGate([]) } = context
    this.#config = context.operator.config as unknown as IterationConfig
    const { feedbackTag } = this.#config
    this.#feedback = feedback
    this.#feedbackOutput = feedbackTag === null ? this.output : context.sideOutput(feedbackTag)
    this.#round = new BarrierRound(feedback.channels.length)
    this.#markers = new LoopMarkers(feedback.channels.length)
    const entering: Input<T> = {
      processElement: (value, timestamp) => {
        this.#hasEmitted = true
        this.output.processElement(value, timestamp)
      },
      processWatermark: (watermark) => {
        if (watermark !== MAX_WATERMARK) this.#emitWatermark(watermark)
      },
      processWatermarkStatus: (isIdle) => this.output.processWatermarkStatus(isIdle),
      processGeneralizedWatermark: (watermark) => forwardWatermark(this.output, watermark),
    }
    const returning: Input<F> = {
      processElement: (value, timestamp) => this.#takeFeedback(value, timestamp),
      processWatermark: () => {},
      processWatermarkStatus: () => {},
      processGeneralizedWatermark: () => {},
    }
    this.inputs = [entering, returning]
  }

  override open(): void {
    const { subtaskIndex, parallelism, restored } = this.context
    const snapshots = restored.slot('operator').map(({ bytes }) => bytes)
    const state = new OperatorStateBackend({ subtaskIndex, parallelism, restored: snapshots })
    const queued = state.getListState({ name: QUEUED, type: this.#storedType() })
    for (const { value, timestamp } of queued.get()) this.#queue.add(value, timestamp)
    const times = restoredTimes(restored, EMITTED_TIME_SLOT)
    if (times.length > 0) this.#emitWatermark(Math.min(...times))
  }

  /** Reads one batch or event of what comes back. True if there was one. */
  readFeedback(): boolean {
    const gate = this.#feedback
    const index = gate.next()
    const item = index < 0 ? undefined : gate.poll(index)
    switch (item?.kind) {
      case undefined:
        return false
      case 'records': {
        const { records, timestamps, count } = item
        for (let i = 0; i < count; i++) this.#takeFeedback(records[i] as F, timestamps[i] as number)
        gate.channels[index]?.channel.release(item)
        return true
      }
      case 'barrier':
        this.#onBarrierReturned(index, item.barrier.checkpointId)
        return true
      case 'loop-marker':
        this.#markers.add(index, item.quietRounds)
        return true
      case 'end-of-data':
        this.#markers.end(index)
        return true
      case 'watermark':
      case 'watermark-status':
      case 'generalized-watermark':
        return true
    }
  }

  /** Sends some of what came back round again. False if there is nothing to send now. */
  emitQueued(): boolean {
    if (this.#round.isUnderWay || this.#queue.size === 0) return false
    this.#hasEmitted = true
    this.#queue.take(SLICE_RECORDS, (value, timestamp) =>
      this.#feedbackOutput.processElement(value, timestamp),
    )
    return true
  }

  /** The next marker to send round, if there is one to send. Finds out when the loop has ended. */
  takeMarker(): number | undefined {
    if (!this.#haveInputsEnded || this.#hasLoopEnded || this.#queue.size > 0) return undefined
    let quietRounds = this.#quietRounds
    if (this.#isMarkerUnderWay) {
      const returned = this.#markers.take()
      if (returned === undefined) return undefined
      quietRounds = Math.min(quietRounds, returned)
    }
    this.#quietRounds = this.#hasEmitted ? 0 : quietRounds + 1
    this.#hasEmitted = false
    this.#isMarkerUnderWay = true
    if (this.#quietRounds <= this.context.parallelism) return this.#quietRounds
    this.#hasLoopEnded = true
    this.#emitWatermark(MAX_WATERMARK)
    return undefined
  }

  override finish(): void {
    this.#haveInputsEnded = true
  }

  override get isDrained(): boolean {
    return this.#hasLoopEnded
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    this.#snapshot?.reject(new Error('a newer checkpoint began before the barrier had gone round'))
    this.#snapshot = Promise.withResolvers()
    // Given up by a newer one, it may have nobody who waits for it.
    this.#snapshot.promise.catch(() => {})
    const { promise } = this.#snapshot
    const isBack = this.#round.begin(checkpointId)
    this.#blockReturned()
    if (isBack) this.#completeSnapshot()
    return {
      operator: promise,
      [EMITTED_TIME_SLOT]: new TextEncoder().encode(String(this.#emittedWatermark)),
    }
  }

  /** What came back goes round again at once. */
  override notifyCheckpointAborted(checkpointId: number): void {
    this.#round.abort(checkpointId)
    if (!this.#round.isUnderWay) {
      this.#snapshot?.reject(new Error('the checkpoint was given up'))
      this.#snapshot = undefined
    }
    this.#blockReturned()
    this.context.wake()
  }

  override close(): void {
    this.#feedback.close()
  }

  #onBarrierReturned(channelIndex: number, checkpointId: number): void {
    switch (this.#round.onReturn(channelIndex, checkpointId)) {
      case 'ignore':
        return
      case 'block':
        return this.#feedback.block(channelIndex)
      case 'complete':
        this.#feedback.unblockAll()
        this.#completeSnapshot()
    }
  }

  #blockReturned(): void {
    this.#feedback.unblockAll()
    for (const index of this.#round.blocked) this.#feedback.block(index)
  }

  #completeSnapshot(): void {
    this.#snapshot?.resolve(this.#encodeQueue())
    this.#snapshot = undefined
  }

  #encodeQueue(): Uint8Array {
    const { subtaskIndex, parallelism } = this.context
    const state = new OperatorStateBackend({ subtaskIndex, parallelism })
    const type = this.#storedType()
    state.getListState({ name: QUEUED, type }).update(this.#queue.records())
    return state.snapshot()
  }

  #storedType(): TypeInfo<StoredRecord<F>> {
    const type: TypeDescriptor = {
      kind: 'record',
      fields: [
        { name: 'value', type: this.#config.feedbackType },
        { name: 'timestamp', type: { kind: 'long' } },
      ],
    }
    return type as TypeInfo<StoredRecord<F>>
  }

  #takeFeedback(value: F, timestamp: number): void {
    const { name, uid } = this.context.operator
    if (this.#hasLoopEnded) {
      throw new MillraceError('ITERATION_INVALID', {
        expected: `nothing to be fed back to '${name}' after its loop has ended`,
        came: 'a record of a window or timer that fires at the end of the input',
        todo: 'Feed back only what follows from records that go round the loop.',
        ids: { uid },
      })
    }
    if (this.#queue.size >= this.#config.queuedRecordsMax) {
      throw new MillraceError('ITERATION_INVALID', {
        expected: `at most ${this.#config.queuedRecordsMax} records waiting to go round the loop of '${name}' again`,
        came: 'one more',
        todo: 'Feed back fewer records than go round, or raise the option queuedRecordsMax of iterate.',
        ids: { uid },
      })
    }
    this.#queue.add(value, timestamp)
  }

  #emitWatermark(watermark: number): void {
    if (watermark <= this.#emittedWatermark) return
    this.#emittedWatermark = watermark
    this.output.processWatermark(watermark)
  }
}
