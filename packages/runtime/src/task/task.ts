// One task: a chain of operators, its input gate and its writers. See task-state.ts for its life.
//
//   gate ──batch, event──> [ operator ─> operator ─> … ] ──> writers ──> channels
//                 or  source poll ──┘
//
// The loop calls `runSlice` again and again; everything else arrives as mail. A slice ends when there is no input, when a
// writer or operator is full, or after one batch.

import type { StateHandle } from '@millrace/checkpoint'
import { type AccumulatorTotals, type Clock, MillraceError, MIN_WATERMARK } from '@millrace/core'
import type { Barrier, InputGate, RecordBatch, RecordWriter, StreamEvent } from '@millrace/exchange'
import type { IterationHeadOperator } from '../iterations/iteration-head-operator.ts'
import { LoopMarkers } from '../iterations/loop-markers.ts'
import { GateWatermarks } from '../generalized-watermarks/gate-watermarks.ts'
import type { Input, RestoredOperator } from '../operators/operator.ts'
import { functionFailure } from '../operators/user-function.ts'
import type { SourceCommand } from '../sources/source-messages.ts'
import type { SourceOperator } from '../sources/source-operator.ts'
import type { ProcessingTimeService } from '../timers/processing-time-service.ts'
import { type ChainedOperator, openOperator } from './chained-operator.ts'
import { InputTime } from './input-time.ts'
import type { OutputFlusher } from './output-flusher.ts'
import { type CheckpointListener, type StateBlob, TaskCheckpoints } from './task-checkpoints.ts'
import type { LoopTask, TaskLoop } from './task-loop.ts'
import { assertTaskTransition, type TaskState } from './task-state.ts'

/** How many records a source emits between two looks at the clock and the outputs. */
const SLICE_RECORDS = 128

/** Whom a task tells. The calls come from the loop, or from a promise that settled. */
export interface TaskListener extends CheckpointListener {
  /** All input has ended and was processed. */
  onDrained(): void
  /** Called once. The task does nothing any more. */
  onFailed(error: unknown): void
}

/** What a task is made of. */
export interface TaskInit {
  readonly name: string
  readonly subtaskIndex: number
  readonly loop: TaskLoop
  readonly clock: Clock
  /** In chain order: each after the one it reads from. */
  readonly chain: readonly ChainedOperator[]
  /** The head of the chain if it is a source; then the gate has no channels. */
  readonly source: SourceOperator<unknown> | undefined
  /** The head of the chain if it is the head of a loop; it reads what comes back itself. */
  readonly iterationHead: IterationHeadOperator<unknown, unknown> | undefined
  readonly gate: InputGate
  /** What the checkpoint that is restored holds for the first operator. */
  readonly restoredHead: RestoredOperator
  /** The watermark of each input at the checkpoint that is restored; empty at a fresh start. */
  readonly restoredWatermarks: readonly number[]
  readonly writers: readonly RecordWriter<unknown>[]
  /** Those of the writers whose records may come back. */
  readonly loopWriters: readonly RecordWriter<unknown>[]
  /** The task's own, for the buffer timeout. */
  readonly processingTime: ProcessingTimeService
  readonly listener: TaskListener
  /** Sends what waits in frames. */
  readonly flusher: OutputFlusher
  /** Stores one blob of a checkpoint. */
  readonly storeState: (blob: StateBlob) => Promise<StateHandle>
}

/** A running chain of operators. */
export class Task implements LoopTask {
  readonly name: string
  readonly #init: TaskInit
  readonly #inputs: readonly Input<unknown>[]
  readonly #checkpoints: TaskCheckpoints
  readonly #clocks: readonly InputTime[]
  readonly #generalizedWatermarks: GateWatermarks
  /** The place of each channel among those of its input. */
  readonly #places: readonly number[]
  readonly #markers: LoopMarkers
  /** A marker of a loop that is to be sent on. */
  #marker: number | undefined
  #state: TaskState = 'created'
  #opening: Promise<void> = Promise.resolve()
  /** What came for the operators while they may not work: before the start, or behind a stopping barrier. */
  #laterMail: (() => void)[] = []
  /**
   * The stopping barrier that has passed. Until it is given up nothing is done but to commit, to pass on what commits bring, and to
   * let the barrier go round a loop.
   */
  #heldBy: number | undefined
  #endedChannels = 0
  /** All input has ended; the operators end, one after another. */
  #isEnding = false
  #isFinishCalled = false
  #drainedOperators = 0

  constructor(init: TaskInit) {
    this.name = init.name
    this.#init = init
    const { channels } = init.gate
    this.#inputs = (init.chain[0]?.operator.inputs ?? []) as readonly Input<unknown>[]
    this.#places = channels.map(
      ({ input }, index) => channels.slice(0, index).filter((one) => one.input === input).length,
    )
    this.#clocks = this.#inputs.map((input, index) => {
      const memberCount = channels.filter((channel) => channel.input === index).length
      return new InputTime(input, memberCount, init.restoredWatermarks[index])
    })
    this.#markers = new LoopMarkers(channels.length)
    this.#generalizedWatermarks = new GateWatermarks({
      channels,
      head: this.#inputs[0],
      subtaskIndex: init.subtaskIndex,
      restored: init.restoredHead,
    })
    this.#checkpoints = new TaskCheckpoints({
      ...init,
      generalizedWatermarks: this.#generalizedWatermarks,
      inputWatermarks: () => this.#clocks.map(({ watermark }) => watermark),
      isFinished: () => this.#state === 'drained',
      onStopping: (checkpointId) => {
        this.#heldBy = checkpointId
      },
    })
  }

  get state(): TaskState {
    return this.#state
  }

  /** Opens the operators, last one first, so that each finds its readers open. */
  open(): Promise<void> {
    this.#moveTo('opening')
    this.#opening = this.#openOperators()
    return this.#opening
  }

  /**
   * Begins to process. All tasks of the job are open by now, so no record comes too early. A task that has failed in the
   * meantime, a source whose connection broke, stays failed.
   */
  start(): void {
    if (this.#isOver()) return
    this.#moveTo('running')
    this.#init.source?.register()
    this.#runLaterMail()
    this.#init.loop.wake(this)
  }

  runSlice(nowMs: number): boolean {
    if (this.#state !== 'running' && this.#state !== 'drained') return false
    try {
      const { iterationHead, loopWriters } = this.#init
      const hasFeedback = iterationHead?.readFeedback() ?? false
      const hasMore = this.#work() || hasFeedback
      if (this.#heldBy === undefined) {
        if (this.#isEnding) this.#drain()
        if (loopWriters.length > 0) this.#passMarker()
      }
      this.#init.flusher.afterSlice(nowMs, hasMore)
      return hasMore
    } catch (error) {
      this.fail(error)
      return false
    }
  }

  /**
   * Runs mail for this task, at its start if that is still to come; what it throws fails the task. What it emits is sent,
   * though there may be no slice for long.
   */
  run(mail: () => void): void {
    if (this.#heldBy === undefined) this.runCommand(mail)
    else if (!this.#isOver()) this.#laterMail.push(mail)
  }

  /** Like {@link run}, for what the coordinator says about checkpoints: a stopping barrier does not hold it up. */
  runCommand(mail: () => void): void {
    if (this.#isOver()) return
    if (this.#state !== 'running' && this.#state !== 'drained') {
      this.#laterMail.push(mail)
      return
    }
    try {
      mail()
    } catch (error) {
      return this.fail(error)
    }
    if (this.#state === 'running') this.#init.flusher.afterMail()
  }

  /** What the coordinator says to the task's source. */
  handleSourceCommand(command: SourceCommand): void {
    this.#init.source?.handleCommand(command)
    this.#init.loop.wake(this)
  }

  /** Ends the task's source as if it had no more records, so that all behind it drains. A task with input ends with it. */
  endInput(): void {
    const { source, loop } = this.#init
    if (source === undefined) return
    source.end()
    this.#isEnding = true
    loop.wake(this)
  }

  /** Begins a checkpoint at a task without input; the others see its barrier. */
  triggerCheckpoint(barrier: Barrier): void {
    if (this.#state === 'running' || this.#state === 'drained') this.#checkpoints.trigger(barrier)
  }

  /** Whether an operator has something left that only a further final checkpoint ends. */
  get needsCheckpoint(): boolean {
    return this.#init.chain.some(({ operator }) => operator.needsCheckpoint === true)
  }

  /** The checkpoint is durable: sinks commit. Rejects if one cannot. */
  async notifyCheckpointComplete(checkpointId: number): Promise<void> {
    if (this.#isOver()) return
    await Promise.all(
      this.#init.chain.map(async (chained) => {
        try {
          await chained.operator.notifyCheckpointComplete(checkpointId)
        } catch (error) {
          throw functionFailure(error, chained, 'commit')
        }
      }),
    )
  }

  /** The checkpoint failed. Should its barrier still be on the way, no state is cut for it any more. */
  notifyCheckpointAborted(checkpointId: number): void {
    this.#checkpoints.abort(checkpointId)
    for (const { operator } of this.#init.chain) operator.notifyCheckpointAborted(checkpointId)
    if (this.#heldBy === undefined || this.#heldBy > checkpointId) return
    this.#heldBy = undefined
    this.#runLaterMail()
    this.#init.loop.wake(this)
  }

  /** A newer checkpoint has taken the place of this complete one. */
  notifyCheckpointSubsumed(checkpointId: number): void {
    for (const { operator } of this.#init.chain) operator.notifyCheckpointSubsumed(checkpointId)
  }

  /** Hands an operator of the chain what the program that submitted the job sends it. */
  handleClientMessage(uid: string, message: unknown): void {
    const addressed = this.#init.chain.find((chained) => chained.uid === uid)
    if (addressed === undefined || (this.#state !== 'running' && this.#state !== 'drained')) return
    this.run(() => addressed.operator.handleClientMessage?.(message))
  }

  /** The job is done. */
  async finish(): Promise<void> {
    this.#moveTo('finished')
    await this.#close()
  }

  /** Stops at once; an operator that is still opening is waited for. Resolves when everything is given up. */
  async cancel(): Promise<void> {
    if (this.#state === 'finished' || this.#state === 'canceled') return
    this.#moveTo('canceled')
    await this.#opening
    await this.#close()
  }

  /** The task cannot go on. */
  fail(error: unknown): void {
    if (this.#isOver()) return
    this.#moveTo('failed')
    this.#init.listener.onFailed(error)
  }

  /** Whether input would have to wait: an output is full, or some channels wait for a barrier on the others. */
  get isInputBlocked(): boolean {
    return this.#checkpoints.isAligning || !this.#isAvailable()
  }

  /** Adds the accumulators of all operators into `totals`. One that throws, of a class of the user, fails the task. */
  addAccumulatorsInto(totals: AccumulatorTotals): void {
    for (const chained of this.#init.chain) {
      try {
        chained.accumulators.addInto(totals)
      } catch (error) {
        this.fail(functionFailure(error, chained, 'snapshot of an accumulator'))
      }
    }
  }

  /** Records emitted by the task's source, by its uid. */
  get sourceRecords(): { readonly uid: string; readonly count: number } | undefined {
    const { source, chain } = this.#init
    if (source === undefined || chain[0] === undefined) return undefined
    return { uid: chain[0].uid, count: source.recordCount }
  }

  async #openOperators(): Promise<void> {
    try {
      for (const chained of this.#init.chain.toReversed()) {
        await openOperator(chained)
        if (this.#state !== 'opening') return
      }
      this.#restoreTime()
      this.#moveTo('open')
    } catch (error) {
      this.fail(error)
    }
  }

  /**
   * Tells the operators, and the readers of this task, how far time had come: what was late before the restart is late after
   * it, however the first records and watermarks of several channels meet.
   */
  #restoreTime(): void {
    this.#init.restoredWatermarks.forEach((watermark, input) => {
      if (watermark > MIN_WATERMARK) this.#inputs[input]?.processWatermark(watermark)
    })
    for (const writer of this.#init.writers) writer.flush()
  }

  #runLaterMail(): void {
    for (const mail of this.#laterMail.splice(0)) this.run(mail)
  }

  #work(): boolean {
    const isAvailable = this.#isAvailable()
    // Behind a stopping barrier nothing comes but what commits bring.
    if (this.#heldBy !== undefined) return isAvailable && this.#readGate()
    if (isAvailable && this.#init.iterationHead?.emitQueued() === true) return true
    // After the last record only barriers come: they wait for nobody.
    return (isAvailable || this.#isEnding) && this.#step()
  }

  #step(): boolean {
    return this.#init.source === undefined ? this.#readGate() : this.#pollSource(this.#init.source)
  }

  #pollSource(source: SourceOperator<unknown>): boolean {
    if (this.#isEnding) return false
    const result = source.poll(SLICE_RECORDS)
    if (result === 'end') this.#isEnding = true
    return result === 'more'
  }

  #readGate(): boolean {
    const { gate } = this.#init
    const index = gate.next()
    if (index < 0) return false
    const item = gate.poll(index)
    if (item === undefined) return true
    if (item.kind === 'records') this.#processBatch(index, item)
    else this.#processEvent(index, item)
    return true
  }

  #processBatch(index: number, batch: RecordBatch<unknown>): void {
    const { gate } = this.#init
    const channel = gate.channels[index]
    const input = this.#inputs[channel?.input ?? 0] as Input<unknown>
    const { records, timestamps, count } = batch
    for (let i = 0; i < count; i++) input.processElement(records[i], timestamps[i] as number)
    channel?.channel.release(batch)
  }

  #processEvent(index: number, event: StreamEvent): void {
    switch (event.kind) {
      case 'watermark':
        return this.#timeOf(index).onWatermark(this.#places[index] as number, event.watermark)
      case 'watermark-status':
        return this.#timeOf(index).onStatus(this.#places[index] as number, event.isIdle)
      case 'generalized-watermark':
        return this.#generalizedWatermarks.onWatermark(index, event.watermark)
      case 'barrier':
        return this.#checkpoints.onBarrier(index, event.barrier)
      case 'loop-marker':
        return this.#markers.add(index, event.quietRounds)
      case 'end-of-data':
        this.#markers.end(index)
        this.#generalizedWatermarks.onEnd(index)
        if (++this.#endedChannels === this.#init.gate.channels.length) this.#isEnding = true
    }
  }

  #timeOf(channelIndex: number): InputTime {
    return this.#clocks[this.#init.gate.channels[channelIndex]?.input ?? 0] as InputTime
  }

  /** Sends the marker of a loop on, behind all that follows from the records before it. */
  #passMarker(): void {
    const { chain, iterationHead, loopWriters } = this.#init
    this.#marker ??= iterationHead === undefined ? this.#markers.take() : iterationHead.takeMarker()
    if (this.#marker === undefined) return
    for (const { operator } of chain) {
      if (operator !== iterationHead && !operator.isDrained) return
    }
    const marker = { kind: 'loop-marker', quietRounds: this.#marker } as const
    this.#marker = undefined
    for (const writer of loopWriters) writer.event(marker)
  }

  /**
   * All input has ended: the operators emit what they hold back, each when all before it have done so, then the readers learn
   * of the end. Goes on where it stopped when an operator had to wait. Timers of processing time that are still pending when
   * their operator has ended do not fire any more: what they emit would come after the end.
   */
  #drain(): void {
    if (!this.#isEnding || this.#state !== 'running') return
    for (const { operator, processingTime } of this.#init.chain.slice(this.#drainedOperators)) {
      if (!this.#isFinishCalled) operator.finish()
      this.#isFinishCalled = true
      if (!operator.isDrained) return
      processingTime.close()
      this.#isFinishCalled = false
      this.#drainedOperators++
    }
    this.#init.processingTime.close()
    for (const writer of this.#init.writers) writer.event({ kind: 'end-of-data' })
    this.#moveTo('drained')
    this.#init.listener.onDrained()
  }

  #isAvailable(): boolean {
    let isAvailable = true
    for (const writer of this.#init.writers) if (!writer.isReady) isAvailable = false
    for (const { operator } of this.#init.chain) if (!operator.isAvailable) isAvailable = false
    return isAvailable
  }

  #isOver(): boolean {
    return this.#state === 'finished' || this.#state === 'canceled' || this.#state === 'failed'
  }

  async #close(): Promise<void> {
    this.#init.loop.remove(this)
    this.#init.processingTime.close()
    for (const { processingTime } of this.#init.chain) processingTime.close()
    this.#init.gate.close()
    const closings = this.#init.chain.map(async ({ operator }) => operator.close())
    const failures = (await Promise.allSettled(closings)).filter(
      ({ status }) => status === 'rejected',
    )
    const [failure] = failures
    if (failure?.status === 'rejected' && this.#state === 'finished') {
      throw new MillraceError('FUNCTION_FAILED', {
        expected: `the operators of '${this.name}' to close`,
        came: String(failure.reason),
        todo: 'Its cause has the stack trace.',
        cause: failure.reason,
      })
    }
  }

  #moveTo(next: TaskState): void {
    assertTaskTransition(this.#state, next, this.name)
    this.#state = next
  }
}
