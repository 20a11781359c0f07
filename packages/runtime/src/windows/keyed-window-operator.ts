// What all window operators have in common: keys, time, the late output, the alarm of processing time, and one table
// of snapshots.
//
// Processing time is treated as a watermark of its own: at the moment t, all before t is over. So a window fires once
// the clock shows its end, and no record of its last millisecond comes too late.

import {
  type AggregateFunction,
  type Key,
  type KeySelector,
  MAX_WATERMARK,
  MillraceError,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  show,
  type Timer,
  type TypeDescriptor,
  type WindowAssigner,
} from '@millrace/core'
import {
  type AddEntry,
  evolutionOf,
  KeyedSnapshotReader,
  KeyedSnapshotWriter,
  ownedStrings,
  ownString,
  type OwnStrings,
} from '@millrace/state'
import { OneInputOperator } from '../operators/base-operator.ts'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import type { Input, OperatorContext } from '../operators/operator.ts'
import { functionFailure, promiseReturned } from '../operators/user-function.ts'
import { type Merging, windowMerging } from './merging.ts'
import { WindowEmitter } from './window-emitter.ts'

/** The configuration of a window operator, as the API writes it into the plan. */
export interface WindowConfig<ASSIGNER extends WindowAssigner> {
  readonly assigner: ASSIGNER
  readonly allowedLatenessMs: number
  /** The side output of late records; without one they are dropped and counted. */
  readonly lateTag: string | null
  readonly accumulatorType: TypeDescriptor
}

/** Takes one entry of a table: a restored one, or one for the snapshot. */
type TakeWindowEntry<K> = (key: K, namespace: number, value: unknown) => void

/** A keyed window operator, without its windows. */
export abstract class KeyedWindowOperator<
  K extends Key,
  IN,
  ACC,
  OUT,
  ASSIGNER extends WindowAssigner,
> extends OneInputOperator<IN> {
  protected readonly config: WindowConfig<ASSIGNER>
  protected readonly isEventTime: boolean
  protected readonly aggregate: AggregateFunction<IN, ACC, unknown>
  protected readonly keyOf: KeySelector<IN, K>
  protected readonly emitter: WindowEmitter<K, ACC, OUT>
  protected readonly merging: Merging<ACC>
  /** All up to here is over: the watermark, or what the clock showed when it was last looked at. */
  protected time: number = MIN_WATERMARK
  protected watermark: number = MIN_WATERMARK
  readonly #keyType: TypeDescriptor
  readonly #ownStrings: OwnStrings | undefined
  readonly #lateOutput: Input<unknown> | undefined
  #snapshotBytes = 0
  #alarm: { readonly timestamp: number; readonly timer: Timer } | undefined

  constructor(context: OperatorContext) {
    super(context)
    const { operator, functions } = context
    const config = operator.config as unknown as WindowConfig<ASSIGNER>
    this.isEventTime = config.assigner.time === 'event-time'
    // The clock decides where a record belongs, so in processing time nothing is late.
    this.config = this.isEventTime ? config : { ...config, allowedLatenessMs: 0 }
    this.aggregate = functions.resolve(operator.functions['aggregate'])
    this.merging = windowMerging(operator, this.aggregate)
    this.keyOf = checkedKeySelector(functions, operator.functions['keySelector'], operator)
    this.emitter = new WindowEmitter(context, this.aggregate as never)
    this.#keyType = operator.keyType ?? { kind: 'any' }
    this.#ownStrings = ownedStrings(this.config.accumulatorType)
    const { lateTag } = this.config
    this.#lateOutput = lateTag === null ? undefined : context.sideOutput(lateTag)
  }

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
    if (!this.isEventTime) return this.#processingTime()
    if (timestamp !== NO_TIMESTAMP) return timestamp
    throw new MillraceError('TIMESTAMP_INVALID', {
      expected: `records with timestamps in the window '${this.context.operator.name}'`,
      came: `one without: ${show(value)}`,
      todo: 'Call assignTimestampsAndWatermarks before the window, or use a processing-time window.',
      ids: { uid: this.context.operator.uid },
    })
  }

  /** A key as it is kept: a string cut out of a frame would keep the text of the whole frame alive. */
  protected ownedKey(key: K): K {
    return ownString(key) as K
  }

  /** An accumulator as it is kept, for the same reason. */
  protected owned(accumulator: ACC): ACC {
    return this.#ownStrings === undefined ? accumulator : (this.#ownStrings(accumulator) as ACC)
  }

  /** Folds a value into an accumulator, or into a fresh one; a failure names the operator. */
  protected add(accumulator: ACC | undefined, value: IN): ACC {
    const { operator } = this.context
    let after: ACC
    try {
      const before = accumulator === undefined ? this.aggregate.createAccumulator() : accumulator
      after = this.aggregate.add(before, value)
    } catch (error) {
      throw functionFailure(error, operator, 'aggregate function')
    }
    if (after instanceof Promise) throw promiseReturned(after, operator, 'aggregate function')
    return after
  }

  /** All windows of the record are gone. */
  protected dropLate(value: IN, timestamp: number): void {
    const { operator, accumulators } = this.context
    if (this.#lateOutput === undefined) accumulators.get(`${operator.name}.late`).add(1)
    else this.#lateOutput.processElement(value, timestamp)
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
    const table = { kind: 'window', keyType: this.#keyType, valueType, evolution }
    reader.readTable(name, table, (key, namespace, value) => each(key as K, namespace, value))
  }

  /** The bytes of a snapshot with one table. */
  protected writeTable(
    name: string,
    valueType: TypeDescriptor,
    emit: (add: TakeWindowEntry<K>) => void,
  ): Uint8Array {
    const { maxParallelism } = this.context
    const writer = new KeyedSnapshotWriter({
      keyType: this.#keyType,
      maxParallelism,
      sizeBytesHint: this.#snapshotBytes,
    })
    writer.writeTable({ name, kind: 'window', valueType }, emit as (add: AddEntry) => void)
    const bytes = writer.finish()
    // The next one is about as large: with room for it, it is not copied while it grows.
    this.#snapshotBytes = bytes.length
    return bytes
  }

  /** The clock, except that it does not go back to what is over. */
  #processingTime(): number {
    return Math.max(this.context.processingTime.now(), this.time + 1)
  }
}
