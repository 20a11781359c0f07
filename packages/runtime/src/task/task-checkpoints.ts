// The checkpoints of one task: from the barriers on its channels to the acknowledgement.
//
//   barrier ──> BarrierAligner ──aligned──> cut: barrier to the writers, snapshot of every operator
//                                            └──> store each slot ──> acknowledge, or decline
//
// The cut is one step, and nothing comes in between; storing goes on beside the records.

import type {
  OperatorSnapshot as AcknowledgedSnapshot,
  StateHandle,
  TaskCheckpointFigures,
} from '@millrace/checkpoint'
import type { Clock } from '@millrace/core'
import type { Barrier, InputGate, RecordWriter } from '@millrace/exchange'
import { BarrierAligner } from '../barriers/barrier-aligner.ts'
import {
  type GateWatermarks,
  GENERALIZED_WATERMARKS_SLOT,
} from '../generalized-watermarks/gate-watermarks.ts'
import type { RestoredOperator } from '../operators/operator.ts'
import { restoredJson } from '../operators/restored-values.ts'
import { corruptSlot } from '../operators/slot-values.ts'
import { functionFailure, namingOperator } from '../operators/user-function.ts'
import type { ChainedOperator } from './chained-operator.ts'

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
  /** The watermark of each input at this moment. */
  readonly inputWatermarks: () => readonly number[]
  /** What the channels have said by watermarks of the user's own kinds. */
  readonly generalizedWatermarks: GateWatermarks
  /** Whether all input has ended and was processed. */
  readonly isFinished: () => boolean
  /** A stopping barrier has passed: nothing is done behind it until it is given up. */
  readonly onStopping: (checkpointId: number) => void
}

/** The slot of a task's first operator that holds the watermarks of the task's inputs. */
const TIME_SLOT = 'time'

/** A slot of an operator's state, and its bytes. */
type Blob = [slot: string, bytes: Uint8Array | Promise<Uint8Array>]

/** Takes the snapshots of one task. */
export class TaskCheckpoints {
  readonly #init: TaskCheckpointsInit
  readonly #aligner: BarrierAligner
  /** Checkpoints of this id and before that are not complete never will be. */
  #abortedUpTo = -1
  /** When the first barrier of the present alignment came. */
  #alignmentStartMs = 0

  constructor(init: TaskCheckpointsInit) {
    this.#init = init
    this.#aligner = new BarrierAligner(init.gate.channels.length)
  }

  /** Whether some channels wait for others. */
  get isAligning(): boolean {
    return this.#aligner.isAligning
  }

  /** A barrier has come to its place among the records of a channel. */
  onBarrier(index: number, barrier: Barrier): void {
    const { gate, clock } = this.#init
    const { isAligning } = this.#aligner
    const decision = this.#aligner.onBarrier(index, barrier)
    const nowMs = clock.monotonicMs()
    if (!isAligning || decision.kind === 'restart') this.#alignmentStartMs = nowMs
    switch (decision.kind) {
      case 'aligned':
        this.#checkpoint(decision.barrier, nowMs - this.#alignmentStartMs)
        return gate.unblockAll()
      case 'restart':
        gate.unblockAll()
        return gate.block(index)
      case 'block':
        return gate.block(index)
      case 'ignore':
    }
  }

  /** Begins a checkpoint at a task without input. */
  trigger(barrier: Barrier): void {
    this.#checkpoint(barrier, 0)
  }

  /** The checkpoint was given up. Should its barrier still be on the way, no state is cut for it any more. */
  abort(checkpointId: number): void {
    this.#abortedUpTo = Math.max(this.#abortedUpTo, checkpointId)
  }

  /** The cut: the barrier goes out and the state is taken in one step; storing it goes on beside the records. */
  #checkpoint(barrier: Barrier, alignmentMs: number): void {
    const { chain, writers, listener, clock, onStopping } = this.#init
    const startMs = clock.monotonicMs()
    for (const writer of writers) writer.event({ kind: 'barrier', barrier })
    const { checkpointId, savepointDirectory, isStopping } = barrier
    if (checkpointId <= this.#abortedUpTo) return
    const stored = chain.map((chained, place) =>
      this.#storeSnapshot(chained, {
        checkpointId,
        savepointDirectory,
        blobs: this.#cut(chained, barrier, { isHead: place === 0 }),
      }),
    )
    if (isStopping === true) onStopping(checkpointId)
    const cutMs = clock.monotonicMs()
    Promise.all(stored).then(
      (snapshots) =>
        listener.onAcknowledged(checkpointId, {
          snapshots,
          figures: {
            alignmentMs,
            syncMs: cutMs - startMs,
            asyncMs: clock.monotonicMs() - cutMs,
            stateBytes: snapshots.reduce((sum, { slots }) => sum + slotBytes(slots), 0),
            inFlightBytes: 0,
          },
        }),
      (error: unknown) => listener.onDeclined(checkpointId, error),
    )
  }

  /** The state of one operator at this moment. What it throws fails the task: the same state would fail again. */
  #cut(
    chained: ChainedOperator,
    { checkpointId, triggeredAtMs }: Barrier,
    { isHead }: { readonly isHead: boolean },
  ): readonly Blob[] {
    const { operator, accumulators } = chained
    let blobs: Blob[]
    try {
      blobs = Object.entries(operator.snapshot(checkpointId, triggeredAtMs))
    } catch (error) {
      throw namingOperator(functionFailure(error, chained, 'snapshot'), chained)
    }
    const watermarks = this.#init.inputWatermarks()
    if (isHead && watermarks.length > 0) blobs.push([TIME_SLOT, encodeWatermarks(watermarks)])
    const generalized = isHead ? this.#init.generalizedWatermarks.snapshot() : undefined
    if (generalized !== undefined) blobs.push([GENERALIZED_WATERMARKS_SLOT, generalized])
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

function encodeWatermarks(watermarks: readonly number[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(watermarks))
}

/** The restored watermarks of a task's inputs: of several old subtasks, the smallest. */
export function restoredWatermarks(head: RestoredOperator): readonly number[] {
  const lists = restoredJson<readonly number[]>(head, TIME_SLOT, {
    expected: 'a list of watermarks',
    test: (json) => Array.isArray(json) && json.every((time) => typeof time === 'number'),
  }).map(({ value }) => value)
  const [first] = lists
  if (first === undefined) return []
  const other = lists.find((list) => list.length !== first.length)
  if (other !== undefined) throw corruptSlot(TIME_SLOT, `${first.length} watermarks`, other)
  return first.map((_, input) => Math.min(...lists.map((list) => list[input] as number)))
}
