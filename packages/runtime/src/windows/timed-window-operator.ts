// Window operators that follow one clock: event time, or processing time. They know when something happens next, and keep one table.
//
// Processing time is treated as a watermark of its own: at the moment t, all before t is over. So a window fires once
// the clock shows its end, and no record of its last millisecond comes too late.

import {
  type Key,
  MAX_WATERMARK,
  MIN_WATERMARK,
  type Timer,
  type TypeDescriptor,
  type WindowAssignerPlan,
} from '@millrace/core'
import { evolutionOf, KeyedSnapshotCut, KeyedSnapshotReader } from '@millrace/state'
import { HashedTableCut, type OperatorEntriesCut } from '../snapshots/hashed-table-cut.ts'
import { KeyedWindowOperator, refuseOtherWindows } from './keyed-window-operator.ts'

/** Takes one restored entry of a table. */
type TakeWindowEntry<K> = (key: K, namespace: number, value: unknown) => void

/** A keyed window operator on one clock, without its windows. */
export abstract class TimedWindowOperator<
  K extends Key,
  IN,
  ACC,
  OUT,
  ASSIGNER extends WindowAssignerPlan,
> extends KeyedWindowOperator<K, IN, ACC, OUT, ASSIGNER> {
  /** All up to here is over: the watermark, or what the clock showed when it was last looked at. */
  protected time: number = MIN_WATERMARK
  #snapshotBytes = 0
  #alarm: { readonly timestamp: number; readonly timer: Timer } | undefined

  /** Time has come to `time`: fires what is over. Sets {@link time}. */
  protected abstract advance(time: number): void

  override processWatermark(watermark: number): void {
    this.watermark = watermark
    if (this.isEventTime) this.advance(watermark)
    this.output.processWatermark(watermark)
  }

  /** Windows of processing time fire at the end of input too: nothing that was counted is lost. */
  override finish(): void {
    if (!this.isEventTime) this.advance(MAX_WATERMARK)
    this.#alarm?.timer.cancel()
  }

  override close(): void {
    this.#alarm?.timer.cancel()
  }

  /** The time by which a record is put into windows. */
  protected timeOf(value: IN, timestamp: number): number {
    return this.isEventTime ? this.eventTimeOf(value, timestamp) : this.#processingTime()
  }

  /** Calls {@link advance} when the clock has passed `timestamp`, in place of an earlier call of this. */
  protected wakeAfter(timestamp: number): void {
    if (this.isEventTime || timestamp === Number.POSITIVE_INFINITY) return
    if (this.#alarm?.timestamp === timestamp) return
    this.#alarm?.timer.cancel()
    const timer = this.context.processingTime.at(timestamp + 1, () => {
      this.#alarm = undefined
      this.advance(this.#processingTime() - 1)
    })
    this.#alarm = { timestamp, timer }
  }

  /** Reads a table of the checkpoint that is restored, if any. `at` says where accumulators lie in its values. */
  protected readTable(
    name: string,
    valueType: TypeDescriptor,
    each: TakeWindowEntry<K>,
    at: string = '',
  ): void {
    const snapshots = this.context.restored.slot('keyed').map(({ bytes }) => bytes)
    const reader = new KeyedSnapshotReader(snapshots, this.context.keyGroupRange)
    const evolution = evolutionOf(this.aggregate.accumulatorEvolution ?? {}, at)
    const table = { kind: 'window', keyType: this.keyType, valueType, evolution }
    reader.readTable(name, table, (key, namespace, value) => each(key as K, namespace, value))
    refuseOtherWindows(reader, this.context)
  }

  /** The bytes of a snapshot with one table; if it is large, they come later. */
  protected writeTable(
    name: string,
    valueType: TypeDescriptor,
    entries: OperatorEntriesCut,
  ): Uint8Array | Promise<Uint8Array> {
    const { keyType, context } = this
    const { maxParallelism, snapshots } = context
    const table = new HashedTableCut({ name, kind: 'window', valueType }, entries)
    const init = { keyType, maxParallelism, sizeBytesHint: this.#snapshotBytes }
    const encoded = snapshots.encode(new KeyedSnapshotCut(init, [table]))
    // The next one is about as large: with room for it, it is not copied while it grows.
    if (encoded instanceof Uint8Array) this.#snapshotBytes = encoded.length
    return encoded
  }

  /** The clock, except that it does not go back to what is over. */
  #processingTime(): number {
    return Math.max(this.context.processingTime.now(), this.time + 1)
  }
}
