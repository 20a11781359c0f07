// Tumbling and sliding windows, by event or processing time. One table a slice, dropped whole when its last window
// has fired; no timer per key. What a record costs does not depend on how many windows overlap.

import { type Key, MIN_WATERMARK, type SlidingWindowAssigner } from '@millrace/core'
import type { OperatorContext, OperatorSnapshot } from '../operators/operator.ts'
import { restoredTimes } from '../operators/restored-values.ts'
import { TimedWindowOperator } from './timed-window-operator.ts'
import { type NewSliceTable, type SliceTable, sliceTables } from './slice-table.ts'
import { SlicesCut } from './slices-cut.ts'
import { SlidingFold } from './sliding-fold.ts'
import { WindowSlices } from './window-slices.ts'

const SLICES = '$slices'

/** Keyed windows of one size. */
export class SlidingWindowOperator<K extends Key, IN, ACC, OUT> extends TimedWindowOperator<
  K,
  IN,
  ACC,
  OUT,
  SlidingWindowAssigner
> {
  readonly #geometry: WindowSlices
  readonly #newTable: NewSliceTable<K>
  readonly #fold: SlidingFold<K, ACC>
  readonly #slices = new Map<number, SliceTable<K, ACC>>()
  /** Windows that end up to here are over: they have fired, or were empty. */
  #firedEnd = MIN_WATERMARK
  // The slice of the last record: most records fall into the same one.
  #cachedStart = Number.POSITIVE_INFINITY
  #cachedEnd = Number.NEGATIVE_INFINITY
  #cachedSlice: SliceTable<K, ACC>
  /** The end of the next window that fires; infinite if nothing waits. */
  #nextEnd = Number.POSITIVE_INFINITY

  constructor(context: OperatorContext) {
    super(context)
    this.#geometry = new WindowSlices(this.config.assigner)
    this.#newTable = sliceTables(context.operator, this.keyType, this.config.accumulatorType)
    this.#fold = new SlidingFold(this.merging, this.#geometry.sliceMs, this.#newTable)
    this.#cachedSlice = this.#newTable(0)
  }

  override open(): void {
    this.readTable(SLICES, this.config.accumulatorType, (key, sliceStart, accumulator) =>
      this.#sliceAt(sliceStart).set(key, accumulator as ACC),
    )
    const times = restoredTimes(this.context.restored, 'window-time')
    if (times.length > 0) {
      // What was over stays over: no window fires twice.
      this.time = Math.min(...times)
      this.#firedEnd = this.#geometry.lastWindowEndAt(this.time)
    }
    this.#findNextEnd()
  }

  override processElement(value: IN, timestamp: number): void {
    const time = this.timeOf(value, timestamp)
    const key = this.keyOf(value)
    if (time < this.#cachedStart || time >= this.#cachedEnd) {
      if (!this.#chooseSlice(time)) return this.dropLate(value, timestamp)
    }
    const slice = this.#cachedSlice
    const before = slice.get(key)
    const after = this.add(before, value)
    if (before === undefined) slice.set(this.ownedKey(key), this.owned(after))
    else if (after !== before) slice.set(key, this.owned(after))
    if (this.#cachedStart < this.#firedEnd) this.#onLateUpdate(key)
  }

  override snapshot(): OperatorSnapshot {
    const keyed = this.writeTable(SLICES, this.config.accumulatorType, new SlicesCut(this.#slices))
    return { keyed, 'window-time': new TextEncoder().encode(String(this.time)) }
  }

  protected override advance(time: number): void {
    this.time = time
    while (this.#nextEnd - 1 <= time) {
      const end = this.#nextEnd
      this.#fire(end)
      this.#firedEnd = end
      this.#dropExpired()
      this.#findNextEnd()
    }
    // Windows that were empty are over too: a record that comes for them now is late.
    this.#firedEnd = Math.max(this.#firedEnd, this.#geometry.lastWindowEndAt(time))
    if (this.config.allowedLatenessMs > 0) this.#dropExpired()
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
      // It may come to have as many keys as the slice before it.
      slice = this.#newTable<ACC>(this.#cachedSlice.size)
      this.#slices.set(start, slice)
      this.#expectEnd(this.#dueEnd(start))
    }
    return slice
  }

  /** Whether even the last window of a slice has fired, and its lateness is over. */
  #isExpired(sliceStart: number): boolean {
    const lastEnd = this.#geometry.lastWindowEnd(sliceStart)
    return lastEnd - 1 + this.config.allowedLatenessMs <= this.time
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
    this.wakeAfter(end - 1)
  }

  #findNextEnd(): void {
    this.#nextEnd = Number.POSITIVE_INFINITY
    for (const start of this.#slices.keys()) {
      this.#nextEnd = Math.min(this.#nextEnd, this.#dueEnd(start))
    }
    this.wakeAfter(this.#nextEnd - 1)
  }

  #fire(end: number): void {
    const window = { start: end - this.#geometry.sizeMs, end }
    const emit = (key: K, accumulator: ACC): void =>
      this.emitter.emit(key, window, accumulator, this.watermark)
    if (this.#geometry.isTumbling) {
      // Without lateness the table is dropped now, and its accumulators may go to the user.
      const { copy } = this.merging
      const isKept = this.config.allowedLatenessMs > 0
      const slice = this.#slices.get(window.start)
      slice?.forEach((accumulator, key) =>
        emit(key, isKept ? copy(accumulator) : slice.handOut(accumulator)),
      )
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
    if (this.config.allowedLatenessMs === 0) return
    const lastFired = Math.min(this.#geometry.lastWindowEnd(start), this.#firedEnd)
    for (let end = this.#geometry.firstWindowEnd(start); end <= lastFired; end += slideMs) {
      if (end - 1 + this.config.allowedLatenessMs > this.time) {
        this.#emitAgain(key, { start: end - sizeMs, end })
      }
    }
  }

  #emitAgain(key: K, window: { readonly start: number; readonly end: number }): void {
    let content: ACC | undefined
    for (let at = window.start; at < window.end; at += this.#geometry.sliceMs) {
      const part = this.#slices.get(at)?.get(key)
      if (part === undefined) continue
      content = this.merging.merge(content ?? this.merging.create(), part)
    }
    if (content !== undefined) this.emitter.emit(key, window, content, this.watermark)
  }
}
