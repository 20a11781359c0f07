// What is under way in an async operator, in the order of coming, and what of it may go out.
//
//   ordered      a record goes out when it has its results and is the first
//   unordered    a record goes out when it has its results and no watermark is before it
//
//        ● ● w ● ● ● w ●        a watermark goes out when it is the first: no record passes a watermark, in either order,
//        └┬┘   └─┬─┘            so what is late after the operator is what was late before it
//     may go out   waits
//
// Gone entries are taken out when they are the majority, so that a slow record in front does not pile up those that passed.

import type { GeneralizedWatermark } from '@millrace/core'
import type { WaitingWatermark } from './waiting-watermarks.ts'

/** One record, from the moment it came until its results went out. */
export interface AsyncEntry<OUT> {
  readonly kind: 'record'
  results: readonly OUT[] | undefined
  isOut: boolean
}

/** What the input says of its time, or by a watermark of the user's own kind; no record passes it either way. */
type TimeEntry =
  | { readonly kind: 'watermark'; readonly watermark: number }
  | { readonly kind: 'status'; readonly isIdle: boolean }
  | { readonly kind: 'generalized-watermark'; readonly watermark: GeneralizedWatermark }

/** Where entries go out. */
export interface AsyncQueueOutput<ENTRY> {
  readonly record: (entry: ENTRY) => void
  readonly watermark: (watermark: number) => void
  readonly status: (isIdle: boolean) => void
  readonly generalizedWatermark: (watermark: GeneralizedWatermark) => void
}

/** Entries in the order of coming. */
export class AsyncQueue<OUT, ENTRY extends AsyncEntry<OUT>> {
  readonly #isOrdered: boolean
  readonly #output: AsyncQueueOutput<ENTRY>
  #entries: (ENTRY | TimeEntry)[] = []
  /** Entries before this one are gone. */
  #head = 0
  #goneCount = 0
  /** Watermarks and statuses that have not gone out. */
  #timeCount = 0

  constructor(isOrdered: boolean, output: AsyncQueueOutput<ENTRY>) {
    this.#isOrdered = isOrdered
    this.#output = output
  }

  get isEmpty(): boolean {
    return this.#head === this.#entries.length
  }

  addRecord(entry: ENTRY): void {
    this.#entries.push(entry)
  }

  addWatermark(watermark: number): void {
    this.#addTime({ kind: 'watermark', watermark })
  }

  /** The input is idle, or waited for again: it is so only for what comes after the records before. */
  addStatus(isIdle: boolean): void {
    this.#addTime({ kind: 'status', isIdle })
  }

  addGeneralizedWatermark(watermark: GeneralizedWatermark): void {
    this.#addTime({ kind: 'generalized-watermark', watermark })
  }

  /** An entry has its results: everything goes out that may. */
  complete(entry: ENTRY, results: readonly OUT[]): void {
    entry.results = results
    if (!this.#isOrdered && this.#isBeforeTimes(entry)) this.#goOut(entry)
    this.#advance()
  }

  /** The records that have not gone out, in the order of coming. */
  records(): readonly ENTRY[] {
    return this.#entries
      .slice(this.#head)
      .filter((entry) => entry.kind === 'record' && !entry.isOut) as ENTRY[]
  }

  /** The watermarks of the user's own kinds that have not gone out, each with its place among {@link records}. */
  waitingWatermarks(): readonly WaitingWatermark[] {
    const waiting: WaitingWatermark[] = []
    let recordsBefore = 0
    for (const entry of this.#entries.slice(this.#head)) {
      if (entry.kind === 'generalized-watermark') {
        waiting.push({ recordsBefore, watermark: entry.watermark })
      } else if (entry.kind === 'record' && !entry.isOut) recordsBefore++
    }
    return waiting
  }

  #isBeforeTimes(entry: ENTRY): boolean {
    if (this.#timeCount === 0) return true
    for (let index = this.#head; ; index++) {
      const other = this.#entries[index]
      if (other === entry) return true
      if (other === undefined || other.kind !== 'record') return false
    }
  }

  #advance(): void {
    for (; this.#head < this.#entries.length; this.#head++) {
      const entry = this.#entries[this.#head] as ENTRY | TimeEntry
      if (entry.kind !== 'record') {
        this.#timeCount--
        this.#goneCount++
        this.#sayTime(entry)
        if (!this.#isOrdered) this.#sendCompletedSegment()
      } else if (entry.results === undefined) break
      else this.#goOut(entry)
    }
    if (this.#goneCount > COMPACT_MIN && this.#goneCount * 2 > this.#entries.length) this.#compact()
  }

  /** A watermark is gone: what is complete up to the next one has waited for it only. */
  #sendCompletedSegment(): void {
    for (let index = this.#head + 1; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined || entry.kind !== 'record') return
      if (entry.results !== undefined) this.#goOut(entry)
    }
  }

  #addTime(entry: TimeEntry): void {
    if (this.isEmpty) return this.#sayTime(entry)
    this.#entries.push(entry)
    this.#timeCount++
  }

  #sayTime(entry: TimeEntry): void {
    switch (entry.kind) {
      case 'watermark':
        return this.#output.watermark(entry.watermark)
      case 'status':
        return this.#output.status(entry.isIdle)
      case 'generalized-watermark':
        return this.#output.generalizedWatermark(entry.watermark)
    }
  }

  #goOut(entry: ENTRY): void {
    if (entry.isOut) return
    entry.isOut = true
    this.#goneCount++
    this.#output.record(entry)
  }

  #compact(): void {
    this.#entries = this.#entries
      .slice(this.#head)
      .filter((entry) => entry.kind !== 'record' || !entry.isOut)
    this.#head = 0
    this.#goneCount = 0
  }
}

/** Below so many gone entries, moving the others does not pay. */
const COMPACT_MIN = 64
