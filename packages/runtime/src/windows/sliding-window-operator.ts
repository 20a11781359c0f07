// Tumbling and sliding windows, by event or processing time. One table a slice, dropped whole when its last window
// has fired; no timer per key. What a record costs does not depend on how many windows overlap.
//
// Processing time is treated as a watermark of its own: at the moment t, all before t is over. So a window fires once
// the clock shows its end, and no record of its last millisecond comes too late.

import {
  type AggregateFunction,
  type Key,
  type KeySelector,
  MIN_WATERMARK,
  NO_TIMESTAMP,
  type SlidingWindowAssigner,
  type Timer,
} from '@millrace/core'
import {
  KeyedSnapshotReader,
  KeyedSnapshotWriter,
  ownedStrings,
  ownString,
  type OwnStrings,
} from '@millrace/state'
import { OneInputOperator } from '../operators/base-operator.ts'
import { checkedKeySelector } from '../operators/keyed-scope.ts'
import type { Input, OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { functionFailure, promiseReturned } from '../operators/user-function.ts'
import { type SliceTable, SlidingFold } from './sliding-fold.ts'
import {
  lateCounterName,
  type Merging,
  missingTimestamp,
  windowAggregate,
  type WindowConfig,
  windowConfig,
  windowMerging,
} from './window-config.ts'
import { WindowEmitter } from './window-emitter.ts'
import { WindowSlices } from './window-slices.ts'

const SLICES = 'slices'

/** Keyed windows of one size. */
export class SlidingWindowOperator<K extends Key, IN, ACC, OUT> extends OneInputOperator<IN> {
  readonly #config: WindowConfig<SlidingWindowAssigner>
  readonly #isEventTime: boolean
  readonly #aggregate: AggregateFunction<IN, ACC, unknown>
  readonly #keyOf: KeySelector<IN, K>
  readonly #geometry: WindowSlices
  readonly #emitter: WindowEmitter<K, ACC, OUT>
  readonly #merging: Merging<ACC>
  /** Copies what is kept out of the frames in which records came. */
  readonly #ownStrings: OwnStrings | undefined
  readonly #fold: SlidingFold<K, ACC>
  readonly #lateOutput: Input<unknown> | undefined
  readonly #slices = new Map<number, SliceTable<K, ACC>>()
  /** Windows that end up to here are over: they have fired, or were empty. */
  #firedEnd = MIN_WATERMARK
  #time = MIN_WATERMARK
  #watermark = MIN_WATERMARK
  #alarm: { readonly end: number; readonly timer: Timer } | undefined
  // The slice of the last record: most records fall into the same one.
  #cachedStart = Number.POSITIVE_INFINITY
  #cachedEnd = Number.NEGATIVE_INFINITY
  #cachedSlice: SliceTable<K, ACC> = new Map()
  // No window that ends later than this is waited for; below it, a look for due windows is needed.
  #nextEnd = Number.POSITIVE_INFINITY

  constructor(context: OperatorContext) {
    super(context)
    this.#config = windowConfig(context)
    this.#isEventTime = this.#config.assigner.time === 'event-time'
    this.#aggregate = windowAggregate(context)
    this.#keyOf = checkedKeySelector(
      context.functions,
      context.operator.functions['keySelector'],
      context.operator,
    )
    this.#geometry = new WindowSlices(this.#config.assigner)
    this.#emitter = new WindowEmitter(context, this.#aggregate as never)
    this.#merging = windowMerging(context.operator, this.#aggregate)
    this.#ownStrings = ownedStrings(this.#config.accumulatorType)
    this.#fold = new SlidingFold(this.#merging, this.#geometry.sliceMs)
    const { lateTag } = this.#config
    this.#lateOutput = lateTag === null ? undefined : context.sideOutput(lateTag)
  }

  override open(): void {
    const { restored, keyGroupRange } = this.context
    const reader = new KeyedSnapshotReader(
      restored.slot('keyed').map(({ bytes }) => bytes),
      keyGroupRange,
    )
    reader.readTable(SLICES, this.#table(), (key, sliceStart, accumulator) =>
      this.#sliceAt(sliceStart).set(key as K, accumulator as ACC),
    )
    const times = restored
      .slot('window-time')
      .map(({ bytes }) => Number(new TextDecoder().decode(bytes)))
    if (times.length > 0) {
      // What was over stays over: no window fires twice.
      this.#time = Math.min(...times)
      this.#firedEnd = this.#geometry.lastWindowEndAt(this.#time)
    }
    this.#findNextEnd()
  }

  override processElement(value: IN, timestamp: number): void {
    const time = this.#isEventTime ? timestamp : this.#processingTime()
    if (time === NO_TIMESTAMP) throw missingTimestamp(this.context, value)
    const key = this.#keyOf(value)
    if (time < this.#cachedStart || time >= this.#cachedEnd) {
      if (!this.#chooseSlice(time)) return this.#dropLate(value, timestamp)
    }
    const slice = this.#cachedSlice
    try {
      const before = slice.get(key)
      const after = this.#aggregate.add(
        before === undefined ? this.#aggregate.createAccumulator() : before,
        value,
      )
      if (after !== before) {
        if (after instanceof Promise) {
          throw promiseReturned(after, this.context.operator, 'aggregate function')
        }
        const kept = this.#ownStrings === undefined ? after : (this.#ownStrings(after) as ACC)
        slice.set(before === undefined ? (ownString(key) as K) : key, kept)
      }
    } catch (error) {
      throw functionFailure(error, this.context.operator, 'aggregate function')
    }
    if (this.#cachedStart < this.#firedEnd) this.#onLateUpdate(key)
  }

  override processWatermark(watermark: number): void {
    this.#watermark = watermark
    if (this.#isEventTime) this.#advance(watermark)
    this.output.processWatermark(watermark)
  }

  /** Windows of processing time fire at the end of input too: nothing that was counted is lost. */
  override finish(): void {
    this.#alarm?.timer.cancel()
    if (!this.#isEventTime) this.#advance(Number.POSITIVE_INFINITY)
  }

  override snapshot(): OperatorSnapshot {
    const { operator, maxParallelism } = this.context
    const writer = new KeyedSnapshotWriter({
      keyType: operator.keyType ?? { kind: 'any' },
      maxParallelism,
    })
    writer.writeTable({ name: SLICES, ...this.#table() }, (add) => {
      for (const [start, slice] of this.#slices) {
        for (const [key, accumulator] of slice) add(key, start, accumulator)
      }
    })
    return {
      keyed: writer.finish(),
      'window-time': new TextEncoder().encode(String(this.#time)),
    }
  }

  override close(): void {
    this.#alarm?.timer.cancel()
  }

  #table(): {
    kind: 'window'
    keyType: NonNullable<OperatorContext['operator']['keyType']>
    valueType: WindowConfig<SlidingWindowAssigner>['accumulatorType']
  } {
    return {
      kind: 'window',
      keyType: this.context.operator.keyType ?? { kind: 'any' },
      valueType: this.#config.accumulatorType,
    }
  }

  /** Makes the slice of `time` the cached one. False if all its windows are gone. */
  #chooseSlice(time: number): boolean {
    const start = this.#geometry.sliceStart(time)
    if (this.#isExpired(start)) return false
    this.#cachedSlice = this.#sliceAt(start)
    this.#cachedStart = start
    this.#cachedEnd = start + this.#geometry.sliceMs
    return true
  }

  #sliceAt(start: number): SliceTable<K, ACC> {
    let slice = this.#slices.get(start)
    if (slice === undefined) {
      slice = new Map()
      this.#slices.set(start, slice)
      this.#expectEnd(this.#dueEnd(start))
    }
    return slice
  }

  /** Whether even the last window of a slice has fired, and its lateness is over. */
  #isExpired(sliceStart: number): boolean {
    const lastEnd = this.#geometry.lastWindowEnd(sliceStart)
    return lastEnd - 1 + this.#config.allowedLatenessMs <= this.#time
  }

  /** The end of the first window of a slice that has not fired; infinite if all have. */
  #dueEnd(sliceStart: number): number {
    const { slideMs } = this.#geometry
    const first = this.#geometry.firstWindowEnd(sliceStart)
    const behind = Math.floor((this.#firedEnd - first) / slideMs) + 1
    const end = behind > 0 ? first + behind * slideMs : first
    return end <= this.#geometry.lastWindowEnd(sliceStart) ? end : Number.POSITIVE_INFINITY
  }

  #expectEnd(end: number): void {
    if (end >= this.#nextEnd) return
    this.#nextEnd = end
    if (!this.#isEventTime) this.#arm()
  }

  #findNextEnd(): void {
    this.#nextEnd = Number.POSITIVE_INFINITY
    for (const start of this.#slices.keys()) {
      this.#nextEnd = Math.min(this.#nextEnd, this.#dueEnd(start))
    }
    if (!this.#isEventTime) this.#arm()
  }

  #advance(time: number): void {
    this.#time = time
    while (this.#nextEnd - 1 <= time && this.#nextEnd !== Number.POSITIVE_INFINITY) {
      const end = this.#nextEnd
      this.#fire(end)
      this.#firedEnd = end
      this.#dropExpired()
      this.#findNextEnd()
    }
    // Windows that were empty are over too: a record that comes for them now is late.
    this.#firedEnd = Math.max(this.#firedEnd, this.#geometry.lastWindowEndAt(time))
    if (this.#config.allowedLatenessMs > 0) this.#dropExpired()
  }

  #fire(end: number): void {
    const window = { start: end - this.#geometry.sizeMs, end }
    const emit = (key: K, accumulator: ACC): void =>
      this.#emitter.emit(key, window, accumulator, this.#watermark)
    if (this.#geometry.isTumbling) {
      // Without lateness the table is dropped now, and its accumulators may go to the user as they are.
      const { copy } = this.#merging
      const isKept = this.#config.allowedLatenessMs > 0
      this.#slices
        .get(window.start)
        ?.forEach((accumulator, key) => emit(key, isKept ? copy(accumulator) : accumulator))
      return
    }
    this.#fold.moveTo(window.start, end, (start) => this.#slices.get(start))
    this.#fold.forEach(emit)
  }

  #dropExpired(): void {
    for (const start of this.#slices.keys()) {
      const isFired = this.#geometry.lastWindowEnd(start) <= this.#firedEnd
      if (isFired && this.#isExpired(start)) this.#slices.delete(start)
    }
    // The cached slice may be among those that went.
    this.#cachedStart = Number.POSITIVE_INFINITY
    this.#cachedEnd = Number.NEGATIVE_INFINITY
  }

  /** A record came into a slice of which windows have fired: those still within their lateness fire again. */
  #onLateUpdate(key: K): void {
    const { sizeMs, sliceMs, slideMs } = this.#geometry
    const start = this.#cachedStart
    this.#fold.invalidateBefore(start + sliceMs)
    if (this.#config.allowedLatenessMs === 0) return
    const lastFired = Math.min(this.#geometry.lastWindowEnd(start), this.#firedEnd)
    for (let end = this.#geometry.firstWindowEnd(start); end <= lastFired; end += slideMs) {
      if (end - 1 + this.#config.allowedLatenessMs > this.#time) {
        this.#emitAgain(key, { start: end - sizeMs, end })
      }
    }
  }

  #emitAgain(key: K, window: { readonly start: number; readonly end: number }): void {
    let content: ACC | undefined
    for (let at = window.start; at < window.end; at += this.#geometry.sliceMs) {
      const part = this.#slices.get(at)?.get(key)
      if (part === undefined) continue
      content = this.#merging.merge(content ?? this.#merging.create(), part)
    }
    if (content !== undefined) this.#emitter.emit(key, window, content, this.#watermark)
  }

  #dropLate(value: IN, timestamp: number): void {
    if (this.#lateOutput === undefined) {
      this.context.accumulators.get(lateCounterName(this.context)).add(1)
    } else this.#lateOutput.processElement(value, timestamp)
  }

  /** The clock, except that it does not go back to what is over. */
  #processingTime(): number {
    return Math.max(this.context.processingTime.now(), this.#time + 1)
  }

  #arm(): void {
    const end = this.#nextEnd
    if (end === Number.POSITIVE_INFINITY || this.#alarm?.end === end) return
    this.#alarm?.timer.cancel()
    const timer = this.context.processingTime.at(end, () => {
      this.#alarm = undefined
      this.#advance(this.#processingTime() - 1)
    })
    this.#alarm = { end, timer }
  }
}
