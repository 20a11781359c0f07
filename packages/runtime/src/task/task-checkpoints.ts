// The checkpoints of one task: from the barriers on its channels to the acknowledgement.
//
//   barrier ──> BarrierAligner ──> cut: barrier to the writers, snapshot of every operator ──┬──> store each slot ──> acknowledge,
//      ▲                            └──> TapeRecorder: what the barrier has overtaken ───────┘                      or decline
//      └─ taken in its place, or just come into a queue, or the time is over
//
// The cut is one step, and nothing comes in between; recording and storing go on beside the records.

import type {
  OperatorSnapshot as AcknowledgedSnapshot,
  StateHandle,
  TaskCheckpointFigures,
} from '@millrace/checkpoint'
import type { Clock, Timer } from '@millrace/core'
import type { Barrier, InputGate, RecordWriter } from '@millrace/exchange'
import type { Tape } from '@millrace/state'
import { BarrierAligner, type BarrierDecision } from '../barriers/barrier-aligner.ts'
import {
  type GateWatermarks,
  GENERALIZED_WATERMARKS_SLOT,
} from '../generalized-watermarks/gate-watermarks.ts'
import { CHANNELS_SLOT } from '../in-flight/restored-tapes.ts'
import { TapeRecorder } from '../in-flight/tape-recorder.ts'
import type { TaskReplays } from '../in-flight/task-replays.ts'
import { functionFailure, namingOperator } from '../operators/user-function.ts'
import type { ProcessingTimeService } from '../timers/processing-time-service.ts'
import type { ChainedOperator } from './chained-operator.ts'
import { encodeWatermarks, TIME_SLOT } from './restored-times.ts'
import type { TaskTime } from './task-time.ts'

/** Whom a task tells of its checkpoints. The calls come from a promise that settled. */
export interface CheckpointListener {
  onAcknowledged(checkpointId: number, acknowledgement: Acknowledgement): void
  /** The snapshot could not be stored; the task goes on. */
  onDeclined(checkpointId: number, error: unknown): void
}

/** What a task says about its part of a checkpoint, once all of it is stored. */
export interface Acknowledgement {
  readonly snapshots: readonly AcknowledgedSnapshot[]
  readonly figures: TaskCheckpointFigures
}

/** One blob of a checkpoint. */
export interface StateBlob {
  readonly checkpointId: number
  readonly uid: string
  readonly subtaskIndex: number
  readonly slot: string
  readonly bytes: Uint8Array
  /** Of a savepoint: where it goes, in place of the checkpoint directory. */
  readonly savepointDirectory?: string | undefined
}

/** What the checkpoints of a task are made from. */
export interface TaskCheckpointsInit {
  readonly subtaskIndex: number
  readonly clock: Clock
  readonly chain: readonly ChainedOperator[]
  readonly gate: InputGate
  readonly writers: readonly RecordWriter<unknown>[]
  readonly listener: CheckpointListener
  /** Stores one blob of a checkpoint. */
  readonly storeState: (blob: StateBlob) => Promise<StateHandle>
  readonly time: TaskTime
  /** What the channels have said by watermarks of the user's own kinds. */
  readonly generalizedWatermarks: GateWatermarks
  readonly replays: TaskReplays
  readonly processingTime: ProcessingTimeService
  /** Runs `mail` between two slices of the task, in time. */
  readonly enqueue: (mail: () => void) => void
  /** Channels that waited may go on. */
  readonly wake: () => void
  /** Whether all input has ended and was processed. */
  readonly isFinished: () => boolean
  /** A stopping barrier has passed: nothing is done behind it until it is given up. */
  readonly onStopping: (checkpointId: number) => void
}

/** A slot of an operator's state, and its bytes. */
type Blob = [slot: string, bytes: Uint8Array | Promise<Uint8Array>]

/** Takes the snapshots of one task. */
export class TaskCheckpoints {
  readonly #init: TaskCheckpointsInit
  readonly #aligner: BarrierAligner
  /** Takes down what the barrier of the last checkpoint has overtaken. */
  #recorder: TapeRecorder | undefined
  /** Goes off when the barrier that is waited for may overtake. */
  #timeout: { readonly checkpointId: number; readonly timer: Timer } | undefined
  /** Checkpoints of this id and before that are not complete never will be. */
  #abortedUpTo = -1
  /** The newest checkpoint of which a barrier has come, and when the first one did. */
  #first = { checkpointId: -1, atMs: 0 }

  constructor(init: TaskCheckpointsInit) {
    this.#init = init
    const { channels } = init.gate
    this.#aligner = new BarrierAligner(channels.map(({ overtaken }) => overtaken !== undefined))
    for (const { channel, overtaken } of channels) {
      if (overtaken !== undefined) channel.announceBarriers((barrier) => this.#onArrival(barrier))
    }
  }

  /** Whether some channels wait for others. */
  get isAligning(): boolean {
    return this.#aligner.blocked.size > 0
  }

  /** A barrier has come to its place among the records of a channel. */
  onBarrier(index: number, barrier: Barrier): void {
    this.#noteFirst(barrier)
    this.#act(this.#aligner.onBarrier(index, barrier))
  }

  /** Begins a checkpoint at a task without input. */
  trigger(barrier: Barrier): void {
    this.#cut(barrier, [])
  }

  /** The checkpoint was given up. Should its barrier still be on the way, no state is cut for it any more. */
  abort(checkpointId: number): void {
    this.#abortedUpTo = Math.max(this.#abortedUpTo, checkpointId)
    if (this.#recorder !== undefined && this.#recorder.checkpointId <= checkpointId) {
      this.#recorder.giveUp()
    }
  }

  /** A barrier has come into the queue of a channel. It came in a call of its sender, so it is seen to between two slices. */
  #onArrival(barrier: Barrier): void {
    const { alignment, alignedTimeoutMs } = barrier
    const mayOvertake =
      alignment === 'unaligned' || (alignment === 'aligned' && alignedTimeoutMs !== undefined)
    if (!mayOvertake) return
    this.#noteFirst(barrier)
    this.#init.enqueue(() => this.#act(this.#aligner.onArrival(barrier)))
  }

  #noteFirst({ checkpointId }: Barrier): void {
    if (checkpointId <= this.#first.checkpointId) return
    this.#first = { checkpointId, atMs: this.#init.clock.monotonicMs() }
  }

  #act(decision: BarrierDecision): void {
    const { gate, wake } = this.#init
    if (decision.kind === 'cut') this.#cut(decision.barrier, decision.overtaken)
    gate.unblockAll()
    for (const index of this.#aligner.blocked) gate.block(index)
    this.#armTimeout()
    if (decision.kind === 'cut') wake()
  }

  #armTimeout(): void {
    const { awaited } = this.#aligner
    if (this.#timeout?.checkpointId === awaited?.checkpointId) return
    this.#timeout?.timer.cancel()
    this.#timeout = undefined
    if (awaited?.alignment !== 'aligned' || awaited.alignedTimeoutMs === undefined) return
    const { checkpointId, alignedTimeoutMs } = awaited
    const timer = this.#init.processingTime.after(alignedTimeoutMs, () =>
      this.#act(this.#aligner.onTimeout(checkpointId)),
    )
    this.#timeout = { checkpointId, timer }
  }

  /**
   * The cut: the barrier goes out and the state is taken in one step, and from now on what it has overtaken is taken down. Storing it
   * goes on beside the records.
   */
  #cut(barrier: Barrier, overtaken: readonly number[]): void {
    const { chain, writers, replays, onStopping } = this.#init
    const { checkpointId, alignment, savepointDirectory } = barrier
    const startMs = this.#init.clock.monotonicMs()
    if (alignment !== 'unaligned') replays.finish()
    const before = replays.restOfHead()
    for (const writer of writers) writer.event({ kind: 'barrier', barrier })
    this.#recorder?.giveUp()
    if (checkpointId <= this.#abortedUpTo) return
    this.#recorder = this.#record(checkpointId, overtaken, before)
    const stored = chain.map((chained, place) =>
      this.#storeSnapshot(chained, {
        checkpointId,
        savepointDirectory,
        blobs: [
          ...this.#snapshot(chained, barrier),
          ...(place === 0 ? this.#slotsOfTask(this.#recorder) : []),
        ],
      }),
    )
    if (barrier.isStopping === true) onStopping(checkpointId)
    this.#acknowledge(checkpointId, startMs, Promise.all(stored))
  }

  /** Tells the listener when all is stored, and what it took. */
  #acknowledge(
    checkpointId: number,
    startMs: number,
    stored: Promise<readonly AcknowledgedSnapshot[]>,
  ): void {
    const { listener, clock } = this.#init
    const cutMs = clock.monotonicMs()
    // A task without channels aligns nothing.
    const firstMs = this.#first.checkpointId === checkpointId ? this.#first.atMs : startMs
    let alignedMs = startMs
    let inFlightBytes = 0
    this.#recorder?.bytes.then(
      ({ length }) => {
        alignedMs = clock.monotonicMs()
        inFlightBytes = length
      },
      () => {},
    )
    stored.then(
      (snapshots) =>
        listener.onAcknowledged(checkpointId, {
          snapshots,
          figures: {
            alignmentMs: alignedMs - firstMs,
            syncMs: cutMs - startMs,
            asyncMs: clock.monotonicMs() - cutMs,
            stateBytes: snapshots.reduce((sum, { slots }) => sum + slotBytes(slots), 0),
            inFlightBytes,
          },
        }),
      (error: unknown) => listener.onDeclined(checkpointId, error),
    )
  }

  #record(
    checkpointId: number,
    overtaken: readonly number[],
    before: Pick<Tape, 'edges' | 'items'>,
  ): TapeRecorder | undefined {
    if (overtaken.length === 0 && before.items.length === 0) return undefined
    const { gate, time } = this.#init
    return new TapeRecorder({ checkpointId, gate, overtaken, time: time.copy(), before })
  }

  /** What the first operator keeps for the task. */
  #slotsOfTask(recorder: TapeRecorder | undefined): readonly Blob[] {
    const { watermarks } = this.#init.time
    const blobs: Blob[] = []
    if (watermarks.length > 0) blobs.push([TIME_SLOT, encodeWatermarks(watermarks)])
    const generalized = this.#init.generalizedWatermarks.snapshot()
    if (generalized !== undefined) blobs.push([GENERALIZED_WATERMARKS_SLOT, generalized])
    if (recorder !== undefined) blobs.push([CHANNELS_SLOT, recorder.bytes])
    return blobs
  }

  /** The state of one operator at this moment. What it throws fails the task: the same state would fail again. */
  #snapshot(chained: ChainedOperator, { checkpointId, triggeredAtMs }: Barrier): readonly Blob[] {
    const { operator, accumulators, snapshots } = chained
    let blobs: Blob[]
    try {
      snapshots.begin(checkpointId)
      blobs = Object.entries(operator.snapshot(checkpointId, triggeredAtMs))
    } catch (error) {
      throw namingOperator(functionFailure(error, chained, 'snapshot'), chained)
    }
    if (!accumulators.isEmpty) blobs.push(['accumulators', accumulators.snapshot()])
    return blobs
  }

  async #storeSnapshot(
    chained: ChainedOperator,
    {
      checkpointId,
      savepointDirectory,
      blobs,
    }: Pick<StateBlob, 'checkpointId' | 'savepointDirectory'> & {
      readonly blobs: readonly Blob[]
    },
  ): Promise<AcknowledgedSnapshot> {
    const { subtaskIndex, storeState } = this.#init
    const { uid } = chained
    const isFinished = this.#init.isFinished()
    const handles = await Promise.all(
      blobs.map(async ([slot, cut]): Promise<[string, StateHandle]> => {
        const bytes = await delivered(chained, cut)
        const blob = { checkpointId, savepointDirectory, uid, subtaskIndex, slot, bytes }
        return [slot, await storeState(blob)]
      }),
    )
    return { uid, subtaskIndex, isFinished, slots: Object.fromEntries(handles) }
  }
}

function slotBytes(slots: AcknowledgedSnapshot['slots']): number {
  return Object.values(slots).reduce(
    (sum, handle) => sum + (handle.kind === 'inline' ? handle.bytes.length : handle.sizeBytes),
    0,
  )
}

async function delivered(chained: ChainedOperator, cut: Blob[1]): Promise<Uint8Array> {
  try {
    return await cut
  } catch (error) {
    throw namingOperator(functionFailure(error, chained, 'snapshot'), chained)
  }
}
